"""What is written over a picture stays where it is when the scene behind it moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from benchmarks.agreement import overlap
from diffspot import compare
from tests.kinds import assert_changes_found, kind
from tests.pipeline.test_compare import boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

MARK = (150, 100, 40, 14)
SHIFT = (1.4, -1.6)


def scene(seed: int) -> NDArray[np.float32]:
    """Smooth hot parts, (200, 260) levels."""
    rng = np.random.default_rng(seed)
    plane = np.full((200, 260), 70, np.float32)
    for _ in range(14):
        x, y, w, h = (int(value) for value in rng.integers((8, 8, 12, 12), (210, 160, 40, 30)))
        plane[y : y + h, x : x + w] += rng.uniform(-30, 90)
    plane[70:150, 120:220] = 70  # even around the mark
    return cv2.GaussianBlur(plane, (0, 0), 2)


def frame(plane: NDArray[np.float32], seed: int, text: str) -> Picture:
    """What the camera delivers: with noise, and writing over it."""
    noisy = plane + np.random.default_rng(seed).normal(0, 1.5, plane.shape)
    picture = np.repeat(np.clip(noisy, 0, 255).astype(np.uint8)[..., None], 3, axis=2)
    x, y, _, h = MARK
    return np.asarray(cv2.putText(picture, text, (x, y + h), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255)))


def moved(plane: NDArray[np.float32]) -> NDArray[np.float32]:
    matrix = np.array([[1, 0, SHIFT[0]], [0, 1, SHIFT[1]]], np.float32)
    return cv2.warpAffine(plane, matrix, plane.shape[::-1], borderMode=cv2.BORDER_REPLICATE)


@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_written_over_a_scene_that_moved_is_the_same_and_it_is_said(seed: int) -> None:
    plane = scene(seed)
    result = compare(frame(plane, 1, "21.4"), frame(moved(plane), 2, "21.4"))
    assert boxes(result) == []
    assert result.registration.method != "none"
    assert "movement" in [one.cause for one in result.forgiven]


@pytest.mark.parametrize(("before", "after"), [("", "21.4"), ("21.4", ""), ("21.4", "88.0")])
def test_writing_that_changed_is_found(before: str, after: str) -> None:
    plane = scene(0)
    (found,) = boxes(compare(frame(plane, 1, before), frame(moved(plane), 2, after)))
    assert overlap(found, MARK) > 0.3


def test_of_jolted_frames_every_change_of_the_scene_is_found() -> None:
    for index in range(3):
        assert_changes_found(kind("photo, jolted behind an overlay").pair(index, seed=1), alone=False)


def test_a_patch_in_another_colour_that_another_light_hides_is_no_overlay() -> None:
    """Twelve patches, turned by half a degree in less light: one is 20 levels redder, all of which that light takes."""
    rng = np.random.default_rng(1)
    sheets = []
    for redder in (0, 20):
        sheet = np.full((260, 340, 3), 235, np.float32)
        for index, colour in enumerate(np.random.default_rng(7).uniform(60, 170, (12, 3))):
            x, y = 20 + 78 * (index % 4), 16 + 78 * (index // 4)
            sheet[y : y + 62, x : x + 62] = (60, 70, 175 + redder) if index == 9 else colour
        sheets.append(sheet)
    turn = cv2.getRotationMatrix2D((170, 130), 0.5, 1.0)
    seen = 0.9 * cv2.warpAffine(sheets[1], turn, (340, 260), borderMode=cv2.BORDER_REPLICATE)
    shots = [(side + rng.normal(0, 2, side.shape)).clip(0, 255).astype(np.uint8) for side in (sheets[0], seen)]
    (found,) = boxes(compare(*shots))
    assert overlap(found, (98, 172, 62, 62)) > 0.8
