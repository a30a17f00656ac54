"""What repeats itself is not laid a period aside where it went straight down."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from diffspot.pipeline.registration import register
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


def fence(rng: np.random.Generator, texture: float) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """A fence of 14 slats alike, 48 px from one to the next, before a ground of some texture."""
    picture = rng.normal(0, 40, (420, 700)).astype(np.float32)
    picture = 150 + texture * cv2.GaussianBlur(picture, (0, 0), 3)
    for left in range(20, 692, 48):
        cv2.rectangle(picture, (left, 50), (left + 26, 370), (210,), -1)
    cv2.line(picture, (0, 120), (699, 120), (90,), 6)
    return cv2.GaussianBlur(picture, (0, 0), 0.8)


@pytest.mark.parametrize(
    ("texture", "turn", "step"), [(0.0, 0.9, (26, -8)), (0.3, -0.9, (34, 5))], ids=["seen nearby", "seen by features"]
)
def test_rows_of_like_things_are_not_laid_one_further_on(texture: float, turn: float, step: tuple[int, int]) -> None:
    rng = np.random.default_rng(4)
    picture = fence(rng, texture)
    moved = cv2.getRotationMatrix2D((350, 210), turn, 1)
    moved[:, 2] += step
    after = cv2.warpAffine(picture, moved, (700, 420), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    pair = ((each + rng.normal(0, 2, each.shape)).clip(0, 255).round().astype(np.uint8) for each in (picture, after))
    matrix = np.array(register(*pair, method="auto", photo=True).matrix)
    corners = np.array([[0, 0, 1], [699, 0, 1], [0, 419, 1], [699, 419, 1]], np.float64).T
    back = matrix @ np.vstack([moved @ corners, np.ones(4)])
    np.testing.assert_allclose(back[:2] / back[2], corners[:2], atol=0.5)
