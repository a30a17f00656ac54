"""Words that were slanted, as type becomes in italics, and words that were drawn anew upright."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.scenes.text import font
from diffspot import compare
from diffspot.pipeline.verdict.slanted import slanted
from diffspot.pipeline.verdict.twins import Laid

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box

SCALE, TALL, WIDE = 8, 24, 120
WORDS = "Street", "Amount", "Window"


def _word(text: str, *, size: int = 14, slant: float = 0.0, by: float = 0.0, bold: int = 0) -> NDArray[np.uint8]:
    """(24, 120, 3) levels of a word, drawn large and reduced, slanted so many px across for each px up."""
    picture = Image.new("RGB", (WIDE * SCALE, TALL * SCALE), (255, 255, 255))
    at = round((10 + by) * SCALE), 4 * SCALE
    ImageDraw.Draw(picture).text(at, text, (40, 40, 40), font(size * SCALE), stroke_width=bold)
    base = (4 + size) * SCALE
    turned = np.array([[1, -slant, slant * base], [0, 1, 0]], np.float32)
    large = cv2.warpAffine(np.asarray(picture), turned, picture.size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(Image.fromarray(large).resize((WIDE, TALL), Image.Resampling.BOX), np.uint8)


def _hinted(text: str, size: int = 14) -> NDArray[np.uint8]:
    picture = Image.new("RGB", (WIDE, TALL), (255, 255, 255))
    ImageDraw.Draw(picture).text((10, 4), text, (40, 40, 40), font(size))
    return np.asarray(picture, np.uint8)


def _are_slanted(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> list[Box]:
    words = [Laid.at_rest((8, 5, 70, 17))]
    found = list(slanted(one, other, words))
    assert list(slanted(other, one, words)) == found
    return found


def test_words_that_were_slanted() -> None:
    for text in WORDS:
        for size in (11, 14):
            assert _are_slanted(_word(text, size=size), _word(text, size=size, slant=0.2)), (text, size)


def test_words_drawn_anew_moved_bolder_or_replaced_are_not_slanted() -> None:
    for text in WORDS:
        upright = _word(text)
        for other in (upright, _hinted(text), _word(text, by=0.5), _word(text, by=-1.25), _word(text, bold=3)):
            assert not _are_slanted(upright, other), text
        assert not _are_slanted(upright, _word("Orders")), text
        assert not _are_slanted(_hinted(text), _word(text, by=0.5)), text


def test_marks_and_tall_drawings_are_no_words() -> None:
    one, other = _word("Street"), _word("Street", slant=0.2)
    assert not list(slanted(one, other, [Laid.at_rest((8, 5, 20, 17)), Laid.at_rest((8, 10, 70, 7))]))
    one, other = np.repeat(one, 6, axis=0), np.repeat(other, 6, axis=0)
    assert not list(slanted(one, other, [Laid.at_rest((8, 30, 110, 102))]))


def test_a_word_is_looked_at_where_it_lies() -> None:
    word = Laid((8, 5, 60, 15), 2, np.full(60, 5, np.intp))
    for slant in (0.0, 0.2):
        other = np.roll(_word("Street", slant=slant), (2, 5), axis=(0, 1))
        assert len(list(slanted(_word("Street"), other, [word]))) == (slant > 0)


def _page(drawn: dict[int, NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """(240, 480, 3) levels of 40 hinted words, some of them drawn in another way."""
    rows = []
    for row in range(10):
        words = [_hinted(WORDS[(row + column) % 3]) for column in range(4)]
        rows.append(np.hstack([drawn.get(4 * row + column, word) for column, word in enumerate(words)]))
    return np.vstack(rows)


@pytest.mark.parametrize("slant", [0.0, 0.2])
def test_labels_of_a_page_that_became_italic_are_a_change_and_drawn_anew_they_are_none(slant: float) -> None:
    """And so they are where all other words of the page were drawn anew as well."""
    texts = [WORDS[(number // 4 + number % 4) % 3] for number in range(40)]
    plain, beside = ({number: _word(text, by=by) for number, text in enumerate(texts)} for by in (0.0, 0.25))
    labels = {number: _word(texts[number], slant=slant) for number in (8, 20, 32)}
    for reference in (_page(plain), _page(beside)):
        result = compare(reference, _page(plain | labels))
        assert [region.bbox[1] // TALL for region in result.regions] == ([2, 5, 8] if slant else [])
        assert all(region.bbox[0] < WIDE for region in result.regions)
    assert compare(_page({}), _page(plain)).status == "same"
