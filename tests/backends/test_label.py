"""Parts of a mask: every backend divides it as the reference body does, whatever the numbers."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from diffspot.backends import get_backend
from diffspot.backends.interface import Backend
from diffspot.backends.numpy import GROUP_CELL
from tests.backends.opened import WORKING
from tests.backends.sweep import SIZES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Mask = NDArray[np.bool_]

REACHES = [0.0, 0.5, 1.0, 2.5, 4.9, 5.0, 7.3, 8.0, 15.9, 16.0, 48.0, 60.0]
BORDERS = [0, 1, GROUP_CELL - 1, GROUP_CELL, 2 * GROUP_CELL - 2]
"""Where a part may lie in the cells by which parts are grouped."""
SHAPES = array_shapes(min_dims=2, max_dims=2, max_side=40)


def labelled(backend: Backend, mask: Mask, reach: float) -> tuple[NDArray[np.int32], int]:
    labels, count = backend.label(backend.from_host(mask), reach)
    return backend.to_host(labels), count


def assert_equal_parts(fast: Backend, mask: Mask, reach: float) -> None:
    (found, count), (expected, expected_count) = (labelled(one, mask, reach) for one in (fast, Backend()))
    assert found.dtype == np.int32
    np.testing.assert_array_equal(found > 0, mask)
    assert count == expected_count
    assert sorted(np.unique(found[mask]).tolist()) == list(range(1, count + 1))
    # As many pairs of numbers as parts: each number of the one always meets the same number of the other.
    assert len(set(zip(found[mask].tolist(), expected[mask].tolist(), strict=True))) == count


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.0, 0.002, 0.05, 0.4, 1.0])
def test_random_masks(fast: Backend, share: float, rng: np.random.Generator) -> None:
    for shape, reach in product([*SIZES, (1, 131), (131, 1), (97, 203)], REACHES):
        assert_equal_parts(fast, rng.random(shape) < share, reach)


@pytest.mark.parametrize("name", WORKING)
@settings(derandomize=True, deadline=None, max_examples=100)
@given(
    mask=SHAPES.flatmap(lambda shape: arrays(bool, shape, elements=st.booleans(), fill=st.just(value=False))),
    reach=st.sampled_from(REACHES) | st.integers(0, 60).map(lambda third: third / 3),
)
def test_any_mask(name: str, mask: Mask, reach: float) -> None:
    assert_equal_parts(get_backend(name), mask, reach)


@pytest.mark.parametrize(
    ("reach", "step", "furthest"),
    [
        (0.0, (0, 1), 1),
        (0.0, (1, 1), 1),
        # Discs of 2.5 px reach 2 px along a row, and their last pixels may lie side by side: 2 + 1 + 2.
        (2.5, (0, 1), 5),
        (3.0, (1, 0), 7),
        # (1, 2) from the one and (D - 2, D - 1) from the other: corners meet up to D = 4.
        (2.5, (1, 1), 4),
        (16.0, (0, 1), 33),
        (8.0, (1, 0), 17),
    ],
)
def test_two_pixels_are_one_part_while_their_discs_touch(
    backend: Backend, reach: float, step: tuple[int, int], furthest: int
) -> None:
    ends = (1, 3 * GROUP_CELL)  # at the picture's edge, and away from it
    for (distance, parts), begin, end in product(((furthest, 1), (furthest + 1, 2)), BORDERS, ends):
        mask = np.zeros((begin + furthest + end + 1,) * 2, bool)
        mask[begin, begin] = mask[begin + distance * step[0], begin + distance * step[1]] = True
        assert labelled(backend, mask, reach)[1] == parts


def test_a_chain_of_discs_is_one_part(backend: Backend) -> None:
    for place in (0, 7, 14, 15, 30):
        mask = np.zeros((64, 300), bool)
        mask[place, place : place + 250 : 25] = True
        assert labelled(backend, mask, 12.0)[1] == 1
        labels, count = labelled(backend, mask, 11.9)
        assert count == 10
        assert len(np.unique(labels[mask])) == 10


def test_a_part_within_another_ones_hole_is_its_own(backend: Backend) -> None:
    mask = np.zeros((90, 90), bool)
    mask[5:85, 5:85] = True
    mask[10:80, 10:80] = False
    mask[45, 45] = True
    for reach in (0.0, 5.0, 15.9):
        labels, count = labelled(backend, mask, reach)
        assert count == 2
        assert np.count_nonzero(labels == labels[45, 45]) == 1
    assert labelled(backend, mask, 17.0)[1] == 1
