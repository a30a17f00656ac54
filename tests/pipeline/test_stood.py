"""Pages of which a part moved by a px or two, and bars and frames stood still."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diffspot import compare
from tests.pipeline.layout.pages import blank, line, lines_of_text, stacked

if TYPE_CHECKING:
    from tests.pipeline.layout.pages import Picture

WIDTH, BAR = 800, 40
LINES = lines_of_text(16, seed=8)


def page(down: int = 0, *, bar: str = "Northwind   Guide   Blog", first: str = "", bar_down: int = 0) -> Picture:
    """A dark bar over lines of text, either of them so many px lower."""
    top = 255 - line(bar, WIDTH, BAR)
    rows = [each[:, :WIDTH] for each in LINES]
    if first:
        rows[3] = line(first, WIDTH)
    text = stacked([blank(30 + down, WIDTH), *rows, blank(150, WIDTH)])
    whole = stacked([blank(bar_down, WIDTH, 0), top, text])
    return whole[: BAR + 30 + 24 * len(LINES) + 140]


@pytest.mark.parametrize("down", [1, 2, 3])
def test_a_bar_that_stood_still_is_in_no_region(down: int) -> None:
    result = compare(page(), page(down))
    assert result.status == "different"
    assert all(region.bbox[1] >= BAR for region in result.regions)


def test_a_page_that_moved_as_a_whole_by_a_px_is_the_same() -> None:
    assert compare(page(), page(bar_down=1)).status == "same"


def test_a_bar_that_changed_while_the_text_moved_is_told() -> None:
    result = compare(page(), page(2, bar="Northwind   Guide   Shop"))
    told = [region.bbox for region in result.regions if region.bbox[1] < BAR]
    assert told
    assert all(x > 140 and w < 60 for x, _, w, _ in told)


def test_a_line_that_changed_while_the_text_moved_is_told() -> None:
    first = "other words stand here now"
    result = compare(page(), page(2, first=first))
    assert any(region.kind != "moved" and region.bbox[3] < 30 for region in result.regions)
    assert all(region.bbox[1] >= BAR for region in result.regions)
