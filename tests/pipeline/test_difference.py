"""Windows do not show: scoring only what differs gives what scoring the whole does, to the last bit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest

from diffspot.backends import get_backend
from diffspot.pipeline.difference import blurred_difference, score
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.parameters import Limits, Parameters
from diffspot.pipeline.segmentation import Morphology
from diffspot.pipeline.tolerance import residual
from diffspot.pipeline.windows import find_windows
from tests.backends.whole import WholeBackend
from tests.pipeline.metrics.asked import ASKED
from tests.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

    Picture = NDArray[Any]

LOCAL = [name for name, metric in ASKED.items() if math.isfinite(metric.reach)]
"""The others always work on the whole."""
EDGE_NOISE = 0.1
SIGMAS = (0, 1, 2.5)
STEPS = ((0, 0), (0, 2), (1, 0.5), (1, 1), (2.5, 0))
"""Blur and tolerance, px: each at 0, and all together."""
NUMPY, WHOLE = get_backend("numpy"), WholeBackend()


def drawn(shape: tuple[int, ...], kind: type, rng: np.random.Generator) -> Picture:
    """Levels of every kind of slope: noise that gets coarser from left to right, over a ramp."""
    fine = rng.integers(0, 256, shape) * np.linspace(0.05, 1, shape[1])[:, None]
    ramp = np.linspace(0, 255, shape[0])[:, None, None]
    levels = np.clip(fine * 0.6 + ramp * 0.4, 0, 255)
    return np.rint(levels).astype(np.uint8) if kind is np.uint8 else levels.astype(np.float32)


def scattered(picture: Picture, rng: np.random.Generator) -> Picture:
    height, width = picture.shape[:2]
    other = picture.copy()
    for _ in range(4):
        y, x = rng.integers(height), rng.integers(width)
        other[y : y + 5, x : x + 7] = 255 - other[y : y + 5, x : x + 7]
    return other


def at_the_edges(picture: Picture, rng: np.random.Generator) -> Picture:
    height, width = picture.shape[:2]
    other = picture.copy()
    for y in (0, int(rng.integers(height)), height - 1):
        for x in (0, int(rng.integers(width)), width - 1):
            if y in (0, height - 1) or x in (0, width - 1):
                other[y, x] = 255 - other[y, x]
    return other


def everywhere(picture: Picture, rng: np.random.Generator) -> Picture:
    noisy = np.clip(picture + rng.normal(0, 4, picture.shape), 0, 255)
    return np.rint(noisy).astype(np.uint8) if picture.dtype == np.uint8 else noisy.astype(np.float32)


CHANGES = (scattered, at_the_edges, everywhere)


class Scored(NamedTuple):
    """What comes of two pictures, (H, W) each."""

    plain: Picture
    scores: NDArray[np.float32]


def scored(
    backend: Backend,
    pair: tuple[Picture, Picture],
    valid: NDArray[np.bool_],
    metric: str,
    where: NDArray[np.bool_] | None = None,
    *,
    sigma: float,
    tolerance: float,
    least: float = 0.5,
) -> Scored:
    """The difference and, where that is not 0 or else where it is asked for, the scores."""
    together = RegisteredPair(*pair, backend.from_host(valid), backend.absdiff(*pair))
    plain = blurred_difference(together, backend, sigma=sigma)
    there = backend.xp.logical_and(plain > 0 if where is None else backend.from_host(where), together.valid)
    parameters = Parameters(sigma, tolerance, ASKED[metric], Morphology(0, 1, 1, 1), 0, None, fixed=False, crisp=False)
    scores = score(together, there, backend, parameters, Limits(0, 0, least, EDGE_NOISE, 0))
    return Scored(backend.to_host(plain), backend.to_host(scores))


def assert_equal_bits(pair: tuple[Picture, Picture], valid: NDArray[np.bool_], metric: str) -> None:
    for sigma, tolerance in STEPS:
        how = {"sigma": sigma, "tolerance": tolerance}
        found, expected = (scored(backend, pair, valid, metric, **how) for backend in (NUMPY, WHOLE))
        assert found.scores.dtype == np.float32
        assert found.plain.dtype == pair[0].dtype
        for name, one, other in zip(Scored._fields, found, expected, strict=True):
            np.testing.assert_array_equal(one, other, err_msg=f"{name}, {how}")


@pytest.mark.parametrize("metric", LOCAL)
@pytest.mark.parametrize("change", sweep(CHANGES))
@pytest.mark.parametrize(
    ("shape", "kind"),
    [
        ((333, 517, 1), np.float32),
        ((333, 517, 3), np.uint8),
        pytest.param((130, 1281, 3), np.float32, marks=pytest.mark.slow),
        pytest.param((200, 1281, 4), np.uint8, marks=pytest.mark.slow),
    ],
    ids=str,
)
def test_windows_give_what_the_whole_gives(
    shape: tuple[int, int, int],
    kind: type,
    change: Callable[[Picture, np.random.Generator], Picture],
    metric: str,
    rng: np.random.Generator,
) -> None:
    reference = drawn(shape, kind, rng)
    assert_equal_bits((reference, change(reference, rng)), np.ones(shape[:2], bool), metric)


@pytest.mark.parametrize("metric", LOCAL)
@pytest.mark.parametrize("kind", [np.uint8, pytest.param(np.float32, marks=pytest.mark.slow)])
@pytest.mark.parametrize("shape", sweep([(1, 1), (1, 300), (300, 1), (5, 70), (64, 64), (65, 129)]), ids=str)
def test_windows_of_small_pictures(shape: tuple[int, int], kind: type, metric: str, rng: np.random.Generator) -> None:
    for channels in (1, 3, 4):
        reference = drawn((*shape, channels), kind, rng)
        for change in CHANGES:
            assert_equal_bits((reference, change(reference, rng)), np.ones(shape, bool), metric)


@pytest.mark.slow
@pytest.mark.parametrize("metric", LOCAL)
@pytest.mark.parametrize("change", CHANGES)
def test_windows_where_not_all_is_valid(
    change: Callable[[Picture, np.random.Generator], Picture], metric: str, rng: np.random.Generator
) -> None:
    reference = drawn((333, 517, 3), np.uint8, rng)
    valid = rng.random((333, 517)) < 0.8
    valid[:40], valid[:, 450:], valid[100:230, 200:300] = False, False, False
    candidate = np.where(valid[..., None], change(reference, rng), reference)
    assert_equal_bits((reference, candidate), valid, metric)
    for sigma in SIGMAS:
        found = scored(NUMPY, (reference, candidate), valid, metric, sigma=sigma, tolerance=0)
        for plane in found:
            assert plane[~valid].max() == 0
            assert plane[valid].max() > 0


@pytest.mark.slow
@pytest.mark.parametrize("metric", LOCAL)
@pytest.mark.parametrize("tolerance", [0, 1.5])
@pytest.mark.parametrize(("sigma", "least"), [(0, 0), (0, 20), (1.5, 0.5)])
def test_it_is_blur_tolerance_and_metric_in_turn(
    backend: Backend, sigma: float, tolerance: float, metric: str, least: float
) -> None:
    rng = np.random.default_rng(8)
    reference = drawn((150, 220, 3), np.uint8, rng)
    candidate = scattered(reference, rng)
    valid = rng.random((150, 220)) < 0.9
    candidate[~valid] = reference[~valid]
    pair = backend.from_host(reference), backend.from_host(candidate)
    found = scored(backend, pair, valid, metric, sigma=sigma, tolerance=tolerance, least=least)
    r, c = (backend.gaussian_blur(picture, sigma) for picture in pair)
    left = residual(r, c, tolerance, EDGE_NOISE, backend)
    told = backend.to_host(left) >= least
    assert (least == 20) == (valid & ~told & (backend.to_host(left) > 5)).any()
    expected = backend.to_host(ASKED[metric].score(r, c, left, backend)) * (valid & told)
    np.testing.assert_array_equal(found.scores, expected)
    np.testing.assert_array_equal(found.plain, backend.to_host(backend.absdiff(r, c)) * valid)
    assert found.scores.max() > 0


@pytest.mark.parametrize("metric", LOCAL)
@pytest.mark.parametrize("sigma", [0, 1.5])
def test_scores_are_the_same_wherever_else_they_are_asked_for(metric: str, sigma: float) -> None:
    rng = np.random.default_rng(9)
    reference = drawn((200, 333, 3), np.uint8, rng)
    pair, valid = (reference, everywhere(reference, rng)), rng.random((200, 333)) < 0.9
    every = scored(NUMPY, pair, valid, metric, sigma=sigma, tolerance=1)
    for where in (rng.random((200, 333)) < 0.001, np.arange(333) < np.full((200, 1), 40), np.zeros((200, 333), bool)):
        found = scored(NUMPY, pair, valid, metric, where, sigma=sigma, tolerance=1)
        np.testing.assert_array_equal(found.scores, every.scores * where)
        np.testing.assert_array_equal(found.plain, every.plain)


@pytest.mark.parametrize("metric", LOCAL)
def test_equal_pictures_score_exactly_zero(backend: Backend, metric: str, rng: np.random.Generator) -> None:
    picture = backend.from_host(drawn((100, 140, 3), np.uint8, rng))
    found = scored(backend, (picture, picture.copy()), np.ones((100, 140), bool), metric, sigma=1, tolerance=1)
    for plane in found:
        assert plane.max() == 0


def test_these_pictures_have_several_windows(rng: np.random.Generator) -> None:
    for shape in ((333, 517, 3), (200, 1281, 3)):
        reference = drawn(shape, np.uint8, rng)
        for change in (scattered, at_the_edges):
            differs = NUMPY.absdiff(reference, change(reference, rng))
            windows = find_windows(differs, NUMPY, spread=3, reach=5)
            assert len(windows) > 1
            assert sum(differs[window.source].size for window in windows) < 1.3 * differs.size


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
@pytest.mark.parametrize("sigma", [1, 2.5])
def test_differences_from_the_least_on_are_those_of_the_whole(sigma: float, kind: type) -> None:
    rng = np.random.default_rng(4)
    scene = drawn((300, 400, 3), np.float32, rng)
    one, other = (np.clip(scene + rng.normal(0, 6, scene.shape), 0, 255) for _ in range(2))
    other[100:130, 200:260] += 40
    pair = [
        np.rint(side).astype(kind) if kind is np.uint8 else side.astype(kind) for side in (one, np.clip(other, 0, 255))
    ]
    valid = rng.random(scene.shape[:2]) < 0.99
    together = RegisteredPair(*pair, valid, NUMPY.absdiff(*pair))
    whole = blurred_difference(together, NUMPY, sigma=sigma)
    for least in (1, 1.5, 2, 5, 11, 30):
        found = blurred_difference(together, NUMPY, sigma=sigma, least=least)
        kept = whole >= least
        assert kept.any()
        np.testing.assert_array_equal(found[kept], whole[kept])
        assert (found[~kept] < least).all()
    assert np.count_nonzero(found) < np.count_nonzero(whole) / 2


@pytest.mark.parametrize("shape", [(300, 400), (131, 77), (16, 33), (5, 5)])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_differences_that_an_opening_leaves_are_those_of_the_whole(shape: tuple[int, int], channels: int) -> None:
    """Where few squares hold any and where most do, and at the edges, beyond which a blur mirrors the picture."""
    rng, shares = np.random.default_rng(6), set()
    for deviation in (2, 6):
        one, other = (np.clip(rng.normal(120, deviation, (*shape, channels)), 0, 255).astype(np.uint8) for _ in "ab")
        for y, x in ((0, 0), (shape[0] - 3, shape[1] - 3), (shape[0] // 2, 0)):
            other[y : y + 9, x : x + 9] = 160
        valid = rng.random(shape) < 0.999
        together = RegisteredPair(one, other, valid, NUMPY.absdiff(one, other))
        whole, least = blurred_difference(together, NUMPY, sigma=1), 7
        found = blurred_difference(together, NUMPY, sigma=1, least=least, opening=3)
        opened = NUMPY.dilate(NUMPY.erode(whole >= least, 3), 3)
        assert opened.any()
        np.testing.assert_array_equal(NUMPY.dilate(NUMPY.erode(found >= least, 3), 3), opened)
        np.testing.assert_array_equal(found[opened], whole[opened])
        shares.add(bool((found == 0).mean() > 0.5))
    assert len(shares) == 2 or min(shape) < 100
