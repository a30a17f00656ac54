"""From scores to a mask, and from the mask to its components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from skimage.measure import label, regionprops

from diffspot.backends import get_backend
from diffspot.pipeline.segmentation import Morphology, find_components, make_mask

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Box

SIDE = 40
THRESHOLD = 0.2
Placed = tuple[int, int, int, int]


def drawn(*boxes: Placed, value: float = 1.0) -> NDArray[np.float32]:
    """A score map that is `value` in the boxes (x, y, w, h)."""
    scores = np.zeros((SIDE, SIDE), np.float32)
    for x, y, w, h in boxes:
        scores[y : y + h, x : x + w] = value
    return scores


def masked(
    backend: Backend,
    scores: NDArray[np.float32],
    plain: NDArray[np.float32] | None = None,
    *,
    weak: bool = True,
    **sizes: int,
) -> NDArray[np.bool_]:
    """`make_mask` without morphology but for what is asked; `plain` as scores."""
    morphology = Morphology(**{"tolerance": 0, "opening": 1, "closing": 1, "dilation": 1} | sizes)
    levels = 255 * (scores if plain is None else plain)
    parts = [backend.from_host(part) for part in (scores, levels)]
    return backend.to_host(make_mask(*parts, THRESHOLD, backend, morphology, weak=weak))


def found(
    backend: Backend,
    mask: NDArray[np.bool_],
    scores: NDArray[np.float32],
    join: float = 0,
    origin: tuple[int, int] = (0, 0),
) -> list[Component]:
    """The components of a mask, by y, then x."""
    table = find_components(backend.from_host(mask), backend.from_host(scores), backend, join, origin)
    return sorted(table.of(0), key=lambda one: (one[0][1], one[0][0], one[0][3], one[0][2]))


def boxes(backend: Backend, scores: NDArray[np.float32], **options: Any) -> list[Box]:  # noqa: ANN401
    return [box for box, *_ in found(backend, scores > 0, scores, **options)]


def test_only_what_lies_above_the_threshold_is_set(backend: Backend) -> None:
    scores = drawn((3, 4, 5, 6), value=THRESHOLD) + drawn((30, 30, 1, 1), value=0.21)
    expected = np.zeros((SIDE, SIDE), bool)
    expected[30, 30] = True
    assert np.array_equal(masked(backend, scores), expected)
    assert not masked(backend, scores, closing=5, dilation=5, opening=3, tolerance=2).any()


@pytest.mark.parametrize(
    ("box", "kept"),
    [
        ((10, 10, 1, 1), False),
        ((10, 10, 2, 9), False),
        ((10, 10, 3, 3), True),
        ((0, 10, 2, 20), False),
        ((0, 10, 3, 20), True),
        ((0, 0, SIDE, 2), False),
        ((0, SIDE - 2, SIDE, 2), False),
        ((SIDE - 2, 0, 2, SIDE), False),
        ((SIDE - 3, SIDE - 3, 3, 3), True),
    ],
)
def test_opening_removes_what_is_thinner(backend: Backend, box: Placed, kept: bool) -> None:  # noqa: FBT001 - a column of the table
    scores = drawn(box)
    assert np.array_equal(masked(backend, scores, opening=3), (scores > 0) & kept)
    assert np.array_equal(masked(backend, scores, opening=1), scores > 0)


def test_weak_neighbours_join_within_reach(backend: Backend) -> None:
    weak = drawn((12, 10, 20, 3), value=0.6 * THRESHOLD)
    expected = drawn((10, 10, 2, 3)) > 0
    expected[10:13, 12 : 12 + 4] = True
    assert np.array_equal(masked(backend, weak + drawn((10, 10, 2, 3))), expected)
    assert not masked(backend, weak).any()
    assert np.array_equal(masked(backend, weak + drawn((10, 10, 2, 3)), weak=False), drawn((10, 10, 2, 3)) > 0)
    faint = drawn((12, 10, 20, 3), value=0.5 * THRESHOLD)
    assert np.array_equal(masked(backend, faint + drawn((10, 10, 2, 3))), drawn((10, 10, 2, 3)) > 0)


@pytest.mark.parametrize("tolerance", [1, 2])
def test_a_change_grows_back_over_its_plain_difference(backend: Backend, tolerance: int) -> None:
    sure, plain = drawn((18, 18, 4, 4)), drawn((5, 18, 30, 4))
    reach = tolerance
    expected = drawn((18 - reach, 18, 4 + 2 * reach, 4)) > 0
    assert np.array_equal(masked(backend, sure, plain, tolerance=tolerance), expected)
    assert np.array_equal(masked(backend, sure, plain), sure > 0)
    assert not masked(backend, drawn(), plain, tolerance=tolerance).any()


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_the_plain_difference_is_of_levels(backend: Backend, kind: type) -> None:
    plain = np.full((SIDE, SIDE), 51, kind)  # 51 of 255 is the threshold
    plain[:, 22:] = 52
    sure = backend.from_host(drawn((18, 18, 4, 4)))
    mask = make_mask(sure, backend.from_host(plain), THRESHOLD, backend, Morphology(2, 1, 1, 1))
    assert np.array_equal(backend.to_host(mask), drawn((18, 18, 4, 4), (22, 16, 2, 8)) > 0)


def test_closing_fills_gaps_and_dilation_widens(backend: Backend) -> None:
    halves = drawn((10, 10, 5, 5), (17, 10, 5, 5))
    assert np.array_equal(masked(backend, halves, closing=3), drawn((10, 10, 12, 5)) > 0)
    assert np.array_equal(masked(backend, drawn((10, 10, 5, 5)), dilation=5), drawn((8, 8, 9, 9)) > 0)


@pytest.mark.parametrize(("gap", "joined"), [(2, True), (9, True), (11, False), (14, False)])
@pytest.mark.parametrize("across", [False, True])
def test_join_joins_parts_that_are_closer(backend: Backend, gap: int, joined: bool, across: bool) -> None:  # noqa: FBT001
    scores = drawn((2, 2, 3, 3), (5 + gap, 2, 3, 3))
    expected = [(2, 2, 6 + gap, 3)] if joined else [(2, 2, 3, 3), (5 + gap, 2, 3, 3)]
    if across:
        scores, expected = scores.T, [(y, x, h, w) for x, y, w, h in expected]
    assert boxes(backend, np.ascontiguousarray(scores), join=10) == expected


def test_without_join_touching_corners_are_one(backend: Backend) -> None:
    assert boxes(backend, drawn((2, 2, 3, 3), (5, 5, 3, 3), (9, 5, 3, 3))) == [(2, 2, 6, 6), (9, 5, 3, 3)]


def test_a_component_says_how_large_and_how_strong(backend: Backend) -> None:
    scores = drawn((5, 6, 4, 2), value=0.25) + drawn((5, 6, 1, 1), value=0.5)
    assert found(backend, scores > 0, scores) == [((5, 6, 4, 2), 8, 0.75, (7 * 0.25 + 0.75) / 8)]


def test_of_a_part_components_lie_where_it_lies(backend: Backend) -> None:
    scores = drawn((0, 10, 4, 4), (SIDE - 3, SIDE - 3, 3, 3))
    expected = [(100, 60, 4, 4), (100 + SIDE - 3, 50 + SIDE - 3, 3, 3)]
    assert boxes(backend, scores, origin=(100, 50)) == expected


@settings(derandomize=True, deadline=None, max_examples=50)
@given(mask=arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=24)))
def test_components_are_those_of_scikit_image(mask: NDArray[np.bool_]) -> None:
    expected = sorted(
        (r.bbox[0], r.bbox[1], r.bbox[2] - r.bbox[0], r.bbox[3] - r.bbox[1], int(r.area))
        for r in regionprops(label(mask, connectivity=2))
    )
    components = found(get_backend("numpy"), mask, mask.astype(np.float32))
    assert sorted((y, x, h, w, area) for (x, y, w, h), area, *_ in components) == expected


@settings(derandomize=True, deadline=None, max_examples=50)
@given(mask=arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=24)), join=st.integers(0, 8))
def test_every_set_pixel_lies_in_a_component(mask: NDArray[np.bool_], join: int) -> None:
    components = found(get_backend("numpy"), mask, mask.astype(np.float32), join=join)
    covered = np.zeros_like(mask)
    for (x, y, w, h), *_ in components:
        covered[y : y + h, x : x + w] = True
    assert not (mask & ~covered).any()
    assert sum(area for _, area, *_ in components) == mask.sum()
