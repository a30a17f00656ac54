"""Scores that cannot decide anything are not worked out, and nothing else comes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline import compare as pipeline
from diffspot.pipeline.difference import score
from diffspot.pipeline.segmentation import REACH, Morphology, active_pixels, growth, make_mask
from tests.edits import KINDS, edited, in_kind, sheet

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot import PairResult
    from diffspot.backends.interface import Backend

NUMPY = get_backend("numpy")
METRICS = ("absdiff", "ssim")
SIZES = st.sampled_from([1, 3, 5, 7])
MORPHOLOGIES = st.builds(Morphology, st.integers(0, 3), SIZES, SIZES, SIZES)
OPTIONS: list[dict[str, Any]] = [
    {},
    {"opening": 1},
    {"opening": 5},
    {"opening": 7, "closing": 9},
    {"closing": 31},
    {"dilation": 15},
    {"opening": 3, "closing": 7, "dilation": 5, "join": 0},
    {"tolerance": 0},
    {"tolerance": 2.5},
    {"tolerance": 6, "opening": 3},
    {"blur": 1.5},
    {"blur": 0.8, "tolerance": 1, "opening": 3, "closing": 5},
    {"ignore": [(0, 0, 500, 300)]},
]


def assert_few_scores_decide(
    monkeypatch: pytest.MonkeyPatch,
    reference: NDArray[Any],
    candidate: NDArray[Any],
    **options: Any,  # noqa: ANN401
) -> tuple[PairResult, int]:
    """Compares with few scores and with all of them; returns the result, and how many were spared."""
    counts = []
    for where in (active_pixels, lambda possible, *_: np.ones_like(possible)):
        given: list[int] = []

        def scored(*planes: Any, given: list[int] = given, **how: Any) -> NDArray[np.float32]:  # noqa: ANN401
            scores = score(*planes, **how)
            given.append(np.count_nonzero(scores))
            return scores

        monkeypatch.setattr(pipeline, "score", scored)
        monkeypatch.setattr(pipeline, "active_pixels", where)
        counts.append((compare(reference, candidate, align="none", **options), sum(given)))
    (found, few), (expected, many) = counts
    assert found == expected
    assert found.status == "different"
    return found, many - few


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_regions_are_those_of_scores_everywhere(
    options: dict[str, Any], metric: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for seed in (20, 21, 22):
        _, spared = assert_few_scores_decide(monkeypatch, sheet(), edited(seed), metric=metric, **options)
        assert spared >= 0


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("options", [{}, OPTIONS[6], OPTIONS[11]], ids=str)
@pytest.mark.parametrize("kind", KINDS[1:])
def test_of_every_kind(kind: str, options: dict[str, Any], metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = in_kind(sheet(), kind), in_kind(edited(23), kind)
    assert_few_scores_decide(monkeypatch, *pair, metric=metric, **options)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("options", [{}, {"opening": 5, "closing": 7}, {"tolerance": 2, "dilation": 7}], ids=str)
def test_of_noise_all_over(options: dict[str, Any], metric: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(6)
    noisy = [picture + rng.normal(0, 5, sheet().shape) for picture in (sheet(), edited())]
    pair = [np.clip(picture, 0, 255).astype(np.uint8) for picture in noisy]
    _, spared = assert_few_scores_decide(monkeypatch, *pair, metric=metric, **options)
    assert spared > 0


@pytest.mark.parametrize("tolerance", [0, 1, 2])
@pytest.mark.parametrize("opening", [1, 3])
@pytest.mark.parametrize(("closing", "dilation"), [(1, 1), (5, 1), (1, 5), (7, 3)])
def test_what_lies_outside_does_not_change_the_mask(
    backend: Backend, closing: int, dilation: int, opening: int, tolerance: int
) -> None:
    morphology = Morphology(tolerance, opening, closing, dilation)
    rng, threshold = np.random.default_rng(3), 0.2
    for share in (0.002, 0.05, 0.4):
        plain = rng.integers(0, 256, (70, 90)).astype(np.uint8) * (rng.random((70, 90)) < share)
        scores = backend.from_host(np.asarray(plain * rng.random((70, 90)) / 255, np.float32))
        where, levels = (
            active_pixels(backend.from_host(plain > 255 * threshold), backend, morphology),
            backend.from_host(plain),
        )
        masks = [make_mask(one, levels, threshold, backend, morphology) for one in (scores, scores * where)]
        every, found = (backend.to_host(mask) for mask in masks)
        np.testing.assert_array_equal(found, every)
        assert not (every & ~backend.to_host(where)).any()


@settings(derandomize=True, deadline=None, max_examples=200)
@given(seed=st.integers(0, 10_000), morphology=MORPHOLOGIES, share=st.sampled_from([0.02, 0.3, 0.7, 0.95]))
def test_a_mask_and_its_scores_are_those_of_all_scores(seed: int, morphology: Morphology, share: float) -> None:
    """Whatever the scores of possible pixels are, and whatever the plain difference."""
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 60, 2).tolist())
    possible = rng.random(shape) < share
    possible[rng.integers(shape[0]) :, rng.integers(shape[1]) :] &= rng.random() < share  # type: ignore[misc]
    scores = (rng.random(shape) * possible).astype(np.float32)
    plain = (rng.integers(0, 256, shape) * (rng.random(shape) < 0.5)).astype(np.uint8)
    decided = scores * active_pixels(possible, NUMPY, morphology)
    for threshold in (0.0, 0.1, 0.5):
        mask, expected = (make_mask(one, plain, threshold, NUMPY, morphology) for one in (decided, scores))
        np.testing.assert_array_equal(mask, expected)
        np.testing.assert_array_equal(decided[mask], scores[mask])


def test_what_a_mask_can_grow_to_is_decided_and_no_more(backend: Backend) -> None:
    morphology = Morphology(tolerance=2, opening=3, closing=5, dilation=7)
    assert growth(morphology) == REACH + 2 + 2 + 3
    possible = np.zeros((60, 80), bool)
    possible[30:33, 40:43] = True  # just survives the opening
    possible[5, 5], possible[50:52, 10:70] = True, True  # too thin
    expected = np.zeros((60, 80), bool)
    expected[30 - 11 : 33 + 11, 40 - 11 : 43 + 11] = True
    assert np.array_equal(backend.to_host(active_pixels(backend.from_host(possible), backend, morphology)), expected)
