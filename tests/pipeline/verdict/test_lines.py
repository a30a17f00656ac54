"""Lines of text that were drawn anew as a whole are told from those in which somebody changed something."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

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
    within,
    without,
)
from tests.sweep import sweep

if TYPE_CHECKING:
    from diffspot.model import Box
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


@pytest.mark.parametrize("digits", sweep([("1284", "1294"), ("1254", "1264"), ("36.50", "38.50")]))
def test_a_digit_on_a_line_that_is_equal_besides_while_other_lines_moved(digits: tuple[str, str]) -> None:
    lines = "Parcels that come later", "are shown at the end", "of this list, by day."

    def sheet_with(number: str, down: int) -> Picture:
        rest = [Text(40, 620 + 24 * nth + down, text, 16, INK, "body") for nth, text in enumerate(lines)]
        heading = Text(40, 540, f"Order {number} of the week", 16, INK, "body")
        return render_page(with_more(shop(height=720), heading, *rest), hinted=True)

    before, digit, both = sheet_with(digits[0], 0), sheet_with(digits[1], 0), sheet_with(digits[1], 1)
    for result in both_ways(before, both):
        assert any(within(region.bbox, differing(before, digit)) for region in result.regions)


@pytest.mark.parametrize("letter", sweep([13, 6, 28]))
def test_the_rest_of_a_line_that_slid_by_a_part_of_a_px_is_a_change(letter: int) -> None:
    before, after = footer_from(letter, 0.0), footer_from(letter, 0.5)
    for result in both_ways(before, after):
        assert_found(result, differing(before, after))
        assert "rendering" not in forgiven(result)


@pytest.mark.parametrize("rasteriser", sweep(["aside", "hinted", "lcd"]))
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


@pytest.mark.parametrize("seed", sweep(range(4)))
def test_lone_changes_of_the_benchmark(seed: int) -> None:
    pair: Any = draw_lone_change(np.random.default_rng(seed), changed=True)
    for result in both_ways(pair.reference, pair.candidate):
        assert_found(result, *pair.boxes)
    same: Any = draw_lone_change(np.random.default_rng(seed), changed=False)
    for result in both_ways(same.reference, same.candidate):
        assert_same(result)


def signs(aside: int = 0, *, others: tuple[int, ...] = ()) -> Picture:
    """Nine plates on black, so many eighths of a px further right and down, some of another colour."""
    sheet = Image.new("RGB", (8 * 400, 8 * 300))
    for at in range(9):
        (x, y, w, h), zoom = plate(at), 8
        corners = [zoom * x + aside, zoom * y + aside, zoom * (x + w) + aside, zoom * (y + h) + aside]
        colour = (40, 60, 250) if at in others else (60 + 20 * at, 190 - 10 * at, 90)
        ImageDraw.Draw(sheet).rounded_rectangle(corners, 8 * zoom, colour)
    return np.asarray(sheet.reduce(8))


def plate(at: int) -> Box:
    return 30 + 120 * (at % 3) + 7 * (at // 3), 20 + 90 * (at // 3), 26 + 5 * at, (26 + 5 * at) * 3 // 4


@pytest.mark.parametrize("others", [(0, 4, 5), (1, 4, 8)])
def test_signs_of_another_colour_among_signs_that_came_to_lie_between_pixels(others: tuple[int, ...]) -> None:
    for result in both_ways(signs(), signs(1, others=others)):
        assert_found(result, *map(plate, others))
        assert len(result.regions) == len(others)
        assert sum(forgiven(result).values()) > 100


@pytest.mark.parametrize("row", [(140, 100, 100, 60), (0, 100, 400, 70)])
def test_a_sign_or_a_row_of_signs_that_moved_by_a_part_of_a_px_is_a_change(row: Box) -> None:
    for result in both_ways(signs(), pasted(signs(), signs(3), row)):
        assert_found(result, *(plate(at) for at in (3, 4, 5) if within(plate(at), row)))


def test_the_corners_of_a_box_of_another_radius_are_a_change() -> None:
    box = Shape(40, 300, 120, 80, 3, INK, "panel")
    before, after = (render_page(with_more(shop(), replace(box, corner=corner))) for corner in (3, 5))
    for result in both_ways(before, after):
        assert result.status == "different"
