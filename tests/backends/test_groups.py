"""Groups lie apart, do not overlap in what is theirs, and hold what they reach."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot.backends.groups import any_of_cells, find_groups
from diffspot.backends.interface import Backend

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.groups import Group

    Plane = NDArray[np.generic]

CELLS = st.sampled_from([1, 5, 16, 64])
REACHES = st.integers(0, 40) | st.integers(0, 160).map(lambda quarter: quarter / 4)


@st.composite
def planes(draw: st.DrawFn) -> Plane:
    """Planes of 1 to 250 px a side with up to a dozen specks of any size, of one of the types that are grouped."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    shape = draw(st.integers(1, 250)), draw(st.integers(1, 250))
    plane = np.zeros(shape, draw(st.sampled_from([np.uint8, np.float32, np.bool_])))
    for _ in range(draw(st.integers(0, 12))):
        y, x = rng.integers(shape[0]), rng.integers(shape[1])
        height, width = rng.integers(1, 12, 2)
        plane[y : y + height, x : x + width] = rng.integers(1, 256)
    return plane


def whole(group: Group, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(H, W) bool, what is the group's own."""
    own = np.zeros(shape, bool)
    own[group.place] = group.own
    return own


def within(mask: NDArray[np.bool_], reach: float) -> NDArray[np.bool_]:
    """(H, W) bool, at most `reach` px of rows and of columns away."""
    return np.asarray(Backend().dilate(mask, 2 * int(reach) + 1))


@settings(derandomize=True, deadline=None, max_examples=75)
@given(plane=planes(), reach=REACHES, cell=CELLS)
def test_groups_cover_what_is_set_with_reach_around_it_and_do_not_overlap(
    plane: Plane, reach: float, cell: int
) -> None:
    groups = list(find_groups(plane, reach, cell))
    owners = sum((whole(group, plane.shape).astype(int) for group in groups), np.zeros(plane.shape, int))
    assert owners.max() <= 1
    assert not (within(plane > 0, reach) & (owners == 0)).any()
    assert len(groups) == 0 or (plane > 0).any()
    for group in groups:
        own = whole(group, plane.shape) & (plane > 0)
        assert own.any()
        assert not (within(own, reach) & ~whole(group, plane.shape)).any()


@settings(derandomize=True, deadline=None, max_examples=75)
@given(plane=planes(), reach=REACHES, cell=CELLS)
def test_groups_lie_further_apart_than_twice_their_reach(plane: Plane, reach: float, cell: int) -> None:
    masks = [whole(group, plane.shape) & (plane > 0) for group in find_groups(plane, reach, cell)]
    for number, mask in enumerate(masks):
        near = within(mask, 2 * reach)
        assert not any((near & other).any() for other in masks[number + 1 :])


@settings(derandomize=True, deadline=None, max_examples=100)
@given(plane=planes(), reach=REACHES, cell=CELLS)
def test_a_place_is_no_larger_than_its_group_and_begins_at_whole_cells(plane: Plane, reach: float, cell: int) -> None:
    around = (math.ceil(reach / cell) + 1) * cell
    for (rows, columns), own in find_groups(plane, reach, cell):
        assert own.shape == (rows.stop - rows.start, columns.stop - columns.start)
        held = np.argwhere(own & (plane[rows, columns] > 0)) + np.array([rows.start, columns.start])
        for part, low, high, side in zip((rows, columns), held.min(axis=0), held.max(axis=0), plane.shape, strict=True):
            assert part.start % cell == 0
            assert part.stop % cell == 0 or part.stop == side
            assert max(0, low - around) <= part.start <= low
            assert high < part.stop <= min(side, high + around + 1)


@settings(derandomize=True, deadline=None, max_examples=50)
@given(plane=planes(), cell=CELLS, reach=st.just(math.inf) | st.integers(250, 10_000))
def test_of_an_infinite_reach_there_is_one_group_the_whole_plane(plane: Plane, cell: int, reach: float) -> None:
    groups = list(find_groups(plane, reach, cell))
    assert len(groups) == int((plane > 0).any())
    for place, own in groups:
        assert place == (slice(0, plane.shape[0]), slice(0, plane.shape[1]))
        assert own.shape == plane.shape
        assert own.all()


def test_two_specks_part_once_cells_lie_between_that_neither_reaches() -> None:
    for gap in range(1, 60):
        plane = np.zeros((20, 120), np.uint8)
        plane[3, [20, 20 + gap]] = 1
        groups = list(find_groups(plane, 7.5, 8))
        # Cells of 8 px; 7.5 px reach one cell further on either side, and cells side by side are one group.
        first, second = 20 // 8, (20 + gap) // 8
        assert len(groups) == (2 if second - first > 3 else 1), gap
        assert len(list(find_groups(plane, 7.5, 1))) == (2 if gap > 17 else 1), gap


@settings(derandomize=True, deadline=None, max_examples=25)
@given(plane=planes(), cell=CELLS)
def test_a_cell_is_set_where_any_of_it_is(plane: Plane, cell: int) -> None:
    cells = any_of_cells(plane, cell)
    assert cells.dtype == bool
    rows, columns = (-(-side // cell) for side in plane.shape)
    expected = [
        [(plane[y * cell : (y + 1) * cell, x * cell : (x + 1) * cell] > 0).any() for x in range(columns)]
        for y in range(rows)
    ]
    assert cells.tolist() == expected
