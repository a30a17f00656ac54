"""Thin lines that came or went in noisy pairs: scratches, hairlines, cables, trails, and dead columns of a sensor.

Morphology takes what is thinner than a square for noise, and no pixel of a faint line stands out; all of them together
do. So the difference is added up along straight lines of every direction, and held to what noise makes of such sums
(Desolneux, Moisan and Morel's meaningful alignments, doi:10.1023/A:1026593302236). Edges that wander are lines as well:
what both pictures show of edges takes weight from such places, a line is there in one picture alone, and it is stronger
than all that lie elsewhere but for a few.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.cells import touched
from diffspot.pipeline.verdict.grids import FINE, find_grid
from diffspot.pipeline.verdict.groups import union
from diffspot.pipeline.verdict.straight import (
    SHORTEST,
    SUMMED,
    TAKEN,
    find_planes,
    find_sums,
    may_hold_lines,
    points,
    rounded,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.grids import Grid
    from diffspot.pipeline.verdict.straight import Planes, Point

STILL, RESAMPLED = 9.0, 14.0
"""Standard errors by which a line differs at least, where the candidate lies still and where it was resampled: what
compression and resampling leave along edges adds up, too."""
LEAST_LEVELS = 1.0
"""Grey levels by which a line differs in the mean over three cells across it."""
ACROSS = 8
"""Cells on either side of a line that are looked at."""
TWO_SIDED = 0.7
"""Share of its contrast on one side that a line has on the other: the border of an area has none there."""
EVEN = 0.7
"""Share of a line's height by which what lies beside it differs otherwise than usual there at most: what moved aside
differs with both signs, and light that is left slopes."""
BESIDE, MOVED, LEAST_MOVED = 3, 5.0, 0.35
"""Cells beside a line within which both pictures show the edge that moved there if one did; and shares of what they
change by there over two cells that it may differ by then: times the wander of edges, and at least."""
MOST_WANDER = 0.5
"""Cells by which edges wander from which they are no longer told from lines."""
PASSED_OVER, BEYOND = 3, 1.6
"""Lines that are passed over, and times the next one by which a line stands out: edges that moved are many."""
MOST_LINES = 32
"""Parts of lines that are looked at; where more stand out, all over a picture does."""
JOINED = 12
"""Cells between the ends of two parts of one bent line."""
WITHIN, WITHIN_SOLID = 0.75, 0.2
"""Share of a line in places that were judged before, and in solid ones: it is part of them."""
THICK = 3
"""Cells that something solid is thick in the mean: it has straight borders of its own, and its glow or shadow goes on
beyond them."""
RINGING = 0.03
"""Share of the contrast beside it by which a line must differ: compression and interpolation leave as much of an edge
within a block."""


class _Line(NamedTuple):
    """A part of a line.

    Attributes:
        errors: standard errors by which it differs.
        straight: x and y of both ends of the straight line that was added up, in cells.
        ends: those of all that it is a part of.
    """

    errors: float
    straight: tuple[Point, Point]
    ends: tuple[Point, Point]


def find_streaks(
    pair: RegisteredPair, components: Sequence[Component], explained: Sequence[Box], backend: Backend, *, still: bool
) -> list[Component]:
    """The components of a noisy pair, and the thin lines that came or went, each as one with its parts among these.

    Args:
        pair: a single one, in one light.
        components: what differs pixel by pixel.
        explained: boxes of what something else explains, px.
        backend: what the arrays live on.
        still: whether the candidate was not resampled.
    """
    if min(pair.valid.shape) < FINE * SHORTEST:
        return list(components)
    grid, boxes = find_grid(pair, backend), [*(box for box, *_ in components), *explained]
    least, cell = STILL if still else RESAMPLED, grid.cell
    solid = [box for box, area, *_ in components if _is_solid(box, area, cell)]
    if min(grid.inside.shape) < SHORTEST or not _may_have_any(grid.halved(), [*solid, *explained], least):
        return list(components)
    planes = find_planes(grid)
    if planes.wander > MOST_WANDER:
        return list(components)
    known, within = _covered(boxes, grid), _covered(solid, grid, room=TAKEN)
    whole = list(components)
    for line, levels in _new(_standing_out(_lines(planes, known, within)), planes, least):
        parts = [one for one in whole if _passes(line, one[0], cell)]
        streak = _component(line, levels, cell, pair.valid.shape)
        whole = [*(one for one in whole if one not in parts), union([streak, *parts])]
    return whole


def _may_have_any(coarse: Grid, boxes: Sequence[Box], least: float) -> bool:
    """Whether a line outside of the boxes is seen in cells twice as large; most photos end here.

    Such cells show noise as much weaker as a line, but half as many of them add up to one.

    Args:
        coarse: the cells.
        boxes: of what is no line, px.
        least: standard errors.
    """
    planes, known = find_planes(coarse), _covered(boxes, coarse)
    left = np.where(known, planes.reference, planes.candidate)
    return may_hold_lines(planes._replace(candidate=left, weight=planes.weight * ~known), least)


def _is_solid(box: Box, area: int, cell: int) -> bool:
    """Whether a component of `area` px is no part of a line: thick, for its length."""
    return area >= THICK * cell * max(box[2:])


def _covered(boxes: Iterable[Box], grid: Grid, room: int = 0) -> NDArray[np.bool_]:
    """(rows, columns) bool: the cells that boxes in px reach into, and so many around each."""
    covered = np.zeros(grid.inside.shape, bool)
    for box in boxes:
        covered[touched(box, grid.cell, room)] = True
    return covered


def _lines(planes: Planes, known: NDArray[np.bool_], solid: NDArray[np.bool_]) -> Iterator[_Line]:
    """Parts of lines that lie apart, strongest first, but those in `known` places and those that `solid` ones end."""
    taken = np.zeros(known.shape, np.uint8)
    looked = 0
    for total in sorted(find_sums(planes), key=lambda one: -one.errors):
        # Lines that cross a stronger one, or lie askew over it, have what they add up to from that.
        errors = total.errors_beside(taken)
        if errors < SUMMED:
            continue
        ends = total.followed()
        cv2.line(taken, rounded(ends[0]), rounded(ends[1]), 1, 2 * TAKEN + 1)
        along = points(*ends, known.shape)
        if known[along].mean() < WITHIN and solid[along].mean() < WITHIN_SOLID:
            yield _Line(errors, total.straight, ends)
        looked += 1
        if looked == MOST_LINES:
            return


def _height(planes: Planes, one: Point, other: Point) -> float:
    """Grey levels by which a line differs; 0 where it is the border of something, or an edge that moved."""
    before, after = (_across(plane, one, other) for plane in (planes.reference, planes.candidate))
    change = np.median(after - before, axis=1)
    middle = max(range(ACROSS - BESIDE, ACROSS + BESIDE + 1), key=lambda place: abs(_contrast(change, place)))
    levels = _contrast(change, middle)
    beside = np.delete(change, slice(middle - 2, middle + 3))
    uneven = float(np.abs(beside - np.median(beside)).max())
    beside_it = min(float(np.ptp(np.median(side, axis=1))) for side in (before, after))
    if abs(levels) < max(LEAST_LEVELS, uneven / EVEN, RINGING * beside_it):
        return 0.0
    peak = abs(float(change[middle] - np.median(beside)))
    near = slice(ACROSS - BESIDE, ACROSS + BESIDE + 1)
    steps = (np.median(side, axis=1) for side in (before, after))
    steepest = min(float(np.abs(side[2:] - side[:-2])[near].max()) for side in steps)
    moved = min(max(MOVED * planes.wander, LEAST_MOVED), 1.0)
    return abs(levels) if moved * steepest < peak else 0.0


def _contrast(across: NDArray[np.floating[Any]], place: int) -> float:
    """Levels by which a line differs from both sides of it; 0 where it lies between them, or differs from one alone."""
    own = float(across[place - 1 : place + 2] @ (0.25, 0.5, 0.25))
    sides = own - float(across[place - 4 : place - 2].mean()), own - float(across[place + 3 : place + 5].mean())
    less, more = sorted(sides, key=abs)
    return (less + more) / 2 if less * more > 0 and abs(less) >= TWO_SIDED * abs(more) else 0.0


def _across(plane: NDArray[np.float32], one: Point, other: Point) -> NDArray[np.float32]:
    """(2 * ACROSS + 1, N) levels along a line, and along others beside it."""
    length = max(math.dist(one, other), 1.0)
    along = np.linspace(0, 1, max(2, round(length)), dtype=np.float32)
    aside = np.arange(-ACROSS, ACROSS + 1, dtype=np.float32)[:, None]
    dx, dy = other[0] - one[0], other[1] - one[1]
    x, y = one[0] + dx * along - aside * dy / length, one[1] + dy * along + aside * dx / length
    x, y = x.astype(np.float32), y.astype(np.float32)
    return np.asarray(cv2.remap(plane, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def _standing_out(lines: Iterator[_Line]) -> list[list[_Line]]:
    """Lines in parts, the strongest first in each, that stand out from all but PASSED_OVER others."""
    groups: list[list[_Line]] = []
    for line in lines:
        if len(groups) > PASSED_OVER and BEYOND * line.errors < groups[0][0].errors:
            break
        beside = [group for group in groups if any(_meet(line, part) for part in group)]
        merged = sorted([line, *(part for group in beside for part in group)], key=lambda part: -part.errors)
        groups = [*(group for group in groups if group not in beside), merged]
        groups.sort(key=lambda group: -group[0].errors)
    usual = groups[PASSED_OVER][0].errors if len(groups) > PASSED_OVER else 0.0
    return [group for group in groups[:PASSED_OVER] if group[0].errors >= BEYOND * usual]


def _new(groups: Sequence[list[_Line]], planes: Planes, least: float) -> list[tuple[list[_Line], float]]:
    """The lines that came or went, and their height; edges that moved tell how much others differ that do, too."""
    heights = [[_height(planes, *part.straight) for part in group] for group in groups]
    moved = [group[0].errors for group, own in zip(groups, heights, strict=True) if not own[0]]
    least = max(least, BEYOND * max(moved, default=0.0))
    return [
        ([part for part, levels in zip(group, own, strict=True) if levels], max(own))
        for group, own in zip(groups, heights, strict=True)
        if own[0] and group[0].errors >= least
    ]


def _meet(one: _Line, other: _Line) -> bool:
    """Whether two parts of lines end beside each other."""
    return any(math.dist(end, theirs) <= JOINED for end in one.ends for theirs in other.ends)


def _component(line: Sequence[_Line], levels: float, cell: int, shape: tuple[int, ...]) -> Component:
    """The parts of a line, which differs by so many levels, in px of a picture of that shape."""
    x, y = (np.array([end[axis] for part in line for end in part.ends]) for axis in (0, 1))
    left, top = max(0, math.floor(x.min()) * cell), max(0, math.floor(y.min()) * cell)
    right, bottom = min(shape[1], (math.floor(x.max()) + 1) * cell), min(shape[0], (math.floor(y.max()) + 1) * cell)
    score = levels / 255
    return (left, top, right - left, bottom - top), max(right - left, bottom - top) * cell, score, score


def _passes(line: Sequence[_Line], box: Box, cell: int) -> bool:
    """Whether a line passes through a box in px."""
    left, top, width, height = (side // cell for side in box)
    # OpenCV clips to a rectangle; a cell around it is what rounding leaves.
    around_it = left - 1, top - 1, width + 3, height + 3
    return any(cv2.clipLine(around_it, *(rounded(end) for end in part.ends))[0] for part in line)
