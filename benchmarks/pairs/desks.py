"""Photographs of a desk on which things stand, taken again from elsewhere: what stands up moves beside the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.pairs.pair import Planted
from benchmarks.pairs.photos import HEIGHT, MARGIN, SIZES, WIDTH, homography, take_again
from benchmarks.scenes.photo import PHOTOS, load_photo, plant_changes
from benchmarks.scenes.truth import apart, step_boxes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.pairs.pair import Pair
    from benchmarks.scenes.truth import Box

    Picture = NDArray[np.uint8]

# Cards that stand on the desk: how many, their sides, and how far they are apart from other things, px.
CARDS, SIDES, GAP = 3, (60, 100), 24
# Px by which the first card is seen elsewhere; each stands half as high again as the one before.
PARALLAX = (3.0, 9.0)
# Grain of the desk: levels, and px over which it is alike along the boards.
GRAIN, BOARD = 9.0, 64
CLEAR = 40
TRIES = 1000


def draw_desk_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Things came or went on the desk; the cards stay, but the camera saw them from elsewhere."""
    desk = _desk(rng)
    height, width = desk.shape[:2]
    cards: list[Box] = []
    for side in rng.integers(*SIDES, CARDS).tolist():
        for _ in range(TRIES):
            x, y = (int(rng.integers(MARGIN + CLEAR, size - side - MARGIN - CLEAR)) for size in (width, height))
            if apart((x, y, side, side), cards, GAP):
                cards.append((x, y, side, side))
                break
    while True:  # until no change lies under a card
        sizes = rng.integers(*SIZES, rng.integers(3, 6)).tolist() if changed else ()
        steps = plant_changes(desk, rng, sizes, border=MARGIN + CLEAR)
        boxes = step_boxes(steps)
        if all(apart(card, boxes, GAP) for card in cards):
            break
    angle, far = rng.uniform(0, 2 * np.pi), rng.uniform(*PARALLAX)
    step = far * np.array([np.cos(angle), np.sin(angle)])
    before, after = (_stand(picture, cards, way) for picture, way in ((steps[0], 0 * step), (steps[-1], step)))
    return take_again(Planted(before, after, boxes), rng, homography)


def _desk(rng: np.random.Generator) -> Picture:
    """(H, W, 3) boards with grain along them."""
    height, width = HEIGHT + 2 * MARGIN, WIDTH + 2 * MARGIN
    noise = rng.normal(0, 1, (height, width // BOARD + 2))
    places = np.arange(width) / BOARD
    grain = np.array([np.interp(places, np.arange(row.size), row) for row in noise])
    board = np.array([178.0, 140.0, 102.0]) + GRAIN * grain[..., None]
    return np.clip(np.rint(board), 0, 255).astype(np.uint8)


def _stand(picture: Picture, cards: list[Box], step: NDArray[np.float64]) -> Picture:
    """A picture with photographs that stand on it, seen `step` px further on the nearest to the desk."""
    seen = picture.copy()
    for index, (x, y, width, height) in enumerate(cards):
        dx, dy = np.rint(step * (1 + index / 2)).astype(int)
        seen[y + dy : y + dy + height, x + dx : x + dx + width] = load_photo(PHOTOS[index], width, height)
    return seen
