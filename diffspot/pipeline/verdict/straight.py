"""Adds the difference of two pictures up along straight lines, and follows those that stand out from noise."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.line_sums import QUANTUM, line_sums
from diffspot.pipeline.sampling import median
from diffspot.pipeline.verdict.grids import local_noise, usual

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from diffspot.pipeline.verdict.grids import Grid

EVERY = 4
"""Rows and slopes of which one tells how much sums of noise are."""
SHORTEST, LONGEST = 32, 128
"""Cells of the lines that are added up; of longer ones a part is enough."""
PROFILE = np.array([-1, -1, 0, 1, 2, 1, 0, -1, -1], np.float32) / 4
"""Across a line: itself, less what lies on both sides of it."""
SUMMED = 7.0
"""Standard errors from which sums are looked at; of the ten million of a picture noise alone brings one to 5.5."""
CLIPPED = 3.0
"""Standard errors that a cell adds at most: stars and specks are no lines, however bright."""
LEAST_NOISE = 0.25
"""Grey levels in the mean of a cell: what rounding leaves."""
LEAST_SPREAD = 0.5
"""Share of what noise makes of a sum that is taken for it at least, where much of a picture has little weight."""
AROUND = 33
"""Cells, side of the square in which the noise of a place is taken."""
SIGMA, WANDER = 1.0, 5
"""Cells: of the blur that takes the noise off edges, and side of the square around an edge into which it may wander."""
EDGES, LEAST_EDGES = 2.0, 100
"""Times the noise by which steep places change from cell to cell, and how many tell how far edges wander."""
WANDERING = 1.5
"""Times the usual wander of edges that is taken for each."""
STEP, SIDEWAYS, GAPS = 8, 2, 3
"""Cells by which a line is followed beyond its sum, by which it may bend then, and steps without it that end it."""
GOES_ON, CHANCE = 0.4, 0.8
"""Share of its mean that a step of a line has at least, and standard errors of the mean of a step that the best of so
many steps aside seldom has by chance."""
TAKEN = 5
"""Cells around a line within which others are part of it."""

Point = tuple[float, float]
"""x and y, in cells."""


class Planes(NamedTuple):
    """The brightness of the cells of a pair, (rows, columns) each.

    Attributes:
        reference: grey levels.
        candidate: grey levels.
        wander: cells by which edges may lie elsewhere.
        weight: of each cell in a sum, per grey level: 1 / noise, less where both show edges, 0 outside.
    """

    reference: NDArray[np.float32]
    candidate: NDArray[np.float32]
    wander: float
    weight: NDArray[np.float32]


class Way(NamedTuple):
    """How the planes are turned so that a line falls by 0 to 45 degrees from left to right.

    Attributes:
        answers: (rows, columns) standard errors, signed, of each cell as part of a line.
        upright: whether rows and columns are exchanged.
        flipped: whether the rows, as they are then, run upwards.
    """

    answers: NDArray[np.float32]
    upright: bool
    flipped: bool

    def back(self, point: Point) -> Point:
        """A point of the turned planes in the picture."""
        x, y = point
        y = len(self.answers) - 1 - y if self.flipped else y
        return (y, x) if self.upright else (x, y)


def find_planes(grid: Grid) -> Planes:
    """The planes of a grid of cells."""
    # What touches the frame has but one side, and the frame's own misfit reaches as far as edges wander.
    reach = np.ones((len(PROFILE) + WANDER - 1,) * 2, np.uint8)
    inside = cv2.erode(grid.inside.view(np.uint8), reach, borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    noise = local_noise(grid.change, inside, AROUND, LEAST_NOISE)
    slope = np.minimum(_slope(grid.reference), _slope(grid.candidate))
    steep = inside & (slope > EDGES * noise)
    wander = 0.0
    if np.count_nonzero(steep) >= LEAST_EDGES:
        excess = usual(grid.change[steep]) ** 2 - float(median(noise[steep])) ** 2
        wander = WANDERING * math.sqrt(max(excess, 0.0)) / float(median(slope[steep]))
    weight = np.asarray(inside * noise / (noise**2 + (wander * slope) ** 2), np.float32)
    return Planes(grid.reference, grid.candidate, wander, weight)


def _slope(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """(rows, columns) the most by which the levels around each cell change from cell to cell."""
    soft = cv2.GaussianBlur(levels, (0, 0), SIGMA)
    across, down = (cv2.Sobel(soft, cv2.CV_32F, *way, scale=1 / 8) for way in ((1, 0), (0, 1)))
    return np.asarray(cv2.dilate(cv2.magnitude(across, down), np.ones((WANDER, WANDER), np.uint8)))


def _ways(planes: Planes) -> Iterator[Way]:
    change, gain = planes.candidate - planes.reference, math.sqrt(float((PROFILE**2).sum()))
    for upright in (False, True):
        across = cv2.filter2D(change, -1, PROFILE[None] if upright else PROFILE[:, None])
        answers = (across * planes.weight / gain).clip(-CLIPPED, CLIPPED)
        answers = answers.T if upright else answers
        yield Way(answers, upright, flipped=False)
        yield Way(answers[::-1], upright, flipped=True)


class Sum(NamedTuple):
    """A line that differs by SUMMED.

    Attributes:
        errors: standard errors by which it does.
        unit: one of them.
        way: how the planes are turned.
        start: x and y of its left end in cells, as they are turned.
        end: those of its right end.
    """

    errors: float
    unit: float
    way: Way
    start: tuple[int, int]
    end: tuple[int, int]

    @property
    def straight(self) -> tuple[Point, Point]:
        """Both ends in the picture, in cells."""
        return self.way.back(self.start), self.way.back(self.end)

    def errors_beside(self, taken: NDArray[np.uint8]) -> float:
        """Standard errors that are left without cells that are set in (rows, columns)."""
        answers = self.way.answers[points(self.start, self.end, self.way.answers.shape)]
        return abs(float(answers[taken[points(*self.straight, taken.shape)] == 0].sum())) / self.unit

    def followed(self) -> tuple[Point, Point]:
        """Both ends in the picture of the line that it is a part of, in cells."""
        first, last = _followed(self.way.answers, self.start, self.end)
        return self.way.back(first), self.way.back(last)


def find_sums(planes: Planes) -> Iterator[Sum]:
    """All lines that differ by as much; of those that begin beside each other the strongest."""
    for way, length, sums in _all_sums(planes, SHORTEST, LONGEST):
        unit, best = _unit(sums, length), _strongest(sums)
        strongest = cv2.dilate(best, np.ones((1, 2 * TAKEN + 1), np.uint8))
        for start, y in np.argwhere((best == strongest) & (best > SUMMED * unit)).tolist():
            slope, x = int(np.abs(sums[start, :, y]).argmax()), start * length // 2
            yield Sum(float(best[start, y]) / unit, unit / QUANTUM, way, (x, y), (x + length - 1, y + slope))


def may_hold_lines(planes: Planes, least: float) -> bool:
    """Whether any line of half the cells differs by so many standard errors, in planes of cells twice as large."""
    return any(
        float(_strongest(sums).max()) > least * _unit(sums, length)
        for _, length, sums in _all_sums(planes, SHORTEST // 2, LONGEST // 2)
    )


def _all_sums(planes: Planes, shortest: int, longest: int) -> Iterator[tuple[Way, int, NDArray[np.int16]]]:
    """The sums along lines of each way and length, with both."""
    for way in _ways(planes):
        for length, sums in line_sums(way.answers, shortest, longest):
            yield way, length, sums


def _strongest(sums: NDArray[np.int16]) -> NDArray[np.int16]:
    """(starts, H) the size of the strongest of all lines that begin at a place."""
    return np.asarray(np.maximum(sums.max(axis=1), -sums.min(axis=1)))


def _unit(sums: NDArray[np.int16], length: int) -> float:
    """A standard error of sums along lines of one length."""
    few = sums[:, ::EVERY, ::EVERY].astype(np.float32)
    return max(usual(few), LEAST_SPREAD * QUANTUM * math.sqrt(length))


def _followed(answers: NDArray[np.float32], start: tuple[int, int], end: tuple[int, int]) -> tuple[Point, Point]:
    """Both ends of a line of which a part is known: as far as it goes on, or where it ends before that part does."""
    own = float(answers[points(start, end, answers.shape)].mean())
    slope = (end[1] - start[1]) / (end[0] - start[0])
    middle = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    signed, least = np.sign(own) * answers, max(GOES_ON * abs(own), CHANCE)
    first, last = (_walked(signed, middle, slope, way, least) for way in (-1, 1))
    return _ended(signed, first, abs(own) / 2), _ended(signed, last, abs(own) / 2)


def _ended(answers: NDArray[np.float32], walked: list[Point], least: float) -> Point:
    """The point of a way up to which a line adds up to most, of cells less what they answer at least."""
    parts = [points(*step, answers.shape) for step in pairwise(walked)]
    if not parts:
        return walked[0]
    y, x = (np.concatenate([part[axis] for part in parts]) for axis in (0, 1))
    best = int(np.cumsum(answers[y, x] - least).argmax())
    return float(x[best]), float(y[best])


def _walked(answers: NDArray[np.float32], start: Point, slope: float, way: int, least: float) -> list[Point]:
    """The way of a line that is followed from a point to the right, `way` 1, or to the left, -1, point by point."""
    (x, y), gaps = start, 0
    walked, passed = [start], list[Point]()
    height, width = answers.shape
    while gaps < GAPS:
        ahead = x + way * STEP, y + way * STEP * slope
        if not (0 <= ahead[0] < width and 0 <= ahead[1] < height):
            whole = int((width - 1 - x) if way > 0 else x)  # what is left is a shorter step
            if not gaps:
                walked.append((x + way * whole, min(max(y + way * whole * slope, 0.0), height - 1.0)))
            break
        tried = [(ahead[0], ahead[1] + aside) for aside in range(-SIDEWAYS, SIDEWAYS + 1)]
        means = [float(answers[points((x, y), point, answers.shape)].mean()) for point in tried]
        best = int(np.argmax(means))
        if means[best] >= least:
            slope += way * (tried[best][1] - ahead[1]) / STEP / 2
            (x, y), gaps = tried[best], 0
            walked += [*passed, (x, y)]
            passed.clear()
        else:
            (x, y), gaps = ahead, gaps + 1
            passed.append(ahead)
    return walked


def points(one: Point, other: Point, shape: tuple[int, ...]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the cells along a line; held within planes of that shape."""
    steps = round(max(abs(one[0] - other[0]), abs(one[1] - other[1])))
    along = np.arange(steps + 1)
    x, y = (_between(one[axis], other[axis], along, shape[1 - axis] - 1) for axis in (0, 1))
    return y, x


def _between(first: float, last: float, along: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Whole numbers evenly from one to another, 0 to `most`; of so few of them NumPy's own takes four times as long."""
    places = along * ((last - first) / max(1, len(along) - 1)) + first
    places[-1] = last if len(along) > 1 else first
    return np.asarray(np.minimum(np.maximum(np.rint(places), 0), most), np.intp)


def rounded(point: Point) -> tuple[int, int]:
    """The cell that a point lies in."""
    return round(point[0]), round(point[1])
