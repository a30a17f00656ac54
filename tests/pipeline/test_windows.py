"""Windows hold all that can come out differently, and what that depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot.backends import get_backend
from diffspot.backends.interface import Backend
from diffspot.pipeline.windows import CELL, GAP, LARGEST, WHOLE, find_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.windows import Window

    Plane = NDArray[np.uint8]

NUMPY = get_backend("numpy")
SHAPES = [(1, 1), (1, 200), (63, 64), (65, 64), (129, 257), (333, 517), (200, 1281)]


def windows(differs: Plane, spread: int = 0, reach: int = 0) -> list[Window]:
    return find_windows(differs, NUMPY, spread=spread, reach=reach)


def covered(shape: tuple[int, ...], found: list[Window]) -> NDArray[np.bool_]:
    """(H, W) bool, in the target of any window."""
    inside = np.zeros(shape, bool)
    for window in found:
        inside[window.target] = True
    return inside


def around(differs: Plane, spread: int) -> NDArray[np.bool_]:
    """(H, W) bool, within `spread` px of what differs."""
    return np.asarray(Backend().dilate(differs > 0, 2 * spread + 1))


@st.composite
def differences(draw: st.DrawFn) -> Plane:
    """Pictures of 1 to 330 px a side with up to a dozen specks, or with many."""
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    shape = draw(st.integers(1, 330)), draw(st.integers(1, 330))
    plane = np.zeros(shape, np.uint8)
    for _ in range(draw(st.integers(0, 12))):
        plane[rng.integers(shape[0]), rng.integers(shape[1])] = rng.integers(1, 256)
    if draw(st.booleans()):
        plane[rng.random(shape) < draw(st.sampled_from([1e-4, 1e-3, 0.5]))] = 1
    return plane


@settings(derandomize=True, deadline=None, max_examples=60)
@given(differs=differences(), spread=st.integers(0, 12), reach=st.integers(0, 20))
def test_what_may_come_out_differently_lies_in_a_window(differs: Plane, spread: int, reach: int) -> None:
    found = windows(differs, spread, reach)
    assert not (around(differs, spread) & ~covered(differs.shape, found)).any()
    for window in found:
        assert differs[window.target].any()


@settings(derandomize=True, deadline=None, max_examples=60)
@given(differs=differences(), spread=st.integers(0, 12), reach=st.integers(0, 20))
def test_what_a_result_depends_on_lies_in_its_window(differs: Plane, spread: int, reach: int) -> None:
    for window in windows(differs, spread, reach):
        for source, target, crop, side in zip(*window, differs.shape, strict=True):
            assert 0 <= source.start <= target.start < target.stop <= source.stop <= side
            assert source.start == 0 or source.start <= target.start - reach
            assert source.stop == side or source.stop >= target.stop + reach
            assert (crop.start, crop.stop) == (target.start - source.start, target.stop - source.start)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(differs=differences(), spread=st.integers(0, 12), reach=st.integers(0, 20))
def test_columns_begin_and_end_at_whole_cells_or_the_edge(differs: Plane, spread: int, reach: int) -> None:
    for window in windows(differs, spread, reach):
        columns = window.source[1]
        assert columns.start % CELL == 0
        assert columns.stop % CELL == 0 or columns.stop == differs.shape[1]


def test_crop_is_the_target_relative_to_the_source(rng: np.random.Generator) -> None:
    differs = np.zeros((333, 517), np.uint8)
    differs[rng.integers(0, 333, 9), rng.integers(0, 517, 9)] = 1
    places = np.arange(333 * 517).reshape(333, 517)
    found = windows(differs, 3, 7)
    assert len(found) > 1
    for window in found:
        np.testing.assert_array_equal(places[window.source][window.crop], places[window.target])


@pytest.mark.parametrize("shape", SHAPES)
def test_equal_pictures_have_none(shape: tuple[int, int]) -> None:
    assert windows(np.zeros(shape, np.uint8), 3, 7) == []


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("value", [0, 1])
def test_a_backend_of_whole_pictures_has_one_of_the_whole(shape: tuple[int, int], value: int) -> None:
    for plane in (np.full(shape, value, np.uint8), np.full((2, *shape), value, np.uint8)):
        assert find_windows(plane, Backend(), spread=3, reach=7) == [WHOLE]


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_a_speck_has_the_window_of_its_cell(kind: type) -> None:
    differs = np.zeros((500, 900), kind)
    differs[200, 700] = 0.25 if kind is np.float32 else 1
    (window,) = windows(differs, spread=3, reach=7)  # of rows 192..255 and columns 640..703
    assert window.target == (slice(189, 259), slice(637, 707))
    assert window.source == (slice(182, 266), slice(576, 768))
    assert window.crop == (slice(7, 77), slice(61, 131))


@pytest.mark.parametrize(("apart", "count"), [(1, 1), (GAP + 1, 1), (GAP + 2, 2)])
def test_specks_of_a_row_share_a_window_while_few_cells_lie_between(apart: int, count: int) -> None:
    differs = np.zeros((CELL, 12 * CELL), np.uint8)
    differs[5, [CELL, (1 + apart) * CELL]] = 1
    assert len(windows(differs)) == count


def test_specks_far_apart_do_not_cost_what_lies_between() -> None:
    differs = np.zeros((2000, 2000), np.uint8)
    differs[[5, 5, 1990, 1990], [5, 1990, 5, 1990]] = 1
    found = windows(differs, 3, 7)
    assert len(found) == 4
    assert sum(differs[window.source].size for window in found) <= 4 * (2 * CELL) * (3 * CELL)


@pytest.mark.parametrize("shape", [(1000, 900), (3000, 300), (300, 4000)])
@pytest.mark.parametrize("share", [0.002, 1.0])
def test_a_window_stays_small_however_much_differs(
    shape: tuple[int, int], share: float, rng: np.random.Generator
) -> None:
    differs = (rng.random(shape) < share).astype(np.uint8)
    spread, reach = 3, 7
    found = windows(differs, spread, reach)
    assert len(found) > 1
    for window in found:
        height, width = (part.stop - part.start for part in window.target)
        assert (height - 2 * spread) * (width - 2 * spread) <= LARGEST
        # Of the rest there are `reach` px on either side, and less than a cell for columns to begin and end at one.
        rows, columns = (part.stop - part.start for part in window.source)
        assert rows <= height + 2 * reach
        assert columns < width + 2 * (reach + CELL)


def test_all_that_differs_is_worked_out_about_once() -> None:
    differs = np.ones((1500, 1280), np.uint8)
    assert sum(differs[window.target].size for window in windows(differs)) == differs.size
