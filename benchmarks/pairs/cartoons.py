"""Find-the-difference puzzles: cut unevenly, rescaled, JPEG."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
from PIL import Image

from benchmarks.pairs.pair import Pair, Planted
from benchmarks.scenes.cartoon import PAINTS, change_cartoon, draw_cartoon, make_cartoon
from benchmarks.scenes.truth import Box, apart, tight_box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 620, 470
# Each side of each picture is cut by up to so many px, and the second one scaled by this at most.
CUT, ZOOM = 14, 0.012
GAP, SMALLEST = 12, 6
QUALITIES = (75, 92)
# Sigma of the blur of either print, px: the second is softer, so that all edges differ.
SHARP, SOFT = 0.5, 1.1
# Faint spots: how many, their sides in px and by how many levels they are darker.
SPOTS, SPOT_SIDES, FAINT = (3, 7), (14, 23), (18, 27)
# Twins: how many pairs of discs, their radius in px, and the gap between the two in shares of their width.
TWINS, RADII, BETWEEN = (2, 5), (10, 16), (0.55, 0.9)
MAX_TRIES = 200


def plant_cartoon(rng: np.random.Generator, *, changed: bool) -> Planted:
    """Draw a meadow and change five to eight things that stand apart."""
    things = make_cartoon(rng, width=WIDTH, height=HEIGHT)
    before = after = draw_cartoon(things, width=WIDTH, height=HEIGHT)
    count, boxes = int(rng.integers(5, 9)) if changed else 0, list[Box]()
    for _ in range(MAX_TRIES):
        if len(boxes) == count:
            break
        other = change_cartoon(things, rng)
        drawn = draw_cartoon(other, width=WIDTH, height=HEIGHT)
        if (drawn == after).all():
            continue
        box = tight_box(after, drawn)
        if min(box[2:]) >= SMALLEST and apart(box, boxes, GAP) and _well_inside(box):
            things, after = other, drawn
            boxes.append(box)
    return Planted(before, after, tuple(boxes))


def _well_inside(box: Box) -> bool:
    x, y, w, h = box
    return x > CUT and y > CUT and x + w < WIDTH - CUT and y + h < HEIGHT - CUT


def _cut(picture: Picture, rng: np.random.Generator) -> tuple[Picture, int, int]:
    """Cut each side by its own number of px; return what was cut left and top, too."""
    left, top, right, bottom = (int(value) for value in rng.integers(0, CUT + 1, 4))
    return picture[top : picture.shape[0] - bottom, left : picture.shape[1] - right], left, top


def draw_cartoon_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Print the two drawings of a puzzle, and cut them out."""
    return _printed(plant_cartoon(rng, changed=changed), rng)


def _printed(planted: Planted, rng: np.random.Generator) -> Pair:
    """Cut out both pictures, scale the second one, and keep them as JPEG."""
    reference, left, top = _cut(planted.before, rng)
    candidate, _, _ = _cut(planted.after, rng)
    zoom = 1 + rng.uniform(-ZOOM, ZOOM)
    size = (round(candidate.shape[1] * zoom), round(candidate.shape[0] * zoom))
    rescaled = Image.fromarray(candidate).resize(size, Image.Resampling.BICUBIC)
    boxes = tuple((x - left, y - top, w, h) for x, y, w, h in planted.boxes)
    return Pair(reference, np.asarray(rescaled), boxes, quality=int(rng.integers(*QUALITIES)))


def draw_faint_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Print a drawing twice, the second time softer and with faint spots on it."""
    things = make_cartoon(rng, width=WIDTH, height=HEIGHT)
    before = draw_cartoon(things, width=WIDTH, height=HEIGHT)
    after, boxes, count = before.copy(), list[Box](), int(rng.integers(*SPOTS)) if changed else 0
    while len(boxes) < count:
        w, h = (int(side) for side in rng.integers(*SPOT_SIDES, 2))
        x, y = int(rng.integers(CUT, WIDTH - CUT - w)), int(rng.integers(CUT, HEIGHT - CUT - h))
        if apart((x, y, w, h), boxes, GAP * 2):
            spot = after[y : y + h, x : x + w]
            spot[:] = np.clip(spot.astype(np.int16) - rng.integers(*FAINT), 0, 255)
            boxes.append((x, y, w, h))
    reference, candidate = (
        np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma), np.uint8)
        for picture, sigma in ((before, SHARP), (after, SOFT))
    )
    return Pair(reference, candidate, tuple(boxes), quality=int(rng.integers(*QUALITIES)))


def draw_twins_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Print a meadow with pairs of discs: of some both got the same other colour, which is one change, of some not."""
    base = draw_cartoon(make_cartoon(rng, width=WIDTH, height=HEIGHT), width=WIDTH, height=HEIGHT)
    before, after, boxes = base.copy(), base.copy(), list[Box]()
    for _ in range(int(rng.integers(*TWINS))):
        radius = int(rng.integers(*RADII))
        step = round(2 * radius * (1 + rng.uniform(*BETWEEN)))
        own, one, other = (PAINTS[index] for index in rng.permutation(len(PAINTS))[:3])
        place = _free_place(rng, boxes, (step + 2 * radius, 2 * radius))
        alike = bool(rng.integers(2))
        parts = [(place[0] + radius + shift, place[1] + radius) for shift in (0, step)]
        for picture, colours in ((before, (own, own)), (after, (one, one if alike else other))):
            for at, colour in zip(parts, colours if changed or picture is before else (own, own), strict=True):
                cv2.circle(picture, at, radius, colour, -1, cv2.LINE_AA)
        discs = [(x - radius, y - radius, 2 * radius + 1, 2 * radius + 1) for x, y in parts]
        boxes.extend([(*discs[0][:2], step + 2 * radius + 1, 2 * radius + 1)] if alike else discs)
    return _printed(Planted(before, after, tuple(boxes) if changed else ()), rng)


def _free_place(rng: np.random.Generator, boxes: list[Box], size: tuple[int, int]) -> tuple[int, int]:
    """Find a place (x, y) for a box of (width, height) px that lies apart from all others."""
    w, h = size
    while True:
        x, y = int(rng.integers(CUT, WIDTH - CUT - w)), int(rng.integers(CUT, HEIGHT - CUT - h))
        if apart((x, y, w, h), boxes, GAP * 5):
            return x, y
