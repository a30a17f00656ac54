"""Neighbours that changed alike are one region."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.alike import join_alike

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box

    Colour = tuple[int, int, int]

RED, BLUE, GREEN, SAND = (200, 40, 40), (40, 60, 200), (40, 150, 60), (220, 200, 150)


def draw(seed: int, *discs: tuple[int, int, Colour]) -> NDArray[np.uint8]:
    """Discs of 13 px radius at (x, y) on noisy sand between dark lines, as a JPEG would leave them."""
    picture = np.full((200, 300, 3), SAND, np.uint8)
    for x in range(20, 300, 40):
        cv2.line(picture, (x, 0), (x, 60), (60, 50, 40), 2, cv2.LINE_AA)
    for x, y, colour in discs:
        cv2.circle(picture, (x, y), 13, colour, -1, cv2.LINE_AA)
    noise = np.random.default_rng(seed).normal(0, 2.5, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def boxes(before: list[tuple[int, int, Colour]], after: list[tuple[int, int, Colour]], join: float = 10) -> list[Box]:
    pair = draw(1, *before), draw(2, *after)
    return [region.bbox for region in compare(*pair, join=join).regions]


def test_two_alike_that_became_another_colour_are_one_region() -> None:
    # two discs of 27 px, 17 px apart
    ((x, y, w, h),) = boxes([(80, 120, RED), (124, 120, RED)], [(80, 120, BLUE), (124, 120, BLUE)])
    assert 64 <= x <= 68
    assert 104 <= y <= 108
    assert 68 <= w <= 76
    assert 26 <= h <= 32


def test_three_in_a_row_are_one_region() -> None:
    row = (60, 104, 148)
    assert len(boxes([(x, 120, RED) for x in row], [(x, 120, BLUE) for x in row])) == 1


def test_two_that_became_different_colours_are_two_regions() -> None:
    assert len(boxes([(80, 120, RED), (124, 120, RED)], [(80, 120, BLUE), (124, 120, GREEN)])) == 2


def test_one_that_came_beside_one_that_went_are_two_regions() -> None:
    assert len(boxes([(80, 120, RED)], [(124, 120, RED)])) == 2


def test_two_alike_that_lie_askew_further_apart_than_they_are_wide_are_two_regions() -> None:
    # 27 px wide, more than 40 apart, and 30 higher
    assert len(boxes([(80, 120, RED), (150, 90, RED)], [(80, 120, BLUE), (150, 90, BLUE)])) == 2


def test_two_alike_that_lie_level_as_eyes_do_are_one_region() -> None:
    # 83 px apart
    ((x, _, w, h),) = boxes([(80, 120, RED), (190, 121, RED)], [(80, 120, BLUE), (190, 121, BLUE)])
    assert 64 <= x <= 68
    assert 134 <= w <= 142
    assert 26 <= h <= 34


def test_two_that_lie_level_further_apart_are_two_regions() -> None:
    # 27 px wide and 123 apart
    assert len(boxes([(80, 120, RED), (230, 120, RED)], [(80, 120, BLUE), (230, 120, BLUE)])) == 2


def test_two_that_lie_level_and_became_different_colours_are_two_regions() -> None:
    assert len(boxes([(80, 120, RED), (190, 120, RED)], [(80, 120, BLUE), (190, 120, GREEN)])) == 2


def test_two_that_lie_level_among_very_many_stay_two() -> None:
    black, red = np.zeros((200, 900, 3), np.uint8), np.full((200, 900, 3), RED, np.uint8)
    pair = RegisteredPair(black, red, np.ones((200, 900), bool), red.max(axis=2))
    eyes = [((x, 10, 20, 20), 400, 0.8, 0.8) for x in (10, 80)]
    # far below the eyes, and of other shapes
    others = [((150 + 7 * number, 60, 2, 5 + number), 10 + 2 * number, 0.8, 0.8) for number in range(100)]
    join = partial(join_alike, pair=pair, threshold=0.1, backend=get_backend("numpy"), join=10)
    assert len(join(eyes)) == 1
    assert [box for box, *_ in join([*eyes, *others])][:2] == [box for box, *_ in eyes]


def test_a_row_of_three_that_lie_apart_are_three_regions() -> None:
    row = (50, 130, 210)
    assert len(boxes([(x, 120, RED) for x in row], [(x, 120, BLUE) for x in row])) == 3


def test_of_three_in_a_row_the_nearest_two_are_no_eyes() -> None:
    # 83 and 113 px apart
    row = (40, 150, 290)
    assert len(boxes([(x, 120, RED) for x in row], [(x, 120, BLUE) for x in row])) == 3


def test_nothing_is_joined_where_the_user_joins_nothing() -> None:
    assert len(boxes([(80, 120, RED), (124, 120, RED)], [(80, 120, BLUE), (124, 120, BLUE)], join=0)) == 2
