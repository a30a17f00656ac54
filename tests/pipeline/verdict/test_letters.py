"""Tables that another rasteriser drew so that they look noisy or moved: a digit that became another one is found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.scenes.text import font
from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline.noise import is_at_edges
from diffspot.pipeline.verdict.groups import overlap
from diffspot.pipeline.verdict.letters import find_letters
from tests.placing import registered

if TYPE_CHECKING:
    from numpy.typing import NDArray

WIDTH, HEIGHT = 480, 320
ACROSS, DOWN, SIZE = 64, 24, 14
CHANGED = 4, 6
"""The column and the row of a number in the middle of the table."""
NUMPY = get_backend("numpy")


def _table(middle: str = "8", *, scale: int = 1, by: tuple[int, int] = (0, 0)) -> NDArray[np.uint8]:
    """(320, 480, 3) levels of numbers of five digits, of which one in the middle has that third digit.

    Args:
        middle: the digit.
        scale: 1 for text that is hinted to whole px, else how many times as large it is drawn before it is reduced.
        by: px of the large drawing, across and down, by which the page lies aside.
    """
    picture = Image.new("RGB", (WIDTH * scale, HEIGHT * scale), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    for row in range(HEIGHT // DOWN):
        for column in range(WIDTH // ACROSS):
            number = str((column * 7919 + row * 104729 + 12345) % 90000 + 10000)
            if (column, row) == CHANGED:
                number = number[:2] + middle + number[3:]
            at = (8 + ACROSS * column) * scale + by[0], (6 + DOWN * row) * scale + by[1]
            draw.text(at, number, (0, 0, 0), font(SIZE * scale))
    return np.asarray(picture.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS), np.uint8)


def _is_in_changed(box: tuple[int, int, int, int]) -> bool:
    """Whether a box is within the number that changed, and no wider than two digits."""
    place = 8 + ACROSS * CHANGED[0], 6 + DOWN * CHANGED[1], ACROSS - 16, DOWN
    return overlap(box, place) and box[2] <= 2 * SIZE and box[3] <= DOWN


@pytest.mark.parametrize("became", ["0", "1", "6"])
def test_a_digit_among_digits_that_were_supersampled_is_found(became: str) -> None:
    result = compare(_table(), _table(became, scale=3))
    assert [_is_in_changed(region.bbox) for region in result.regions] == [True]


def test_digits_that_were_supersampled_alone_are_no_change() -> None:
    result = compare(_table(), _table(scale=3))
    assert result.status == "same"


@pytest.mark.parametrize("became", ["1", "5"])
def test_a_digit_of_a_page_that_lies_a_part_of_a_px_aside_is_found(became: str) -> None:
    result = compare(_table(scale=4), _table(became, scale=4, by=(2, 2)))
    assert result.registration.method != "none"
    assert [_is_in_changed(region.bbox) for region in result.regions] == [True]


def test_a_page_that_lies_a_part_of_a_px_aside_alone_is_no_change() -> None:
    result = compare(_table(scale=4), _table(scale=4, by=(2, 2)))
    assert result.registration.method != "none"
    assert result.status == "same"


def test_letters_are_held_to_the_same_ones_elsewhere() -> None:
    page = _table(scale=4)
    for became, found in (("8", 0), ("1", 1)):
        pair = registered(page, _table(became, scale=4, by=(1, 0)))
        boxes = [box for box, *_ in find_letters(pair, 8, join=10)]
        assert len(boxes) == found
        assert all(map(_is_in_changed, boxes))


def test_what_lanczos_leaves_lies_at_edges_and_what_jpeg_leaves_does_not() -> None:
    page = _table()
    assert is_at_edges(registered(page, _table("3", scale=3)), NUMPY)
    rough = page.copy()
    rough[:, ::8] = np.clip(rough[:, ::8], 0, 252)  # as compression leaves in blocks of 8 px
    assert not is_at_edges(registered(page, rough), NUMPY)
