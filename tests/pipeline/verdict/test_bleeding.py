"""Colour that ran beside a coloured edge is no region; what became another colour is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.bleeding import without_bleeding

if TYPE_CHECKING:
    from numpy.typing import NDArray

GROUND, BLUE = (200, 200, 200), (30, 30, 220)
BOX = (36, 30, 8, 20)
THRESHOLD = 11 / 255


def marked(*, x: int = 20) -> NDArray[np.uint8]:
    """Grey, with a blue mark of 16 x 40 px that begins in column x."""
    picture = np.full((80, 80, 3), GROUND, np.uint8)
    picture[20:60, x : x + 16] = BLUE
    return picture


def with_colour(picture: NDArray[np.uint8], box: tuple[int, int, int, int], blue: int) -> NDArray[np.uint8]:
    """The picture with another Cb within a box, and the same brightness."""
    x, y, w, h = box
    converted = cv2.cvtColor(picture, cv2.COLOR_RGB2YCrCb)
    converted[y : y + h, x : x + w, 2] += np.uint8(blue)
    return np.asarray(cv2.cvtColor(converted, cv2.COLOR_YCrCb2RGB), np.uint8)


def kept(candidate: NDArray[np.uint8], box: tuple[int, int, int, int] = BOX) -> int:
    """How many regions are left of a component there, and what is counted of the others."""
    reference = marked()
    backend = get_backend("numpy")
    valid = np.ones(reference.shape[:2], bool)
    pair = RegisteredPair(reference, candidate, valid, backend.absdiff(reference, candidate))
    left, tally = without_bleeding([(box, 77, 0.2, 0.1)], pair, THRESHOLD, backend)
    assert tally.places == ([] if left else [("noise", box, 77)])
    return len(left)


@pytest.mark.parametrize(("box", "count"), [(BOX, 0), ((60, 30, 12, 20), 1)], ids=["beside the mark", "far from it"])
def test_colour_runs_beside_colour(box: tuple[int, int, int, int], count: int) -> None:
    assert kept(with_colour(marked(), box, 20), box) == count


def test_what_became_brighter_or_darker_is_no_colour_that_ran() -> None:
    candidate = marked()
    candidate[30:50, 36:48] -= 20
    assert kept(candidate) == 1


def test_a_mark_that_came_or_went_is_none() -> None:
    grey = np.full((80, 80, 3), GROUND, np.uint8)
    assert kept(grey, (20, 20, 16, 40)) == 1


def test_a_noisy_frame_whose_colours_ran_is_the_same() -> None:
    rng = np.random.default_rng(3)
    frame = np.tile(marked(), (3, 4, 1))
    ran = with_colour(frame, (116, 110, 8, 20), 24)
    other = with_colour(frame, (140, 110, 8, 20), 24)
    first, second, third = (
        np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8) for picture in (frame, ran, other)
    )
    assert compare(first, second).status == "same"
    (region,) = compare(first, third).regions
    assert region.bbox[0] >= 130
