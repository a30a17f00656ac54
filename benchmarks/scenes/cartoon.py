"""Cartoons: filled shapes with dark outlines, as in find-the-difference puzzles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from benchmarks.scenes.page import Colour

    Picture = NDArray[np.uint8]

# Drawn this much larger, then averaged down, for smooth outlines.
OVERSAMPLING = 3
OUTLINE: Colour = (46, 34, 40)
STROKE = 2.2
SKY, GRASS = (168, 214, 238), (150, 196, 98)
HILLS = ((132, 184, 104), (116, 170, 110), (164, 200, 116))
PAINTS = (
    (226, 84, 72), (240, 178, 62), (250, 226, 110), (92, 150, 210), (160, 104, 180),
    (236, 140, 170), (120, 186, 150), (240, 236, 226),
)  # fmt: skip
TRUNK, LEAVES = (142, 98, 66), ((84, 150, 76), (104, 168, 84), (66, 134, 88))


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing in the picture: its kind in `KINDS`, where its foot stands, its size in px."""

    kind: str
    x: float
    y: float
    size: float
    colour: Colour


class Pencil:
    """Draws filled shapes with dark outlines, in units of a thing's size from its foot."""

    def __init__(self, canvas: ImageDraw.ImageDraw, thing: Thing) -> None:
        self._canvas = canvas
        self._thing = thing

    def _at(self, points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
        thing = self._thing
        return [
            ((thing.x + u * thing.size) * OVERSAMPLING, (thing.y - v * thing.size) * OVERSAMPLING) for u, v in points
        ]

    def polygon(self, points: Sequence[tuple[float, float]], fill: Colour) -> None:
        """Fill a polygon and outline it."""
        corners = self._at(points)
        self._canvas.polygon(corners, fill=fill)
        line = [*corners, corners[0], corners[1]]
        self._canvas.line(line, OUTLINE, round(STROKE * OVERSAMPLING), joint="curve")

    def line(self, points: Sequence[tuple[float, float]]) -> None:
        """Draw an open line."""
        self._canvas.line(self._at(points), OUTLINE, round(STROKE * OVERSAMPLING), joint="curve")

    def disc(self, x: float, y: float, wide: float, high: float, fill: Colour) -> None:
        """Fill an ellipse about (x, y) and outline it."""
        (left, top), (right, bottom) = self._at(((x - wide, y + high), (x + wide, y - high)))
        width = round(STROKE * OVERSAMPLING)
        self._canvas.ellipse((left, top, right, bottom), fill, OUTLINE, width)


def _house(pencil: Pencil, colour: Colour) -> None:
    pencil.polygon(((-0.5, 0), (0.5, 0), (0.5, 0.6), (-0.5, 0.6)), colour)
    pencil.polygon(((-0.6, 0.58), (0.6, 0.58), (0.0, 1.0)), (178, 78, 62))
    pencil.polygon(((-0.12, 0), (0.12, 0), (0.12, 0.34), (-0.12, 0.34)), TRUNK)
    for side in (-0.38, 0.2):
        pencil.polygon(((side, 0.2), (side + 0.18, 0.2), (side + 0.18, 0.42), (side, 0.42)), (206, 232, 244))


def _tree(pencil: Pencil, colour: Colour) -> None:
    pencil.polygon(((-0.07, 0), (0.07, 0), (0.05, 0.5), (-0.05, 0.5)), TRUNK)
    for x, y, radius in ((-0.2, 0.55, 0.2), (0.2, 0.55, 0.2), (0, 0.76, 0.24)):
        pencil.disc(x, y, radius, radius, colour)


def _flower(pencil: Pencil, colour: Colour) -> None:
    pencil.line(((0, 0), (0, 0.7)))
    for turn in np.arange(5) * 2 * np.pi / 5:
        x, y = 0.2 * np.cos(turn), 0.7 + 0.2 * np.sin(turn)
        pencil.disc(float(x), float(y), 0.16, 0.16, colour)
    pencil.disc(0, 0.7, 0.12, 0.12, (250, 220, 90))


def _cloud(pencil: Pencil, _: Colour) -> None:
    for x, y, radius in ((-0.3, 0.2, 0.2), (0.3, 0.2, 0.2), (0, 0.28, 0.28)):
        pencil.disc(x, y, radius * 1.2, radius, (250, 252, 254))


def _balloon(pencil: Pencil, colour: Colour) -> None:
    pencil.line(((0, 0), (0.05, 0.25), (0, 0.5)))
    pencil.disc(0, 0.75, 0.22, 0.27, colour)


def _cat(pencil: Pencil, colour: Colour) -> None:
    pencil.disc(0, 0.28, 0.26, 0.28, colour)
    for side in (-1.0, 1.0):
        pencil.polygon(((side * 0.05, 0.78), (side * 0.22, 0.98), (side * 0.24, 0.68)), colour)
    pencil.disc(0, 0.66, 0.25, 0.22, colour)
    for side in (-0.09, 0.09):
        pencil.disc(side, 0.7, 0.05, 0.06, (252, 252, 248))
    pencil.line(((-0.07, 0.57), (0, 0.54), (0.07, 0.57)))


def _sun(pencil: Pencil, _: Colour) -> None:
    for turn in np.arange(10) * 2 * np.pi / 10:
        across, up = float(np.cos(turn)), float(np.sin(turn))
        pencil.line(((0.36 * across, 0.36 * up), (0.5 * across, 0.5 * up)))
    pencil.disc(0, 0, 0.28, 0.28, (252, 214, 84))


def _stone(pencil: Pencil, _: Colour) -> None:
    pencil.polygon(((-0.5, 0), (0.5, 0), (0.4, 0.3), (0.1, 0.5), (-0.35, 0.4)), (176, 176, 184))


KINDS = {
    "house": _house, "tree": _tree, "flower": _flower, "cloud": _cloud,
    "balloon": _balloon, "cat": _cat, "sun": _sun, "stone": _stone,
}  # fmt: skip
# kind, how many, the size in px, and where its foot stands as a share of the height.
CAST = (
    ("sun", 1, (60, 70), (0.12, 0.16)), ("cloud", 3, (50, 80), (0.16, 0.28)),
    ("house", 2, (110, 140), (0.60, 0.66)), ("tree", 4, (90, 130), (0.58, 0.70)),
    ("balloon", 3, (50, 70), (0.34, 0.46)), ("cat", 2, (60, 80), (0.84, 0.92)),
    ("flower", 9, (26, 38), (0.76, 0.97)), ("stone", 4, (18, 30), (0.74, 0.97)),
)  # fmt: skip
REPAINTED = ("house", "tree", "flower", "balloon", "cat")


def make_cartoon(rng: np.random.Generator, *, width: int, height: int) -> list[Thing]:
    """Set a meadow with houses, trees, cats and flowers; things further back come first."""
    things = []
    for kind, count, sizes, feet in CAST:
        for place in rng.permutation(count):
            x = (place + rng.uniform(0.25, 0.75)) / count * width
            colours = LEAVES if kind == "tree" else PAINTS
            colour = colours[rng.integers(len(colours))]
            foot = float(rng.uniform(*feet)) * height
            things.append(Thing(kind, float(x), foot, float(rng.uniform(*sizes)), colour))
    return sorted(things, key=lambda thing: thing.y)


def change_cartoon(things: Sequence[Thing], rng: np.random.Generator) -> list[Thing]:
    """Take one thing away, paint it in another colour, move it a little or make it smaller."""
    changed, at = list(things), int(rng.integers(len(things)))
    thing, way = things[at], rng.integers(4)
    if way == 0:
        del changed[at]
    elif way == 1:
        changed[at] = replace(thing, size=thing.size * 0.75)
    elif way == 2 or thing.kind not in REPAINTED:
        changed[at] = replace(thing, x=thing.x + float(rng.choice((-1, 1))) * thing.size * 0.3)
    else:
        others = [paint for paint in PAINTS if paint != thing.colour]
        changed[at] = replace(thing, colour=others[rng.integers(len(others))])
    return changed


def draw_cartoon(things: Sequence[Thing], *, width: int, height: int) -> Picture:
    """Draw sky, hills and things; return (height, width, 3) uint8."""
    sheet = Image.new("RGB", (width * OVERSAMPLING, height * OVERSAMPLING), SKY)
    canvas = ImageDraw.Draw(sheet)
    for index, hill in enumerate(HILLS):
        ground = Thing("hill", width * (0.1 + 0.4 * index), height * 0.62, width * 0.4, OUTLINE)
        Pencil(canvas, ground).disc(0, 0, 0.75, 0.28, hill)
    front = Thing("meadow", width / 2, height, width, OUTLINE)
    high = 0.4 * height / width
    Pencil(canvas, front).polygon(((-1, -1), (1, -1), (1, high), (-1, high)), GRASS)
    for thing in things:
        KINDS[thing.kind](Pencil(canvas, thing), thing.colour)
    return np.asarray(sheet.reduce(OVERSAMPLING))
