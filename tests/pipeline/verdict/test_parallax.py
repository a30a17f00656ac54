"""What stands up from the plane of a photo and was seen from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from skimage import data

from diffspot.backends import get_backend
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.parallax import LEAST_SIDE, find_flow, without_parallax

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box

THRESHOLD = 0.08


CARD, SMALL = (45, 50, 100, 82), (150, 12, 84, 64)
"""Around the cards, wherever they lie."""


def desk(card: tuple[int, int], small: tuple[int, int] = (170, 24), *, ball: bool = False) -> NDArray[np.uint8]:
    """A picture on two cards that stand on a plain desk with grain, 240 x 200 px."""
    rng = np.random.default_rng(5)
    picture = np.full((200, 240, 3), (180, 150, 120), np.uint8)
    picture += cv2.GaussianBlur(rng.integers(0, 60, picture.shape, dtype=np.uint8), (0, 0), 2)
    for (x, y), (w, h) in ((card, (70, 60)), (small, (49, 42))):
        picture[y : y + h, x : x + w] = cv2.resize(
            data.chelsea()[60:240, 100:310], (w, h), interpolation=cv2.INTER_AREA
        )
    if ball:
        cv2.circle(picture, (190, 140), 14, (30, 60, 190), -1, cv2.LINE_AA)
    return picture


def seen_from_elsewhere(x: int, y: int, *, ball: bool = False) -> NDArray[np.uint8]:
    """The desk, whose cards lie (x, y) px further on."""
    return desk((60 + x, 60 + y), (170 + x, 24 + y), ball=ball)


def left_of(reference: NDArray[np.uint8], candidate: NDArray[np.uint8], *boxes: Box) -> tuple[list[Box], int]:
    """The boxes that parallax does not explain, and how many px it explains."""
    backend = get_backend("numpy")
    difference = cv2.absdiff(reference, candidate).reshape(reference.shape).max(axis=2)
    pair = RegisteredPair(reference, candidate, np.ones(difference.shape, bool), difference)
    components = [(box, box[2] * box[3], 0.5, 0.2) for box in boxes]
    kept, tally = without_parallax(components, pair, THRESHOLD, backend)
    return [component[0] for component in kept], sum(one.pixels for one in tally.forgiven())


@pytest.mark.parametrize("shift", [(3, 0), (-8, 4), (12, -6)])
def test_a_card_that_was_seen_from_elsewhere_is_explained(shift: tuple[int, int]) -> None:
    kept, pixels = left_of(desk((60, 60)), seen_from_elsewhere(*shift), CARD, SMALL)
    assert kept == []
    assert pixels > 400


@pytest.mark.parametrize("shift", [(3, 0), (-8, 4), (12, -6)])
def test_a_card_that_alone_lies_elsewhere_was_moved(shift: tuple[int, int]) -> None:
    reference, candidate = desk((60, 60)), desk((60 + shift[0], 60 + shift[1]))
    assert left_of(reference, candidate, CARD) == ([CARD], 0)
    assert left_of(reference, candidate, CARD, SMALL) == ([CARD, SMALL], 0)


def test_what_was_added_or_removed_is_not() -> None:
    plain, added = desk((60, 60)), desk((60, 60), ball=True)
    box = (176, 126, 29, 29)
    assert left_of(plain, added, box) == ([box], 0)
    assert left_of(added, plain, box) == ([box], 0)


def test_each_place_is_judged_for_itself() -> None:
    reference, candidate = desk((60, 60)), seen_from_elsewhere(-8, 4, ball=True)
    ball = (176, 126, 29, 29)
    kept, pixels = left_of(reference, candidate, CARD, SMALL, ball)
    assert kept == [ball]
    assert pixels > 400


@pytest.mark.parametrize("channels", [1, 4])
def test_grey_pictures_and_those_with_alpha_are_bent_too(channels: int) -> None:
    reference, candidate = (
        np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])[..., :channels].copy()
        for picture in (desk((60, 60)), seen_from_elsewhere(-8, 4))
    )
    assert left_of(reference, candidate, CARD, SMALL)[0] == []


def test_words_and_tiny_pictures_are_left_as_they_are() -> None:
    picture = np.zeros((9, 9, 3), np.uint8)
    assert left_of(picture, picture + 90, (1, 1, 6, 6))[0] == [(1, 1, 6, 6)]
    wide = desk((60, 60)).astype(np.float32)
    assert left_of(wide, wide[:, ::-1].copy(), CARD)[0] == [CARD]


def test_objects_that_moved_each_its_own_way_were_moved() -> None:
    reference = np.pad(desk((60, 60)), ((0, 200), (0, 300), (0, 0)), mode="symmetric")
    candidate = np.pad(desk((60, 60)), ((0, 200), (0, 300), (0, 0)), mode="symmetric")
    candidate[:200, :240] = desk((68, 58), (162, 30))
    assert left_of(reference, candidate, CARD, SMALL) == ([CARD, SMALL], 0)
    candidate[:200, :240] = desk((68, 58), (178, 22))
    assert left_of(reference, candidate, CARD, SMALL)[0] == []


@pytest.mark.parametrize("height", [LEAST_SIDE, 31])
def test_the_flow_of_a_low_picture_is_found(height: int) -> None:
    """OpenCV's own ends the process there."""
    picture = desk((50, 55))[50 : 50 + height]
    for across in (100, 240):
        flow = find_flow(picture[:, :across], np.roll(picture[:, :across], 2, axis=1))
        assert flow.shape == (height, across, 2)
        assert np.median(flow[4:-4, 55:95], axis=(0, 1)) == pytest.approx((2, 0), abs=0.3)
