"""Pictures of which every edge was made softer in the same way: captions over a photo, and diagrams of thin lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.pairs.pair import Pair
from benchmarks.scenes.camera import CUBIC, move
from benchmarks.scenes.photo import PHOTOS, load_photo
from benchmarks.scenes.text import PRODUCTS, font
from benchmarks.scenes.truth import tight_box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

PHOTO = 600, 360
# Captions and their places on a photo, px, and by how much a photo is made smaller before it is made larger again.
CAPTIONS = (((24, 20), 18), ((400, 20), 16), ((120, 312), 24))
SMALLER = (0.85, 0.95)
DIAGRAM = 680, 440
# Dots of the grid, parts of a diagram and wires between them, px.
GRID, COLUMNS, ROWS, STEP, PART = 20, 5, 4, (125, 100), (50, 24)
# Px by which all of a diagram lies further on.
ASIDE = (0.3, 0.6)


def draw_captions(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Another caption on a photo that was made smaller and as large as before again."""
    photo = load_photo(PHOTOS[rng.integers(len(PHOTOS))], *PHOTO)
    names = [f"{rng.choice(PRODUCTS)} {rng.integers(10, 99)}" for _ in CAPTIONS]
    before = _captioned(photo, names)
    at = int(rng.integers(len(names)))
    if changed:
        names[at] = f"SOLD {rng.integers(100, 999)}"
    after = Image.fromarray(_captioned(photo, names))
    scale = rng.uniform(*SMALLER)
    smaller = after.resize((round(PHOTO[0] * scale), round(PHOTO[1] * scale)), Image.Resampling.LANCZOS)
    box = tight_box(before, np.asarray(after)) if changed else None
    return Pair(before, np.asarray(smaller.resize(PHOTO, Image.Resampling.LANCZOS)), (box,) if box else ())


def draw_diagram(rng: np.random.Generator, *, changed: bool) -> Pair:
    """One part of a diagram less; all of it lies a part of a px further on."""
    parts = {(row, column): int(rng.integers(100, 999)) for row in range(ROWS) for column in range(COLUMNS)}
    before = _diagram(parts)
    if changed:
        del parts[list(parts)[int(rng.integers(len(parts)))]]
    after = _diagram(parts)
    box = tight_box(before, after) if changed else None
    dx, dy = rng.uniform(*ASIDE, 2) * rng.choice([-1, 1], 2)
    return Pair(before, move(after, dx, dy, order=CUBIC), (box,) if box else ())


def _captioned(photo: Picture, names: list[str]) -> Picture:
    shown = Image.fromarray(photo.copy())
    pen = ImageDraw.Draw(shown)
    for ((x, y), size), name in zip(CAPTIONS, names, strict=True):
        pen.text((x + 2, y + 2), name, fill="black", font=font(size))
        pen.text((x, y), name, fill="white", font=font(size))
    return np.asarray(shown)


def _diagram(parts: dict[tuple[int, int], int]) -> Picture:
    shown = Image.new("RGB", DIAGRAM, "white")
    pen = ImageDraw.Draw(shown)
    for y in range(GRID // 2, DIAGRAM[1], GRID):
        for x in range(GRID // 2, DIAGRAM[0], GRID):
            pen.point((x, y), fill=(200, 200, 200))
    for row in range(ROWS):
        for column in range(COLUMNS):
            x, y = 30 + STEP[0] * column, 50 + STEP[1] * row
            pen.line((x + PART[0], y, x + STEP[0], y), fill="black")
            if (row, column) in parts:
                pen.rectangle((x, y - PART[1] // 2, x + PART[0], y + PART[1] // 2), outline="black")
                pen.text((x + 8, y - 6), f"R{parts[row, column]}", fill=(0, 0, 160), font=font(11))
    return np.asarray(shown)
