"""Pages of which another rasteriser drew the text a px higher or lower, while lines and boxes stayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from benchmarks.scenes.page import Text
from diffspot.pipeline.registration.frames import frames_stay
from diffspot.pipeline.verdict.tiles import brightness
from tests.pipeline.verdict.drawing import drawn, edited, shop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]


def _page(down: int = 0, *, rasteriser: str = "hinted") -> Picture:
    """(H, W) brightness of a shop page with its text some px lower."""
    lower = edited(shop(), lambda each: isinstance(each, Text), y=lambda each: each.y + down)
    return np.asarray(brightness(drawn(lower, rasteriser=rasteriser)), np.uint8)


def _by(down: float, right: float = 0) -> NDArray[np.float64]:
    return np.array([[1, 0, right], [0, 1, down], [0, 0, 1.0]])


@pytest.mark.parametrize("rasteriser", ["unhinted", "lcd"])
def test_boxes_stay_where_another_rasteriser_moved_text(rasteriser: str) -> None:
    for down in (-1, 1):
        assert frames_stay(_page(), _page(down, rasteriser=rasteriser), _by(down))


def test_a_page_that_moved_as_a_whole_takes_its_boxes_with_it() -> None:
    for down in (-1, 1):
        for rasteriser in ("hinted", "unhinted"):
            assert not frames_stay(_page(), np.roll(_page(rasteriser=rasteriser), down, axis=0), _by(down))


def test_text_that_is_equal_where_it_went_was_moved_by_somebody() -> None:
    assert not frames_stay(_page(), _page(1), _by(1))


def test_strips_that_are_no_higher_than_letters_have_no_frames() -> None:
    for shape in ((1, 1), (1, 90), (90, 1), (31, 31)):
        line = np.resize(np.arange(8, dtype=np.uint8) * 60, shape)
        assert not frames_stay(line, 255 - line, _by(-0.6, -0.6))


def test_no_rasteriser_moves_text_by_more_than_a_px() -> None:
    assert not frames_stay(_page(), _page(2, rasteriser="unhinted"), _by(2))
