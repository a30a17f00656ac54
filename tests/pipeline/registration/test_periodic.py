"""What repeats itself is not laid a period aside where it went straight down."""

from __future__ import annotations

import cv2
import numpy as np

from diffspot.pipeline.registration.evidence import Residuals
from diffspot.pipeline.registration.pair import Pair
from diffspot.pipeline.registration.search import ROUGH, _along_one_axis, _evidence, _full_size, search

WIDTH, HEIGHT = 1200, 800


def chart(down: int) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """A chart of bars whose heights recur nearly every 188 px, so many px further down."""
    picture = np.full((HEIGHT, WIDTH), 246, np.uint8)
    for at in range(23):
        height = 40 + 37 * (at % 4) - at
        cv2.rectangle(picture, (40 + 47 * at, 480 - height + down), (78 + 47 * at, 480 + down), (100,), -1)
    return picture


def test_a_peak_a_period_aside_stands_for_the_motion_straight_down_too() -> None:
    aside = np.array([[1, 0, 94], [0, 1, 12], [0, 0, 1.0]])  # px of the level of half the size
    pair = Pair(chart(0), chart(24))
    level = pair.levels[pair.working]
    found = _full_size(pair, pair.working, [aside, *_along_one_axis([aside])])
    chance = Residuals(level.points, level.moving, np.eye(3)).by_chance(ROUGH)
    shares = [_evidence(pair, matrix, pair.working, chance).share for matrix in (np.eye(3), *found)]
    likeliest = [np.eye(3), *found][int(np.argmax(shares))]
    assert likeliest.tolist() == [[1, 0, 0], [0, 1, 24], [0, 0, 1]]
    assert search(pair).tolist() == likeliest.tolist()
