"""Every backend against the reference body, on the inputs where fast paths go wrong."""

from __future__ import annotations

import inspect
from importlib import import_module
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot.backends import BACKENDS
from diffspot.backends.cupy.cuda import MOST_ROWS
from diffspot.backends.interface import Backend
from diffspot.backends.resampling import covered, resample
from tests.backends.sweep import SIZES, levels, pictures

if TYPE_CHECKING:
    from diffspot.model import Matrix

BLUR_TOLERANCE = 2e-6
"""A blur sums at most 351 products of values in [0, 1] with weights that sum to 1: the rounding
error of float32 is below 6e-8 times the number of roundings that do not cancel, about 30."""

SSIM_TOLERANCE = 5e-4
"""The variances are differences of terms up to 0.25, each off by some 4 roundings of 6e-8 * 0.25; divided by
C2 = 9e-4 that is about 7e-5 in the worst place, and both sides may be off."""


WARP_TOLERANCE = 2e-4
"""OpenCV works out places up to 200 px in float32, off by some 2e-5 px; the kernel's slope is at
most 1.5 a px on either side, in two directions. A wrong kernel moves a step by more than 1e-2."""

MATRICES: dict[str, Matrix] = {
    "identity": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "whole pixels": ((1.0, 0.0, 3.0), (0.0, 1.0, -2.0), (0.0, 0.0, 1.0)),
    "sub-pixel": ((1.0, 0.0, 0.4), (0.0, 1.0, -0.7), (0.0, 0.0, 1.0)),
    "homography": ((1.02, 0.03, 1.5), (-0.02, 0.97, 2.2), (1e-4, -2e-4, 1.0)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(MATRICES))
def test_warp(fast: Backend, name: str) -> None:
    matrix = MATRICES[name]
    for picture in pictures():
        size = (picture.shape[1] + 2, max(1, picture.shape[0] - 3))
        expected, covered = Backend().warp(picture, matrix, size)
        moved, inside = (fast.to_host(x) for x in fast.warp(fast.from_host(picture), matrix, size))
        np.testing.assert_array_equal(inside, covered)
        np.testing.assert_allclose(moved, expected, atol=WARP_TOLERANCE, rtol=0)


def test_warp_by_whole_pixels_moves_and_does_not_touch(backend: Backend, rng: np.random.Generator) -> None:
    image = rng.random((20, 30, 3), dtype=np.float32)
    warped = backend.warp(backend.from_host(image), MATRICES["whole pixels"], (30, 20))
    moved, inside = (backend.to_host(x) for x in warped)
    np.testing.assert_array_equal(moved[:18, 3:], image[2:, :27])
    assert inside[:18, 3:].all()
    assert inside.sum() == 18 * 27


@pytest.mark.parametrize("sigma", [0.0, 0.4, 1.0, 1.5, 6.0])
def test_gaussian_blur(fast: Backend, sigma: float) -> None:
    for picture in pictures():
        expected = Backend().gaussian_blur(picture, sigma)
        found = fast.to_host(fast.gaussian_blur(fast.from_host(picture), sigma))
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, atol=BLUR_TOLERANCE, rtol=0)


@pytest.mark.parametrize("sides", [(1, 1), (3, 5), (11, 1), (7, 21)])
def test_correlate(fast: Backend, sides: tuple[int, int]) -> None:
    rng = np.random.default_rng(sides)
    down, across = (rng.normal(0, 1 / side, side).astype(np.float32) for side in sides)
    for picture in pictures():
        expected = Backend().correlate(picture, down, across)
        found = fast.to_host(fast.correlate(fast.from_host(picture), down, across))
        assert found.shape == expected.shape
        assert found.dtype == np.float32
        # Weights of either kernel sum to some 3 at most, so that 9 is the largest sum; a float32 has 24 bits.
        np.testing.assert_allclose(found, expected, atol=1e-5, rtol=0)


def test_correlate_repeats_the_edge_pixel_and_turns_no_kernel(backend: Backend) -> None:
    picture = np.array([[[1], [2], [4]], [[8], [16], [32]]], np.float32)
    shift = np.array([0, 0, 1], np.float32)
    found = backend.to_host(backend.correlate(backend.from_host(picture), np.ones(1, np.float32), shift))[..., 0]
    np.testing.assert_array_equal(found, [[2, 4, 4], [16, 32, 32]])
    found = backend.to_host(backend.correlate(backend.from_host(picture), shift, np.ones(1, np.float32)))[..., 0]
    np.testing.assert_array_equal(found, [[8, 16, 32], [8, 16, 32]])


def test_box_sums_of_whole_numbers_in_float64_are_exact(backend: Backend) -> None:
    rng = np.random.default_rng(1)
    picture = rng.integers(0, 65535**2, (40, 50, 2)).astype(np.float64)
    found = np.rint(backend.to_host(backend.box_sum(backend.from_host(picture), 3)))
    padded = np.pad(picture, ((3, 3), (3, 3), (0, 0)), mode="symmetric").astype(np.int64)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (7, 7), axis=(0, 1))
    np.testing.assert_array_equal(found, windows.sum(axis=(-2, -1)))


@pytest.mark.parametrize("radius", [0, 1, 2, 5])
def test_local_range(fast: Backend, radius: int) -> None:
    for picture in pictures():
        given = fast.from_host(picture)
        for name in ("local_minimum", "local_maximum"):
            expected = getattr(Backend(), name)(picture, radius)
            np.testing.assert_array_equal(fast.to_host(getattr(fast, name)(given, radius)), expected)


@pytest.mark.parametrize("name", ["local_minimum", "local_maximum"])
@pytest.mark.parametrize("kind", [np.uint8, np.bool_, np.float32])
def test_local_extremes(fast: Backend, name: str, kind: type, rng: np.random.Generator) -> None:
    shapes = ((1, 1, 1), (5, 9, 2), (9, 5, 1), (23, 40, 3), (40, 23, 4), (2, 70, 2), (3, 120, 1))
    for shape, radius in product(shapes, (0, 1, 4, 30)):
        image = rng.integers(0, 2 if kind is np.bool_ else 256, shape).astype(kind)
        found = fast.to_host(getattr(fast, name)(fast.from_host(image), radius))
        assert found.dtype == kind
        np.testing.assert_array_equal(found, getattr(Backend(), name)(image, radius))


def test_ssim(fast: Backend, rng: np.random.Generator) -> None:
    for one in levels():
        other = np.clip(one + rng.normal(0, 12, one.shape), 0, 255).astype(one.dtype)
        expected = Backend().ssim(one, other, 1.5)
        found = fast.to_host(fast.ssim(fast.from_host(one), fast.from_host(other), 1.5))
        assert found.shape == expected.shape == one.shape[:2]
        assert found.dtype == expected.dtype == np.float32
        np.testing.assert_allclose(found, expected, atol=SSIM_TOLERANCE, rtol=0)


@pytest.mark.parametrize("sigma", [0.4, 1.0, 2.5])
def test_ssim_of_other_windows(fast: Backend, sigma: float, rng: np.random.Generator) -> None:
    one, other = rng.integers(0, 256, (2, 40, 50, 3), dtype=np.uint8)
    found = fast.to_host(fast.ssim(fast.from_host(one), fast.from_host(other), sigma))
    np.testing.assert_allclose(found, Backend().ssim(one, other, sigma), atol=SSIM_TOLERANCE, rtol=0)


def test_ssim_of_identical_pictures_is_exactly_one(backend: Backend) -> None:
    for image in levels():
        given = backend.from_host(image)
        assert backend.to_host(backend.ssim(given, given.copy(), 1.5)).min() == 1.0


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_ssim_of_equal_windows_is_exactly_one(backend: Backend, channel: int, rng: np.random.Generator) -> None:
    """Also where a change lies as near as it can without being within them."""
    one = rng.integers(0, 256, (70, 70, 3), dtype=np.uint8)
    other = one.copy()
    other[33, 40, channel] ^= 255
    found = backend.to_host(backend.ssim(backend.from_host(one), backend.from_host(other), 1.5))
    differing = np.zeros(found.shape, bool)
    differing[33 - 5 : 33 + 6, 40 - 5 : 40 + 6] = True
    assert found[~differing].min() == 1.0
    assert found[differing].max() < 1.0


def test_more_rows_than_a_grid_has_blocks(fast: Backend, rng: np.random.Generator) -> None:
    image = rng.integers(0, 256, (MOST_ROWS + 9, 4, 1), dtype=np.uint8)
    found = fast.to_host(fast.local_maximum(fast.from_host(image), 1))
    np.testing.assert_array_equal(found, Backend().local_maximum(image, 1))


@pytest.mark.parametrize("size", [1, 3, 5, 9])
def test_morphology(fast: Backend, size: int, rng: np.random.Generator) -> None:
    for shape in SIZES:
        mask = rng.random(shape) < 0.3
        for name in ("dilate", "erode"):
            found = fast.to_host(getattr(fast, name)(fast.from_host(mask), size))
            np.testing.assert_array_equal(found, getattr(Backend(), name)(mask, size))


@pytest.mark.parametrize("shape", [(1, 1, 3), (3000, 4000, 3), (7, 9_000_000, 1), (0, 5, 1)], ids=str)
def test_strips_hold_every_row_once(backend: Backend, shape: tuple[int, ...]) -> None:
    rows = np.arange(shape[0])
    strips = [rows[strip] for strip in backend.strips(shape)]
    np.testing.assert_array_equal(np.concatenate([*strips, rows[:0]]), rows)


def test_dilation_of_one_pixel_is_a_square(backend: Backend) -> None:
    mask = np.zeros((7, 9), bool)
    mask[3, 4] = True
    grown = backend.to_host(backend.dilate(backend.from_host(mask), 3))
    assert grown.sum() == 9
    assert grown[2:5, 3:6].all()


def test_erosion_does_not_eat_the_edge(backend: Backend) -> None:
    assert backend.to_host(backend.erode(backend.from_host(np.ones((4, 5), bool)), 3)).all()


def test_block_maximum_takes_whole_blocks(backend: Backend) -> None:
    image = np.arange(5 * 7, dtype=np.uint8).reshape(5, 7)
    assert backend.to_host(backend.block_maximum(backend.from_host(image), 2)).tolist() == [[8, 10, 12], [22, 24, 26]]


def test_components(fast: Backend, rng: np.random.Generator) -> None:
    for shape in SIZES:
        mask, scores = rng.random(shape) < 0.4, rng.random(shape, dtype=np.float32)
        tables = []
        for one in (Backend(), fast):
            labels, count = one.label(one.from_host(mask), 0)
            table = one.components(labels, count, one.from_host(scores))
            np.testing.assert_array_equal(one.to_host(labels) > 0, mask)
            columns = np.column_stack([np.asarray(part, float) for part in table])
            tables.append(columns[np.lexsort(columns.T)])
        np.testing.assert_allclose(*tables, rtol=1e-6)


def test_components_of_a_known_mask(backend: Backend) -> None:
    mask, scores = np.zeros((6, 8), bool), np.zeros((6, 8), np.float32)
    mask[1, 1] = mask[2, 2] = True  # joined by a corner: one component
    mask[4:6, 5:8] = True
    scores[1, 1], scores[2, 2], scores[4:6, 5:8] = 0.25, 0.75, 0.5
    labels, count = backend.label(backend.from_host(mask), 0)
    table = backend.components(labels, count, backend.from_host(scores))
    order = np.argsort(table.boxes[:, 1])
    assert table.boxes[order].tolist() == [[1, 1, 2, 2], [5, 4, 3, 2]]
    assert table.areas[order].tolist() == [2, 6]
    assert table.peaks[order].tolist() == [0.75, 0.5]
    assert table.means[order].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("name", list(BACKENDS))
def test_overrides_keep_the_signature(name: str) -> None:
    """A backend has no public method of its own, and none that is called differently."""
    kind = getattr(import_module(f"diffspot.backends.{name}"), BACKENDS[name])
    overrides = [item for one in kind.mro()[: kind.mro().index(Backend)] for item in vars(one).items()]
    for method, override in overrides:
        if not callable(override) or method.startswith("_"):
            continue
        assert hasattr(Backend, method), method
        assert inspect.signature(override) == inspect.signature(getattr(Backend, method)), method


def test_what_a_warp_covers_is_worked_out_row_by_row(rng: np.random.Generator) -> None:
    told = 0
    for _ in range(300):
        shape = tuple(rng.integers(1, 40, 2).tolist())
        size = tuple(rng.integers(1, 40, 2).tolist())
        matrix = np.eye(3) + rng.normal(0, 1, (3, 3)) * [[0.5, 0.5, 9], [0.5, 0.5, 9], [0.01, 0.01, 0.05]]
        found = covered(shape, matrix.tolist(), size)
        if found is not None:
            told += 1
            np.testing.assert_array_equal(found, resample(np.zeros((*shape, 1)), matrix.tolist(), size, np)[1])
    assert told > 100


def test_the_horizon_of_a_warp_is_left_to_the_plain_way() -> None:
    assert covered((20, 20), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.1, 0.0, 1.0)), (30, 20)) is None
