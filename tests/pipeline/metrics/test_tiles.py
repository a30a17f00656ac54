"""Tiles against NumPy: reshaped pictures, corrcoef, and SciPy's cosine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.spatial import distance
from skimage import data, transform

import diffspot
from diffspot.pipeline.metrics.tiles import Tiles

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

SIDE = 4
ROUNDING = 1e-7
"""Scores are float32 in [0, 1]: half a step is 3e-8, and the cosine in float64 is off by far less."""


def tiles_of(picture: NDArray[Any]) -> NDArray[np.float64]:
    """The tiles of a picture (H, W, C) as vectors, (rows, columns, SIDE * SIDE * C)."""
    height, width, channels = picture.shape
    blocks = picture.astype(np.float64).reshape(height // SIDE, SIDE, width // SIDE, SIDE, channels)
    return blocks.swapaxes(1, 2).reshape(height // SIDE, width // SIDE, -1)


def cosine(reference: NDArray[Any], candidate: NDArray[Any]) -> NDArray[np.float64]:
    x, y = tiles_of(reference), tiles_of(candidate)
    dot: NDArray[np.float64] = (x * y).sum(axis=2)
    return dot / np.sqrt((x * x).sum(axis=2) * (y * y).sum(axis=2))


@pytest.fixture(scope="module")
def pair() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A drawn pair of 360 x 416 px in RGBA, opaque, with changes of several kinds, some of them in black."""
    reference = np.full((416, 360, 4), 255, np.uint8)
    reference[..., :3] = np.rint(255 * transform.resize(data.astronaut(), (416, 360)))
    reference[300:, :120, :3] = 0
    candidate = reference.copy()
    candidate[50:71, 100:131, :3] = candidate[50:71, 100:131, 2::-1]
    candidate[200:230, 200:260, :3] = 255 - candidate[200:230, 200:260, :3]
    candidate[320:330, 20:40, :3] = 200
    candidate[350:380, 20:40, :3] = 6
    return reference, candidate


def test_the_set_of_tiles_below_a_coefficient_is_that_of_numpy(pair: tuple[NDArray[Any], NDArray[Any]]) -> None:
    below = cosine(*pair) < 0.8
    assert below.shape == (104, 90)
    assert 40 < below.sum() < 400
    result = diffspot.compare(
        *pair, metric="tiles", threshold=0.2, tolerance=0, blur=0, align="none", normalize="none", join=0, min_area=1
    )
    found = np.zeros_like(below)
    for region in result.regions:
        x, y, width, height = region.bbox
        assert not any(side % SIDE for side in region.bbox)
        inside = below[y // SIDE : (y + height) // SIDE, x // SIDE : (x + width) // SIDE]
        assert region.area == SIDE**2 * inside.sum()
        found[y // SIDE : (y + height) // SIDE, x // SIDE : (x + width) // SIDE] = inside
    np.testing.assert_array_equal(found, below)


def test_every_coefficient_is_that_of_numpy(backend: Backend, pair: tuple[NDArray[Any], NDArray[Any]]) -> None:
    expected = np.kron(1 - cosine(*pair), np.ones((SIDE, SIDE)))
    for channels in (3, 4):  # without alpha they are opaque
        r, c = (backend.from_host(np.ascontiguousarray(picture[..., :channels])) for picture in pair)
        found = backend.to_host(Tiles().distance(r, c, backend))
        np.testing.assert_allclose(found, expected, atol=ROUNDING, rtol=0)


def test_it_is_the_cosine_of_scipy_and_grey_is_as_in_rgb(backend: Backend) -> None:
    rng = np.random.default_rng(1)
    planes = [rng.integers(0, 256, (8, 8, 1), dtype=np.uint8) for _ in range(2)]
    found = backend.to_host(Tiles(tile=8).distance(*(backend.from_host(plane) for plane in planes), backend))
    vectors = [np.concatenate([*[plane] * 3, np.full_like(plane, 255)], axis=2).ravel() / 255 for plane in planes]
    assert found[0, 0] == pytest.approx(distance.cosine(*vectors), abs=ROUNDING)
    assert found.min() == found.max()


def test_pearson_is_that_of_numpy_cut_tiles_included(backend: Backend) -> None:
    rng = np.random.default_rng(2)
    reference, candidate = (rng.integers(0, 256, (10, 7, 3), dtype=np.uint8) for _ in range(2))
    r, c = backend.from_host(reference), backend.from_host(candidate)
    found = backend.to_host(Tiles(4, "pearson").distance(r, c, backend))
    for top in range(0, 10, 4):
        for left in range(0, 7, 4):
            place = np.s_[top : top + 4, left : left + 4]
            expected = np.corrcoef(reference[place].ravel(), candidate[place].ravel())[0, 1]
            np.testing.assert_allclose(found[place], (1 - expected) / 2, atol=ROUNDING, rtol=0)


@pytest.mark.parametrize("how", ["cosine", "pearson"])
def test_black_tiles(backend: Backend, how: str) -> None:
    reference = np.zeros((8, 8, 3), np.uint8)
    candidate = reference.copy()
    candidate[:4, :4] = 1
    r, c = backend.from_host(reference), backend.from_host(candidate)
    found = backend.to_host(Tiles(4, how).distance(r, c, backend))
    assert found[4:].max() == found[:, 4:].max() == 0
    # A level of noise is next to nothing to the cosine; r has no meaning, and the tiles are not equal.
    assert found[0, 0] == (pytest.approx(2.3e-5, rel=0.01) if how == "cosine" else 1)


def test_what_alpha_hides_in_both_is_the_same(backend: Backend) -> None:
    hidden = np.zeros((4, 8, 4), np.uint8)
    shown = hidden.copy()
    shown[:, 4:] = 255
    found = backend.to_host(Tiles().distance(backend.from_host(hidden), backend.from_host(shown), backend))
    assert found[:, :4].max() == 0
    assert found[:, 4:].min() == 1
