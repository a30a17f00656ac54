"""A picture saved with a palette is the same as before, and what changed on it is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.agreement import overlap
from benchmarks.scenes.page import make_page
from benchmarks.scenes.render import render_page
from benchmarks.scenes.text import font
from diffspot import compare
from diffspot.pipeline.palettes import ONE_WAY, one_way, ways
from tests.kinds import assert_changes_found, kind
from tests.pipeline.test_compare import boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]


def page(seed: int = 0) -> Picture:
    return render_page(make_page(np.random.default_rng(seed), width=640, height=480))


def with_palette(picture: Picture, colours: int, method: Image.Quantize = Image.Quantize.MEDIANCUT) -> Picture:
    few = Image.fromarray(picture).quantize(colours, method=method, dither=Image.Dither.NONE)
    return np.asarray(few.convert("RGB"))


@pytest.mark.parametrize("method", [Image.Quantize.MEDIANCUT, Image.Quantize.MAXCOVERAGE])
def test_a_page_saved_with_a_palette_is_the_same_and_it_is_said(method: Image.Quantize) -> None:
    for seed in range(3):
        plain = page(seed)
        few = with_palette(plain, 64, method)
        assert len(np.unique(few.reshape(-1, 3), axis=0)) <= 64
        for pair in ((plain, few), (few, plain)):
            result = compare(*pair)
            assert result.regions == ()
            strong = int((np.abs(plain.astype(int) - few).max(axis=2) > 8).sum())
            assert sum(one.pixels for one in result.forgiven) >= strong


def test_an_area_of_a_common_colour_that_became_another_is_found() -> None:
    plain = page().copy()
    box = (40, 420, 320, 50)
    x, y, w, h = box
    plain[y : y + h, x : x + w] = (240, 240, 244)
    changed = plain.copy()
    changed[y : y + h, x : x + w] = (232, 240, 244)  # nearer to what it was than any other colour of the page
    (found,) = boxes(compare(plain, with_palette(changed, 64)))
    assert overlap(found, box) > 0.8


@pytest.mark.parametrize("blank", [(255, 255, 255), (240, 240, 240), (20, 22, 25)])
def test_paper_is_no_palette_into_which_a_page_vanishes(blank: tuple[int, int, int]) -> None:
    drawn = page().copy()
    drawn[:4] = drawn[-4:] = blank
    empty = np.full_like(drawn, blank)
    for pair in ((drawn, empty), (empty, drawn)):
        covered = np.zeros(drawn.shape[:2], bool)
        for x, y, w, h in boxes(compare(*pair)):
            covered[y : y + h, x : x + w] = True
        assert covered[(np.abs(drawn.astype(int) - blank).max(axis=2) > 60)].mean() > 0.99


def test_a_panel_that_went_with_all_on_it_is_no_work_of_the_few_colours_that_are_left() -> None:
    ground, panel = (20, 22, 25), (20, 60, 500, 300)
    x, y, w, h = panel
    message = np.full((480, 640, 3), ground, np.uint8)
    cv2.putText(message, "Not found", (40, 430), cv2.FONT_HERSHEY_SIMPLEX, 1, (230, 230, 230), 2, cv2.LINE_AA)
    drawn = message.copy()
    drawn[y : y + h, x : x + w] = (32, 35, 40)
    cv2.putText(drawn, "a table of sums", (60, 200), cv2.FONT_HERSHEY_SIMPLEX, 1, (230, 180, 60), 2, cv2.LINE_AA)
    (found,) = boxes(compare(drawn, message))
    assert overlap(found, panel) > 0.95


def test_letters_in_a_paler_colour_are_no_work_of_a_palette() -> None:
    """Fewer levels lie between a paler colour and the paper, and each colour became one other."""
    drawing = Image.new("L", (640, 480))
    for line in range(12):
        words = f"{line} sums of a table and what they are for {line**3}"
        ImageDraw.Draw(drawing).text((20, 20 + 37 * line), words, fill=255, font=font(12 + line % 3))
    share = np.asarray(drawing)
    cream, dark, pale = np.array([(250, 244, 228), (70, 45, 20), (235, 225, 150)]) / 255
    drawn, paler = (np.rint(255 * cream + share[..., None] * (ink - cream)).astype(np.uint8) for ink in (dark, pale))
    for pair in ((drawn, paler), (paler, drawn)):
        result = compare(*pair)
        assert len(result.regions) == 12
        assert sum(one.pixels for one in result.forgiven) < 0.2 * np.count_nonzero(share > 40)


def test_of_drawn_pairs_every_change_is_found_and_no_other() -> None:
    for index in range(4):
        assert_changes_found(kind("page, saved with a palette").pair(index, seed=1))


def test_how_many_px_went_the_way_of_their_colour() -> None:
    before, one, several = (
        np.array(colours, np.uint32)
        for colours in ([1, 1, 1, 1, 2, 2, 3], [9, 9, 9, 9, 8, 8, 9], [9, 9, 9, 7, 8, 7, 9])
    )
    assert one_way(*ways(before, one)) == 1
    assert one_way(*ways(before, several)) == 0.5  # 2 of the 4 px after the first of each


def test_a_page_whose_colours_went_several_ways_has_no_palette() -> None:
    plain, rng = page(), np.random.default_rng(0)
    few = with_palette(plain, 64)
    colours, where = np.unique(few.reshape(-1, 3), axis=0, return_inverse=True)
    differs = (plain != few).any(axis=2).reshape(-1)
    other = np.where(
        differs & (rng.random(len(where)) < 0.4), (where.reshape(-1) + 1) % len(colours), where.reshape(-1)
    )
    blended = colours[other].reshape(plain.shape)
    packed = [one.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32) for one in (plain, few, blended)]
    assert one_way(*ways(*(one[packed[0] != packed[1]] for one in packed[:2]))) > ONE_WAY
    assert one_way(*ways(*(one[packed[0] != packed[2]] for one in packed[::2]))) < ONE_WAY
    assert compare(plain, blended).status == "different"
