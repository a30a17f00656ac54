"""Cells of a pair hold the means of its pixels, and the noise around each is told from what is no structure."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.backends import get_backend
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.grids import MANY, MOST, Grid, find_grid, local_noise, usual

NUMPY = get_backend("numpy")


def pair_of(shape: tuple[int, int], ignored: tuple[slice, slice] | None = None) -> RegisteredPair:
    rng = np.random.default_rng(shape[0])
    one, other = (rng.integers(0, 256, (*shape, 3), dtype=np.uint8) for _ in range(2))
    mask = None if ignored is None else np.zeros(shape, bool)
    if mask is not None:
        mask[ignored] = True
    valid = np.ones(shape, bool) if mask is None else ~mask
    valid[:, :5] = False
    return RegisteredPair(one, other, valid, NUMPY.absdiff(one, other), mask)


@pytest.mark.parametrize(("shape", "cell"), [((60, 91), 2), ((500, 900), 3)])
def test_cells_of_small_pictures_hold_the_means_of_all_pixels(shape: tuple[int, int], cell: int) -> None:
    pair = pair_of(shape)
    grid = find_grid(pair, NUMPY)
    rows, columns = (side // cell for side in shape)
    assert grid.cell == cell
    assert grid.inside.size <= MANY
    for found, picture in ((grid.reference, pair.reference), (grid.candidate, pair.candidate)):
        whole = picture[: rows * cell, : columns * cell].astype(float).reshape(rows, cell, columns, cell, 3)
        # three channels and the cells are added up in single precision: 2e-5 of 255 levels at the most
        np.testing.assert_allclose(found, whole.mean(axis=(1, 3, 4)), atol=5e-3)
    assert not grid.inside[:, : -(-5 // cell)].any()
    assert grid.inside[:, -(-5 // cell) :].all()


def test_cells_of_large_pictures_are_known_or_twice_as_large() -> None:
    valid = np.ones((2700, 3000), bool)
    grey = np.zeros((*valid.shape, 1), np.uint8)
    grid = find_grid(RegisteredPair(grey, grey, valid, grey[..., 0]), NUMPY)
    assert grid.cell == 8
    assert MANY < grid.inside.size <= MOST


def test_ignored_pixels_are_outside() -> None:
    grid = find_grid(pair_of((60, 90), (slice(20, 31), slice(40, 50))), NUMPY)
    outside = np.zeros((30, 45), bool)
    outside[:, :3] = outside[10:16, 20:25] = True
    np.testing.assert_array_equal(grid.inside, ~outside)


def test_half_a_grid_holds_the_means_of_four_cells_that_are_all_inside() -> None:
    levels = np.arange(35, dtype=np.float32).reshape(5, 7)
    inside = np.ones((5, 7), bool)
    inside[1, 4] = inside[4, 0] = False
    half = Grid(3, levels, 2 * levels, inside).halved()
    assert half.cell == 6
    np.testing.assert_array_equal(half.reference, [[4, 6, 8], [18, 20, 22]])
    np.testing.assert_array_equal(half.change, half.reference)
    np.testing.assert_array_equal(half.inside, [[True, True, False], [True, True, True]])


def test_the_noise_of_a_place_is_that_around_it() -> None:
    rows, columns = np.mgrid[:120, :160].astype(np.float32)
    deviation = np.where(columns < 80, 1.0, 4.0)
    change = (0.3 * rows + deviation * np.random.default_rng(4).normal(size=rows.shape)).astype(np.float32)
    noise = local_noise(change, np.ones(change.shape, bool), 33)
    # of a square of 1089 cells, whose details share their noise, the standard error is some 4 %
    np.testing.assert_allclose(noise[20:100, 20:60], 1.0, rtol=0.2)
    np.testing.assert_allclose(noise[20:100, 100:140], 4.0, rtol=0.2)


def test_equal_cells_have_the_least_noise_and_no_cells_have_none() -> None:
    assert np.all(local_noise(np.zeros((40, 40), np.float32), np.ones((40, 40), bool), 9, 0.25) == 0.25)
    assert usual(np.zeros(0)) == 0
