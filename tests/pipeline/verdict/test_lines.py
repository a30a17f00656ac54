"""Lines of text that were drawn anew as a whole are told from those in which somebody changed something."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from benchmarks.pairs.edited_pages import draw_lone_change
from benchmarks.scenes.page import INK, Shape, Text
from benchmarks.scenes.render import render_page
from benchmarks.scenes.text import text_width
from tests.pipeline.verdict.drawing import (
    assert_found,
    assert_same,
    both_ways,
    differing,
    drawn,
    forgiven,
    pasted,
    shop,
    with_more,
    without,
)

if TYPE_CHECKING:
    from tests.pipeline.verdict.drawing import Picture

FOOTER = next(each for each in shop().elements if isinstance(each, Text) and each.text.startswith("Fern & Field,"))


@cache
def sheet() -> Picture:
    return drawn(shop(), rasteriser="unhinted")


def footer_from(letter: int, by: float) -> Picture:
    """The page whose last line lies `by` px further right from a letter on."""
    head, rest = (replace(FOOTER, text=part) for part in (FOOTER.text[:letter], FOOTER.text[letter:]))
    rest = replace(rest, x=FOOTER.x + text_width(head.text, FOOTER.size) + by)
    return render_page(with_more(without(shop(), lambda each: each is FOOTER), head, rest), hinted=False)


@pytest.mark.parametrize("letter", [6, 13, 28])
def test_the_rest_of_a_line_that_slid_by_a_part_of_a_px_is_a_change(letter: int) -> None:
    before, after = footer_from(letter, 0.0), footer_from(letter, 0.5)
    for result in both_ways(before, after):
        assert_found(result, differing(before, after))
        assert "rendering" not in forgiven(result)


@pytest.mark.parametrize("rasteriser", ["hinted", "aside", "lcd"])
def test_the_same_line_drawn_anew_as_a_whole_is_none(rasteriser: str) -> None:
    line = (0, FOOTER.y - 2, sheet().shape[1], 2 * FOOTER.size)
    for result in both_ways(sheet(), pasted(sheet(), drawn(shop(), rasteriser=rasteriser), line)):
        assert_same(result)
        assert forgiven(result)["rendering"] > 200


def test_a_line_that_got_a_shadow_is_a_change() -> None:
    pale = replace(FOOTER, x=FOOTER.x + 0.5, colour=tuple((255 + level) // 2 for level in FOOTER.colour))
    page = with_more(without(shop(), lambda each: each is FOOTER), pale, FOOTER)
    shaded = render_page(page, hinted=False)
    for result in both_ways(sheet(), shaded):
        assert_found(result, differing(sheet(), shaded))


def test_a_picture_that_was_blurred_is_a_change(rng: np.random.Generator) -> None:
    coarse = rng.integers(0, 256, (12, 18, 3), dtype=np.uint8)
    photo: Any = cv2.resize(coarse, (90, 60), interpolation=cv2.INTER_CUBIC)
    before, after = sheet().copy(), sheet().copy()
    before[300:360, 400:490] = photo
    after[300:360, 400:490] = cv2.GaussianBlur(photo, (0, 0), 1.2)
    for result in both_ways(before, after):
        assert_found(result, (400, 300, 90, 60))


def test_an_edge_of_a_box_that_moved_by_a_px_is_a_change() -> None:
    boxes = [render_page(with_more(shop(), Shape(600, 220, w, 80, 0, INK))) for w in (20, 21)]
    for result in both_ways(*boxes):
        assert_found(result, (620, 220, 1, 80))


@pytest.mark.parametrize("seed", range(4))
def test_lone_changes_of_the_benchmark(seed: int) -> None:
    pair: Any = draw_lone_change(np.random.default_rng(seed), changed=True)
    for result in both_ways(pair.reference, pair.candidate):
        assert_found(result, *pair.boxes)
    same: Any = draw_lone_change(np.random.default_rng(seed), changed=False)
    for result in both_ways(same.reference, same.candidate):
        assert_same(result)
