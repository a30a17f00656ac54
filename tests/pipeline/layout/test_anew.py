"""Rows inserted in a table that another rasteriser drew, also on stripes, which stay where they are."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from benchmarks.scenes.page import INK, Shape, Text
from diffspot import compare
from tests.pipeline.verdict.drawing import both_ways, drawn, edited, price_table, told

if TYPE_CHECKING:
    from benchmarks.scenes.page import Page

ROW, FIRST, AT = 22, 7, 20
"""Height of a row and top of the first one, px, and the row before which one is inserted."""


def table(*, row: bool = False, stripes: int = 0, changed: bool = False) -> Page:
    """The table of prices on stripes that many levels darker; with a row more, and a price below it that changed."""
    page = price_table()
    texts = [each for each in page.elements if isinstance(each, Text)]
    price = texts[8 * 30 + 3]
    if changed:
        page = edited(page, lambda each: each is price, text="SOLD")
    if row:
        page = edited(page, lambda each: each.y > FIRST + ROW * AT, y=lambda each: each.y + ROW)
        cells = (20, "Kettle"), (112, "9.12")
        more = [Text(x, FIRST + ROW * AT + 5, cell, 13, INK, "new") for x, cell in cells]
        page = replace(page, elements=(*page.elements, *more))
    grey = (255 - stripes,) * 3
    ground = [Shape(0, FIRST + ROW * at, page.width, ROW, 0, grey) for at in range(0, 40, 2)] if stripes else []
    return replace(page, height=960, elements=(*ground, *page.elements))


@pytest.mark.parametrize(("rasteriser", "stripes"), [("unhinted", 0), ("lcd", 12)])
def test_row_inserted(rasteriser: str, stripes: int) -> None:
    """It alone is told, and what lies below is rendering and, of stripes, movement."""
    pictures = drawn(table(stripes=stripes)), drawn(table(row=True, stripes=stripes), rasteriser=rasteriser)
    for result, kind in zip(both_ways(*pictures), ("inserted-rows", "removed-rows"), strict=True):
        (region,) = result.regions
        x, y, w, h = region.candidate_bbox if kind == "inserted-rows" else region.bbox
        assert (region.kind, x, h) == (kind, 0, ROW)
        assert w >= 600, "right of the last price is nothing"
        assert abs(y - (FIRST + ROW * AT)) < ROW / 2
        moved = [one.pixels for one in result.forgiven if one.cause == "movement"]
        assert bool(moved) == bool(stripes)


def test_change_in_a_row_that_moved() -> None:
    result = compare(drawn(table()), drawn(table(row=True, changed=True), rasteriser="aside"))
    rows, price = result.regions
    assert (rows.kind, price.kind) == ("inserted-rows", "content")
    x, y, w, h = price.bbox
    assert (x, y, w, h) == pytest.approx((262, 676, 35, 10), abs=2)


def test_area_that_became_darker_is_no_stripe() -> None:
    """A row that moved lies on grey now, and no other row on white instead."""
    moved = table(row=True)
    area = Shape(0, FIRST + ROW * 30, moved.width, ROW, 0, (243, 243, 243))
    result = compare(drawn(table()), drawn(replace(moved, elements=(area, *moved.elements))))
    (rows, grey) = result.regions
    assert rows.kind == "inserted-rows"
    assert grey.candidate_bbox == pytest.approx((0, FIRST + ROW * 30, 640, ROW), abs=1)
    assert not [one for one in result.forgiven if one.cause == "movement"]


def test_other_rows_are_no_insertion() -> None:
    """Below some row all prices became others: there is nothing that moved."""
    page = price_table()
    other = edited(page, lambda each: each.y > FIRST + ROW * AT, text=lambda each: each.text[::-1])
    result = compare(drawn(page), drawn(other, rasteriser="unhinted"))
    assert result.status == "different"
    assert not [kind for kind, _ in told(result) if "rows" in kind]
