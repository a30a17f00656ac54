"""What moved on a rendered page, by how much, and from where to where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.pipeline.verdict.drawing import (
    assert_found,
    both_ways,
    differing,
    in_regions,
    price_table,
    told,
    within,
)
from tests.pipeline.verdict.shop import button, card, moved, page, sheet, table
from tests.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.scenes.page import Shape
    from diffspot import PairResult
    from diffspot.model import Box
    from tests.pipeline.verdict.drawing import Picture


def inside(frame: Shape) -> Callable[[Any], bool]:
    return lambda each: frame.x <= each.x < frame.x + frame.w and frame.y <= each.y < frame.y + frame.h


def around(frame: Shape, x: int, y: int) -> Box:
    """The place of a shape, and where it lies (x, y) px further on."""
    return frame.x, frame.y, frame.w + x, frame.h + y


def seen_share(result: PairResult, reference: Picture, candidate: Picture, rows: slice) -> float:
    """Share of the pixels that differ in some rows that lie in a region."""
    apart = (reference != candidate).any(axis=2)[rows]
    return float(in_regions(result)[rows][apart].mean())


def assert_seen(result: PairResult, candidate: Picture) -> None:
    assert seen_share(result, sheet(), candidate, np.s_[:]) > 0.9


def assert_within(result: PairResult, box: Box) -> None:
    assert all(within(region.bbox, box) for region in result.regions), (told(result), box)


@pytest.mark.parametrize("by", sweep([(1, 0), (0, 1), (2, 0), (0, 2), (3, 5), (40, 0)], keep=1), ids=str)
def test_a_card_or_a_button_that_moved(by: tuple[int, int]) -> None:
    for frame in (card(), button()):
        candidate = moved(inside(frame), *by, page())
        for result in both_ways(sheet(), candidate):
            assert_seen(result, candidate)
            assert_within(result, around(frame, *by))
            assert max(by) > 1 or "moved" in {region.kind for region in result.regions}


@pytest.mark.parametrize(
    "by",
    [
        (2, 0),
        (3, 5),
        *(pytest.param((far, 0), marks=pytest.mark.xfail(reason="It is looked for near by.")) for far in (40, 400)),
    ],
    ids=str,
)
def test_what_moved_further_is_one_region(by: tuple[int, int]) -> None:
    for result in both_ways(sheet(), moved(inside(button()), *by, page())):
        assert [region.kind for region in result.regions] == ["moved"]


def test_moved_by_a_px_says_where_to() -> None:
    for by in ((1, 0), (0, 1)):
        for result, sign in zip(both_ways(sheet(), moved(inside(button()), *by, page())), (1, -1), strict=True):
            (region,) = result.regions
            x, y, w, h = region.bbox
            assert (region.kind, region.candidate_bbox) == ("moved", (x + sign * by[0], y + sign * by[1], w, h))


def test_a_button_across_the_page() -> None:
    here = button()
    there = here.x + 400, here.y, here.w, here.h
    for result in both_ways(sheet(), moved(inside(here), 400, 0, page())):
        assert_found(result, (here.x, here.y, here.w, here.h), there)
        assert {region.kind for region in result.regions} <= {"moved", "added", "removed"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "by",
    [
        (1, 0),
        pytest.param((0, 1), marks=pytest.mark.xfail(reason="Rows of letters a px lower pass for another hinting.")),
        pytest.param((2, 0), marks=pytest.mark.slow),
        pytest.param((0, 2), marks=pytest.mark.slow),
        pytest.param((3, 1), marks=pytest.mark.xfail(reason="Columns are moved aside, and a px down with them.")),
    ],
    ids=str,
)
def test_a_column_that_moved(by: tuple[int, int]) -> None:
    def column(each: Any) -> bool:  # noqa: ANN401
        return bool(310 <= each.x < 460)

    candidate = moved(column, *by, price_table())
    for result in both_ways(table(), candidate):
        x, y, w, h = differing(table(), candidate)
        assert_within(result, (x, y, w, h))
        for top in range(0, 880, 22):
            rows = np.s_[top : top + 22]
            assert seen_share(result, table(), candidate, rows) > 0.5, top
