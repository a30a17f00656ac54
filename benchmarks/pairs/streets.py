"""A street and a board seen by a camera on a stand: cars and parts come and go, shadows and glints are no change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from benchmarks.pairs.pair import Pair
from benchmarks.scenes.camera import add_noise
from benchmarks.scenes.truth import apart

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.scenes.truth import Box

    Levels = NDArray[np.float64]

WIDTH, HEIGHT = 480, 360
NOISE = (1.5, 3.0)
# Cars: how many, px of their sides, and how far they are apart, shadows included.
CARS, CAR, GAP = (1, 3), (30, 56), 16
# Share of the light that shadows take, and how long they are in lengths of the car.
DEPTH, LONG = (0.3, 0.5), 1.0
# Px of the shadow of a car outside the picture, at its right edge.
OUTSIDE = (70, 22)
# Joints of a board: px between them and of their radius; levels by which light falls otherwise on each.
STEP, RADIUS, GLINT = 48, 13, 40.0
TRIES = 500


def draw_street(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Cars that throw shadows, and a shadow from outside the picture; nothing but noise where nothing changed."""
    ground = _street(rng)
    lit, boxes, taken = ground.copy(), [], [(WIDTH - OUTSIDE[0], 20, *OUTSIDE)]
    depth = float(rng.uniform(*DEPTH))
    for side in rng.integers(*CAR, int(rng.integers(*CARS))).tolist() if changed else ():
        wide, high = round(1.4 * side), side
        for _ in range(TRIES):
            x, y = int(rng.integers(8, WIDTH - 3 * wide)), int(rng.integers(8, HEIGHT - high - 8))
            if apart((x, y, round(wide * (1 + LONG)), high), taken, GAP):
                taken.append((x, y, round(wide * (1 + LONG)), high))
                boxes.append((x, y, wide, high))
                break
    if boxes:
        _shade(lit, (WIDTH - OUTSIDE[0], 20, *OUTSIDE), depth)
    for box in boxes:
        _park(lit, box, depth, rng)
    noise = float(rng.uniform(*NOISE))
    first, second = (add_noise(_bytes(each), rng, noise) for each in (ground, lit))
    return Pair(first, second, tuple(boxes))


def draw_joints(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Solder joints under a lamp: on each light falls otherwise in the second shot; one may be missing there."""
    columns, rows = (range(STEP, side - STEP // 2, STEP) for side in (WIDTH, HEIGHT))
    places = [(x, y) for y in rows for x in columns]
    missing = places[int(rng.integers(len(places)))] if changed else None
    # A heavy tail: on few joints the lamp is seen itself.
    tails = [rng.standard_t(3, len(places)) for _ in range(2)]
    shots = []
    for tail, gone in zip(tails, (None, missing), strict=True):
        board = np.full((HEIGHT, WIDTH, 3), (40.0, 96.0, 60.0))
        for place, strength in zip(places, tail, strict=True):
            if place != gone:
                cv2.circle(board, place, RADIUS, (128, 130, 134), -1, cv2.LINE_AA)
                _gleam(board, place, GLINT + 0.25 * GLINT * float(np.clip(strength, -4, 4)))
        shots.append(add_noise(_bytes(board), rng, float(rng.uniform(*NOISE))))
    side = 2 * RADIUS + 1
    return Pair(shots[0], shots[1], ((missing[0] - RADIUS, missing[1] - RADIUS, side, side),) if missing else ())


def _street(rng: np.random.Generator) -> Levels:
    details = cv2.GaussianBlur(rng.normal(0, 1, (HEIGHT, WIDTH)), (0, 0), 2)
    return np.array([132.0, 128.0, 122.0]) + (6 * details / details.std())[..., None]


def _shade(picture: Levels, box: Box, depth: float) -> None:
    x, y, w, h = box
    light = np.zeros((HEIGHT, WIDTH))
    light[y : y + h, x : x + w] = depth
    picture *= (1 - cv2.GaussianBlur(light, (0, 0), 1))[..., None]


def _park(picture: Levels, box: Box, depth: float, rng: np.random.Generator) -> None:
    x, y, w, h = box
    _shade(picture, (x + w, y + h // 4, round(LONG * w), h - h // 4), depth)
    picture[y : y + h, x : x + w] = rng.uniform((150, 20, 20), (230, 90, 90))
    picture[y + h // 6 : y + h // 2, x + w // 6 : x + w - w // 6] = (50, 20, 25)


def _gleam(picture: Levels, place: tuple[int, int], strength: float) -> None:
    light = np.zeros((HEIGHT, WIDTH))
    cv2.circle(light, place, RADIUS // 2, 1, -1)
    picture += (max(strength, 0.0) * cv2.GaussianBlur(light, (0, 0), 2))[..., None]


def _bytes(levels: Levels) -> NDArray[np.uint8]:
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)
