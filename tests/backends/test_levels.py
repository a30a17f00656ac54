"""Primitives that work on grey levels, of every backend against the reference body."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from diffspot.backends.interface import Backend
from tests.backends.sweep import CHANNELS, SIZES, levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Levels = NDArray[Any]

LUMINANCE_TOLERANCE = 2e-4
"""Three products and two sums below 256 in float32, each off by 256 * 6e-8 at most, on both sides."""
SUM_TOLERANCE = 2e-6
"""Share of the largest sum, 255 (2 r + 1)^2: some thirty float32 roundings of 6e-8, of running sums that do not
exceed it."""


def both(fast: Backend, name: str, *arguments: Any) -> tuple[Levels, Levels]:  # noqa: ANN401 - whatever it takes
    """What the primitive of that name gives: the fast one, and the reference."""
    here = (fast.from_host(one) if isinstance(one, np.ndarray) else one for one in arguments)
    found, expected = fast.to_host(getattr(fast, name)(*here)), getattr(Backend(), name)(*arguments)
    assert found.shape == expected.shape
    assert found.dtype == expected.dtype
    return found, expected


def reversed_levels(image: Levels) -> Levels:
    """Another picture of the same size, whose differences reach both ends of the range."""
    return np.ascontiguousarray(255 - image[::-1])


def test_difference(fast: Backend) -> None:
    for one in levels():
        for pair in ((one, reversed_levels(one)), (reversed_levels(one), one)):
            found, expected = both(fast, "difference", *pair)
            assert found.dtype == (np.int16 if one.dtype == np.uint8 else np.float32)
            np.testing.assert_array_equal(found, expected)


def test_difference_does_not_wrap(backend: Backend) -> None:
    pictures = np.array([[[[0], [255], [9]]], [[[255], [0], [9]]]], np.uint8)
    found = backend.to_host(backend.difference(*map(backend.from_host, pictures)))
    assert found.ravel().tolist() == [-255, 255, 0]


@pytest.mark.parametrize("radius", [0, 1, 3])
def test_box_sum(fast: Backend, radius: int) -> None:
    for one in levels():
        signed = Backend().difference(one, reversed_levels(one))
        found, expected = both(fast, "box_sum", signed, radius)
        assert found.dtype == signed.dtype
        largest = 255 * (2 * radius + 1) ** 2
        most = 0 if signed.dtype == np.int16 else SUM_TOLERANCE * largest
        np.testing.assert_allclose(found, expected, atol=most, rtol=0)


@pytest.mark.parametrize("kind", [np.int16, np.float32])
def test_box_sum_counts_the_edge_as_repeated(backend: Backend, kind: type) -> None:
    image = np.array([[[1], [10], [100]]], kind)
    assert backend.to_host(backend.box_sum(backend.from_host(image), 1)).ravel().tolist() == [36, 333, 630]


def test_luminance(fast: Backend) -> None:
    for image in levels():
        found, expected = both(fast, "luminance", image)
        assert found.dtype == image.dtype
        most = 0 if image.dtype == np.uint8 else LUMINANCE_TOLERANCE
        np.testing.assert_allclose(found.astype(float), expected, atol=most, rtol=0)


@pytest.mark.parametrize(
    ("pixel", "brightness"),
    [((37,), 37), ((37, 200), 37), ((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29), ((0, 0, 255, 90), 29)],
)
def test_luminance_of_known_colours(backend: Backend, pixel: tuple[int, ...], brightness: int) -> None:
    image = np.broadcast_to(np.array(pixel, np.uint8), (5, 40, len(pixel))).copy()
    assert np.unique(backend.to_host(backend.luminance(backend.from_host(image)))).tolist() == [brightness]


@pytest.mark.parametrize("sigma", [0.0, 0.3, 0.8, 1.0, 1.5, 4.7, 20.0])
def test_blur_of_bytes_is_the_same_to_the_bit(fast: Backend, sigma: float, rng: np.random.Generator) -> None:
    for shape in SIZES:
        for channels in CHANNELS:
            image = rng.integers(0, 256, (*shape, channels), dtype=np.uint8)
            np.testing.assert_array_equal(*both(fast, "gaussian_blur", image, sigma))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_select(fast: Backend, share: float, rng: np.random.Generator) -> None:
    for one in levels():
        mask = rng.random(one.shape[:2]) < share
        found, expected = both(fast, "select", mask, one, reversed_levels(one))
        np.testing.assert_array_equal(found, expected)


def test_select_takes_the_one_where_the_mask_is_set(backend: Backend) -> None:
    one, other = np.full((2, 1, 3, 2), [[[[1, 2]]], [[[8, 9]]]], np.uint8)
    mask = np.array([[True, False, True]])
    found = backend.to_host(backend.select(*map(backend.from_host, (mask, one, other))))
    assert found.tolist() == [[[1, 2], [8, 9], [1, 2]]]


def test_look_up(fast: Backend, rng: np.random.Generator) -> None:
    for image in levels():
        if image.dtype == np.uint8:
            table = rng.integers(0, 256, (256, image.shape[2]), np.uint8)
            found, expected = both(fast, "look_up", image, table)
            np.testing.assert_array_equal(found, expected)
            for channel in range(image.shape[2]):
                np.testing.assert_array_equal(found[..., channel], table[:, channel][image[..., channel]])


@pytest.mark.parametrize("shape", [(7, 9), (8, 12), (41, 30)])
def test_whole_cells_and_their_means(backend: Backend, shape: tuple[int, int], rng: np.random.Generator) -> None:
    size, (height, width) = 4, (side // 4 for side in shape)
    image, mask = rng.integers(0, 256, (*shape, 3), np.uint8), rng.random(shape) < 0.98
    cells = [(slice(size * y, size * y + size), slice(size * x, size * x + size)) for y, x in np.ndindex(height, width)]
    whole = backend.to_host(backend.whole_cells(backend.from_host(mask), size))
    assert whole.ravel().tolist() == [bool(mask[cell].all()) for cell in cells]
    rows, columns = (backend.from_host(places.ravel()) for places in np.indices((height, width)))
    means = backend.to_host(backend.cell_mean(backend.from_host(image), size, rows, columns))
    np.testing.assert_array_equal(means, [image[cell].mean(axis=(0, 1), dtype=np.float64) for cell in cells])
    for kind in (np.uint8, np.float32):
        grid = backend.to_host(backend.grid_mean(backend.from_host(image.astype(kind)), size))
        np.testing.assert_array_equal(grid.reshape(-1, 3), means)
    shares = backend.to_host(backend.grid_mean(backend.from_host(mask[..., None]), size))
    assert shares.ravel().tolist() == [mask[cell].mean() for cell in cells]


def test_means_of_cells_of_which_some_px_are_looked_at(backend: Backend, rng: np.random.Generator) -> None:
    for height, width, size, every in ((40, 24, 8, 2), (15, 23, 8, 2), (14, 30, 8, 2), (6, 9, 8, 2), (31, 34, 6, 3)):
        image = rng.integers(0, 256, (height, width, 3), np.uint8)
        seen, side = image[::every, ::every].astype(np.float64), size // every
        rows, columns = (extent // side for extent in seen.shape[:2])
        cells = seen[: rows * side, : columns * side].reshape(rows, side, columns, side, 3)
        for kind in (np.uint8, np.float32):
            found = backend.to_host(backend.grid_mean(backend.from_host(image.astype(kind)), size, every))
            np.testing.assert_array_equal(found, cells.mean(axis=(1, 3)).astype(np.float32).reshape(rows, columns, 3))


def test_levels_that_reach_a_number(backend: Backend) -> None:
    levels = np.array([[0, 6, 7, 255]], np.uint8)
    for kind in (np.uint8, np.float32):
        for least in (-1.0, 0, 6.0, 6.01, 255, 255.5, 300):
            found = backend.to_host(backend.reaching(backend.from_host(levels.astype(kind)), least))
            assert found.tolist() == [[level >= least for level in (0, 6, 7, 255)]]


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_differences_of_levels(fast: Backend, kind: type, rng: np.random.Generator) -> None:
    for height, width in SIZES:
        for channels in (1, 3, 4):
            shape = (height, width, channels)
            x, low, high = (rng.integers(0, 256, shape).astype(kind) for _ in range(3))
            for name, arguments in (("absdiff", (x, low)), ("excess", (x, np.minimum(low, high), high))):
                found, expected = both(fast, name, *arguments)
                assert found.dtype == kind
                np.testing.assert_array_equal(found, expected)


def test_excess_is_how_far_a_pixel_lies_outside(backend: Backend) -> None:
    image = np.array([[[10], [50], [90]]], np.uint8)
    low, high = np.full_like(image, 40), np.full_like(image, 60)
    found = backend.to_host(backend.excess(*map(backend.from_host, (image, low, high))))
    assert found.tolist() == [[30, 0, 30]]


@pytest.mark.parametrize("radius", [0, 1, 3, 21])
@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_local_range_of_levels(fast: Backend, kind: type, radius: int, rng: np.random.Generator) -> None:
    for shape in SIZES:
        for channels in CHANNELS:
            image = rng.integers(0, 256, (*shape, channels)).astype(kind)
            np.testing.assert_array_equal(*both(fast, "local_range", image, radius))


@pytest.mark.parametrize("share", [0.25, 0.3, 0.5, 0.9])
def test_blend(fast: Backend, share: float) -> None:
    for image in levels():
        found, expected = both(fast, "blend", image, reversed_levels(image), share)
        most = 1 if image.dtype == np.uint8 else 1e-4
        np.testing.assert_allclose(found.astype(float), expected, atol=most, rtol=0)


@pytest.mark.parametrize("limit", [0, 0.5, 37, 254.5, 255, 300, math.inf])
@pytest.mark.parametrize("kind", [np.uint8, np.int16, np.float32])
def test_exceeding(backend: Backend, kind: type, limit: float) -> None:
    values = np.arange(256).astype(kind).reshape(16, 16)
    found = backend.to_host(backend.exceeding(backend.from_host(values), limit))
    np.testing.assert_array_equal(found, values.astype(np.float64) > limit)
