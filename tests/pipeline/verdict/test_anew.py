"""Pages that another rasteriser drew and whose words it moved aside: what changed in ink, place and areas is found."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from benchmarks.scenes.page import Shape, Text
from diffspot import compare
from diffspot.pipeline.verdict.aligned import align
from diffspot.pipeline.verdict.anew import Anew, moved_words
from diffspot.pipeline.verdict.restyled import Restyled
from diffspot.pipeline.verdict.tiles import brightness, stray_of
from diffspot.pipeline.verdict.twins import Laid
from diffspot.pipeline.verdict.words import REACH, Edges, Word, find_words, lay_words
from tests.pipeline.verdict.drawing import (
    PRICES,
    assert_found,
    assert_same,
    both_ways,
    covered,
    differing,
    drawn,
    edited,
    price_table,
    with_more,
)
from tests.sweep import sweep

if TYPE_CHECKING:
    from benchmarks.scenes.page import Page
    from diffspot.model import Box

CHANGED = 77
"""The number of a price in the middle of the table."""


def table(change: str = "") -> Page:
    """The table of prices, of which one changed: other letters, red, bold, 9 px further on, or on a grey area."""
    page = price_table()
    texts = [each for each in page.elements if isinstance(each, Text)]
    price = texts[CHANGED]
    if change == "bold":
        return with_more(page, replace(price, x=price.x + 0.6))
    if change == "area":
        area = Shape(round(price.x) - 2, price.y - 1, 36, 18, 0, (205, 215, 235))
        elements = tuple(part for each in page.elements for part in ((area, each) if each is price else (each,)))
        return replace(page, elements=elements)
    fields: dict[str, dict[str, Any]] = {
        "letters": {"text": "SOLD"},
        "colour": {"colour": (200, 30, 30)},
        "removed": {"text": ""},
        "further": {"x": price.x + 9},
    }
    return edited(page, lambda each: each is price, **fields[change]) if change else page


def moved_rows(page: Page, by: int = 7) -> Page:
    """The page with the text of every second row some px aside, as of a hinting that widens."""
    return edited(page, lambda each: isinstance(each, Text) and round(each.y) // 22 % 2 == 0, x=lambda e: e.x + by)


CHANGES = ["letters", "colour", "removed", "bold", "further", "area"]


@pytest.mark.parametrize("change", sweep(["", *CHANGES]))
def test_words_far_aside_are_drawn_anew(change: str) -> None:
    """Whatever they look like, if they look so in both."""
    page = table(change)
    for result in both_ways(drawn(page), drawn(moved_rows(page), rasteriser="unhinted")):
        assert_same(result)
        (rendering,) = [one for one in result.forgiven if one.cause == "rendering"]
        assert rendering.places > PRICES / 4, rendering


def test_a_third_of_the_rows_that_both_rasterisers_draw_alike_is_no_doubt() -> None:
    page = table()
    reference, candidate = drawn(page), drawn(moved_rows(page, 4), rasteriser="unhinted").copy()
    for row in sorted({each.y for each in page.elements if isinstance(each, Text)})[::3]:
        candidate[row - 2 : row + 18] = reference[row - 2 : row + 18]
    for result in both_ways(reference, candidate):
        assert_same(result)


def test_five_words_drawn_anew_are_enough() -> None:
    page = table()
    texts = [each for each in page.elements if isinstance(each, Text)]
    few = replace(page, elements=tuple(texts[: 10 * CHANGED : CHANGED][:5]))
    for result in both_ways(drawn(few), drawn(moved_rows(few, 4), rasteriser="unhinted")):
        assert_same(result)


@pytest.mark.parametrize("colour", [(40, 120, 220), (120, 120, 120)])
def test_a_mark_of_another_colour_beside_its_label_is_found_alone(colour: tuple[int, int, int]) -> None:
    """Mark and label are one word."""
    page = table()
    label = [each for each in page.elements if isinstance(each, Text)][CHANGED + 1]
    mark = Shape(round(label.x) - 13, label.y + 2, 10, 10, 5, (220, 60, 40))
    candidate = drawn(with_more(page, replace(mark, colour=colour)), rasteriser="unhinted")
    box = differing(drawn(with_more(page, mark), rasteriser="unhinted"), candidate)
    for result in both_ways(drawn(with_more(page, mark)), candidate):
        assert_found(result, box)
        (region,) = result.regions
        assert region.bbox[2] <= box[2] + 4, region


def test_words_far_aside_are_drawn_anew_in_16_bits() -> None:
    page = table()
    deep = (
        drawn(one, rasteriser=way).astype(np.uint16) * 257
        for one, way in ((page, "hinted"), (moved_rows(page), "unhinted"))
    )
    assert_same(compare(*deep))


@pytest.mark.parametrize("change", sweep(CHANGES))
def test_what_changed_among_words_aside(change: str) -> None:
    by = 1 if change == "further" else 7  # what is moved has to stand out from what all are
    candidate = drawn(moved_rows(table(change), by), rasteriser="unhinted")
    box = differing(drawn(moved_rows(table(), by), rasteriser="unhinted"), candidate)
    for result in both_ways(drawn(table()), candidate):
        assert_found(result, box)


def test_many_other_words_are_no_measure_of_what_rasterisers_leave() -> None:
    """A ninth of the texts of a page became other ones: nearly all are found whole, and none makes up for another."""
    page = table()
    sold = [each for each in page.elements if isinstance(each, Text)][::9]
    changed = edited(page, lambda each: any(each is one for one in sold), text="SOLD OUT")
    candidate, alone = (drawn(moved_rows(one), rasteriser="unhinted") for one in (changed, page))
    boxes = []
    for x, y in ((round(each.x) - 3, each.y - 4) for each in sold):
        a, b, w, h = differing(*(one[y : y + 24, x : x + 138] for one in (alone, candidate)))
        boxes.append((x + a, y + b, w, h))
    for result in both_ways(drawn(page), candidate):
        found = sum(covered(box, [region.bbox for region in result.regions]) > 0.6 for box in boxes)
        assert found > 0.9 * len(boxes)


def test_words_are_laid_over_themselves() -> None:
    """No stroke is left of words 7 px aside, and a px of how far they lie there is explained as it is."""
    one, other = drawn(table()), drawn(moved_rows(table()))
    found = find_words(Edges(one, other), (one != other).any(axis=2))
    words = lay_words(one, other, found).words
    assert max(word.stray for word in words) == 0
    assert max(word.aside for word in words) == 6
    assert sum(word.aside == 6 for word in words) > 30


def test_words_that_leave_nothing_where_they_lie_are_as_if_they_were_laid() -> None:
    one, other = drawn(table()), drawn(table("letters"), rasteriser="unhinted")
    found = find_words(Edges(one, other), (one != other).any(axis=2))
    words, planes = lay_words(one, other, found), (brightness(one), brightness(other))
    gone = np.zeros_like(planes[0])
    for (x, y, w, h), own, word in zip(found.boxes, found.own, words.words, strict=True):
        ((left, _, columns),) = align(*planes, [(x, y, w, h)], REACH)
        np.copyto(gone[y : y + h, x : x + w], left, where=own)
        assert word.laid.columns.tolist() == columns.tolist()
    np.testing.assert_array_equal(words.strokes, stray_of(gone, *planes))


def _words(*places: tuple[Box, float, int]) -> list[Word]:
    """Words at boxes, so many px aside and lower in the other picture."""
    return [Word(Laid(box, down, np.full(box[2], aside, np.intp)), 0.0) for box, aside, down in places]


@pytest.mark.parametrize(
    ("box", "aside", "down", "explained"),
    [
        ((10, 10, 40, 12), 0, 0, False),
        ((10, 10, 40, 12), 0, -1, True),
        ((10, 10, 40, 12), 1, 0, True),
        ((10, 10, 14, 34), 0, -1, False),
    ],
    ids=["still", "higher", "aside", "upright"],
)
def test_words_know_more_than_tiles_where_they_lie_a_px_elsewhere(
    box: Box, aside: int, down: int, *, explained: bool
) -> None:
    nothing, text = np.zeros((60, 60), bool), np.ones((60, 60), bool)
    anew = Anew(nothing, nothing, text, nothing, _words((box, aside, down)), Restyled(nothing, 0.0))
    assert anew.explains((box, 30, 1.0, 0.5), np.ones((box[3], box[2]), bool), certain=True) == explained


def test_a_row_that_moved_is_told_by_words_and_not_by_corners() -> None:
    still = [((10, 20 * row, 40, 12), row % 2, 0) for row in range(20)]
    moved = [((10 + 60 * at, 400, 40, 12), 4, 0) for at in range(3)]
    corners = [((10 + 20 * at, 420, 12, 4), 4, 0) for at in range(8)]
    assert [word.box for word in _words(*moved)] == moved_words(_words(*still, *moved, *corners))
    assert moved_words(_words(*still)) == moved_words(_words(*corners)) == []
