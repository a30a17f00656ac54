"""What moved with its surroundings is explained; what was moved alone, and what came among leaves in wind, is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from diffspot.backends import get_backend
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.swaying import without_swaying

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box

    Picture = NDArray[np.uint8]

THRESHOLD = 0.1
BOX = 130, 110, 60, 50
SIZE = (280, 320)


def leaves(rng: np.random.Generator) -> Picture:
    """Blades and leaves a few px wide."""
    soft = cv2.GaussianBlur(rng.normal(size=(*SIZE, 3)), (0, 0), 2.5)
    return np.asarray(np.clip(120 + 45 * soft / soft.std(), 0, 255), np.uint8)


def moved(picture: Picture, right: NDArray[np.float32] | float) -> Picture:
    """A picture whose content lies so many px further to the left."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]].astype(np.float32)
    there = (columns + right).astype(np.float32)
    return np.asarray(cv2.remap(picture, there, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), np.uint8)


def within(picture: Picture, other: Picture, box: Box = BOX) -> Picture:
    """A picture that shows the other one in a box."""
    x, y, w, h = box
    both = picture.copy()
    both[y : y + h, x : x + w] = other[y : y + h, x : x + w]
    return both


def left_of(reference: Picture, candidate: Picture, *boxes: Box) -> tuple[list[Box], list[str]]:
    """The boxes that no movement explains, and the causes of the others."""
    difference = cv2.absdiff(reference, candidate).max(axis=2)
    pair = RegisteredPair(reference, candidate, np.ones(SIZE, bool), difference)
    components = [(box, box[2] * box[3], 0.5, 0.2) for box in boxes]
    kept, tally = without_swaying(components, pair, THRESHOLD, get_backend("numpy"))
    return [component[0] for component in kept], [one.cause for one in tally.forgiven()]


def gusts() -> NDArray[np.float32]:
    """(H, W) px by which leaves sway, 1 to 4."""
    rows, columns = np.mgrid[: SIZE[0], : SIZE[1]]
    return np.asarray(2.5 + 1.5 * np.sin(columns / 25 + rows / 40), np.float32)


@pytest.mark.parametrize("way", [2.0, -4.0])
def test_what_moved_with_all_around_it_is_explained(rng: np.random.Generator, way: float) -> None:
    picture = leaves(rng)
    assert left_of(picture, moved(picture, way), BOX) == ([], ["movement"])


def test_leaves_that_sway_in_gusts_are_explained(rng: np.random.Generator) -> None:
    picture = leaves(rng)
    assert left_of(picture, moved(picture, gusts()), BOX) == ([], ["movement"])


@pytest.mark.parametrize("way", [2.0, -4.0])
def test_what_moved_alone_was_moved(rng: np.random.Generator, way: float) -> None:
    picture = leaves(rng)
    assert left_of(picture, within(picture, moved(picture, way)), BOX) == ([BOX], [])


def test_another_place_that_moved_says_nothing_of_it(rng: np.random.Generator) -> None:
    picture, other = leaves(rng), (210, 30, 60, 50)
    candidate = within(within(picture, moved(picture, 3)), moved(picture, 3), other)
    assert left_of(picture, candidate, BOX, other) == ([BOX, other], [])


def test_what_came_or_went_among_leaves_in_wind_is_no_movement(rng: np.random.Generator) -> None:
    picture, x, y, w, h = leaves(rng), *BOX
    candidate = moved(picture, 3)
    cv2.ellipse(candidate, (x + w // 2, y + h // 2), (w // 2, h // 2), 0, 0, 360, (30, 60, 190), -1, cv2.LINE_AA)
    assert left_of(picture, candidate, BOX) == ([BOX], [])
    assert left_of(candidate, picture, BOX) == ([BOX], [])


def test_what_fills_the_picture_has_no_surroundings(rng: np.random.Generator) -> None:
    picture, box = leaves(rng), (10, 10, 300, 260)
    assert left_of(picture, moved(picture, 3), box) == ([box], [])


def test_what_was_stretched_and_squeezed_is_no_movement(rng: np.random.Generator) -> None:
    picture, columns = leaves(rng), np.arange(SIZE[1])
    candidate = moved(picture, np.asarray(2 + 2.5 * np.sin(columns / 14), np.float32))
    assert left_of(picture, candidate, BOX) == ([BOX], [])
