"""Text of which the style changed over a whole page: letters further apart, or shadows; one rasteriser drew both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.scenes.text import SENTENCES, font
from diffspot import compare
from tests.pipeline.verdict.drawing import assert_same, both_ways, covered, told

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box
    from tests.pipeline.verdict.drawing import Picture

LINES, PITCH, LEFT, WIDTH, LETTERS = 8, 30, 20, 640, 30
SIZE = 15
QUARTERS = 4


def page(*, spacing: float = 0.0, by: float = 0.0, shadow: int = 0, hinted: bool = True, first: int = 0) -> Picture:
    """Sentences as a browser draws them: each letter begins at a quarter of a px, `spacing` px further on than usual.

    Args:
        spacing: px between letters, beside those that they keep.
        by: px by which all of it begins further on.
        shadow: levels of a shadow a px lower and further right.
        hinted: whether letters are of the shapes that hinting gives them.
        first: the line from which `spacing` holds.
    """
    ink = np.zeros((LINES * PITCH + 20, WIDTH), np.float32)
    for at in range(LINES):
        pen = LEFT + 9 * at + by
        for letter in SENTENCES[at][:LETTERS]:
            whole, part = divmod(round(pen * QUARTERS), QUARTERS)
            glyph = _glyph(letter, part / QUARTERS, hinted=hinted)
            place = np.s_[10 + at * PITCH : 10 + at * PITCH + glyph.shape[0], whole : whole + glyph.shape[1]]
            ink[place] = np.maximum(ink[place], glyph)
            pen += font(SIZE).getlength(letter) + spacing * (at >= first)
    levels: NDArray[np.float32] = np.full(ink.shape, 255, np.float32)
    if shadow:
        below = np.zeros_like(ink)
        below[1:, 1:] = ink[:-1, :-1]
        levels -= shadow * below
    levels = levels * (1 - ink) + 30 * ink
    return np.repeat((levels + 0.5).astype(np.uint8)[..., None], 3, axis=2)


def _glyph(letter: str, part: float, *, hinted: bool) -> NDArray[np.float32]:
    """The coverage of a letter that begins a part of a px further on; of eight times its size made smaller, or not."""
    zoom = 1 if hinted else 8
    mask = Image.new("L", (24 * zoom, 22 * zoom))
    ImageDraw.Draw(mask).text(((1 + part) * zoom, zoom), letter, 255, font(SIZE * zoom))
    return np.asarray(mask.reduce(zoom), np.float32) / np.float32(255)


@pytest.mark.parametrize("spacing", [0.25, 0.5, -0.25])
def test_letters_further_apart_are_reported_as_a_block(spacing: float) -> None:
    for result in both_ways(page(), page(spacing=spacing)):
        assert result.status == "different"
        assert len(result.regions) <= 2, told(result)
        assert covered((LEFT + 80, 12, 90, LINES * PITCH - 20), [one.bbox for one in result.regions]) > 0.9


def test_lines_that_stayed_are_not_in_the_block() -> None:
    (region,) = compare(page(), page(spacing=0.5, first=3)).regions
    assert region.bbox[1] >= 10 + 3 * PITCH
    assert region.bbox[3] > 4 * PITCH


@pytest.mark.parametrize("by", [0.25, 0.5, 0.75])
def test_a_page_that_begins_a_part_of_a_px_further_on_is_the_same(by: float) -> None:
    for result in both_ways(page(), page(by=by)):
        assert_same(result)


@pytest.mark.parametrize("spacing", [0.0, 0.05])
def test_another_rasteriser_may_widen_words(spacing: float) -> None:
    for result in both_ways(page(), page(spacing=spacing, hinted=False)):
        assert_same(result)


def test_a_shadow_is_no_rasteriser() -> None:
    for result in both_ways(page(), page(shadow=110)):
        for at in range(LINES):
            line: Box = (LEFT + 9 * at, 14 + PITCH * at, 180, 11)
            assert covered(line, [one.bbox for one in result.regions]) > 0.8, (at, told(result))
