"""Lays the parts of a compressed page that moved by a few px each for itself: lines of text, cells, cards.

Compression leaves something of each letter, so no part is equal to the bit where it went, and a tolerance to movement
takes a letter that became another one for one that moved. But a part has one movement, which a window with several
letters shows; a letter that changed among them stays different under it.
"""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from diffspot.pipeline.areas import joined_areas
from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.tolerance import STRONG

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.model import Box

    Step = tuple[int, int]

FARTHEST = 3
"""Px, either way, that a part is looked for; what moved further is two places, which tolerance leaves."""
CAPPED = 64
"""Grey levels that a pixel counts for at most, so that the letters of a window outvote one that changed."""
ACROSS, DOWN = 31, 15
"""Px, sides of the windows: three letters of 14 px type and more, but not as tall as two lines of 11 px type."""
NEAR = 5
"""Px, side of the windows that decide where two movements are possible, as between two lines."""
BESIDE = 2 * (DOWN // 2) + FARTHEST
"""Rows to either side that decide which movement explains a pixel: those of all windows that it is in, moved."""
STRIP = 64
"""Rows that are looked at at a time."""
LEFT = 0.5
"""Share of its difference that a window keeps at most under the movement that explains it."""
WINDOWS = 3
"""Windows side by side that a movement has to explain before it is looked for everywhere."""
EVIDENCE = 40
"""Strong px that a part explains at least, as two or three letters have: fewer can be another letter by chance."""


class Part(NamedTuple):
    """A part that moved.

    Attributes:
        component: the px whose difference its movement explains.
        offset: (x, y) px by which it lies further in the candidate.
    """

    component: Component
    offset: Step


class Laid(NamedTuple):
    """A candidate whose parts were laid back.

    Attributes:
        candidate: (H, W, C) levels.
        offsets: (H, W, 2) int8, the (x, y) px from where on each pixel was taken.
        parts: what moved.
    """

    candidate: NDArray[np.uint8]
    offsets: NDArray[np.int8]
    parts: list[Part]


def lay_parts(
    reference: NDArray[np.uint8], candidate: NDArray[np.uint8], seen: NDArray[np.bool_], *, join: float
) -> Laid | None:
    """Lays parts of the candidate that moved back to where they were; None where none did.

    Args:
        reference: (H, W, C) uint8 levels, C 1 or 3.
        candidate: (H, W, C) uint8 levels, registered.
        seen: (H, W) bool, where both are compared.
        join: px; of one movement, parts closer than that are one.
    """
    one, other = luminance(reference), luminance(candidate)
    still = cv2.absdiff(one, other)
    strong = (still > STRONG) & seen
    steps = _voted(one, other, strong)
    if not steps:  # as on most pages
        return None
    numbers, kept = _nearest(one, other, steps), np.ceil(LEFT * still).astype(np.uint8)
    laid, offsets, parts = other.copy(), np.zeros((*still.shape, 2), np.int8), []
    for number, step in enumerate(steps, start=1):
        moved, explained = _shifted(other, step), np.zeros(still.shape, bool)
        gone = strong & (cv2.absdiff(one, moved) < kept)
        for (x, y, w, h), own in _areas(numbers == number):
            place = slice(y, y + h), slice(x, x + w)
            if np.count_nonzero(gone[place] & own) >= EVIDENCE and _comes_closer(one, laid, moved, (x, y, w, h), own):
                laid[place][own], offsets[place][own] = moved[place][own], step
                explained[place] |= gone[place] & own
        parts += [Part(component, step) for component, _ in joined_areas(explained, still, join)]
    return Laid(_gathered(candidate, offsets, steps), offsets, parts) if parts else None


def _voted(one: NDArray[np.uint8], other: NDArray[np.uint8], strong: NDArray[np.bool_]) -> list[Step]:
    """The movements that alone explain what differs in WINDOWS windows at least, those of most windows first."""
    rows, columns = strong.shape[0] // DOWN, strong.shape[1] // ACROSS
    inside = strong[: rows * DOWN, : columns * ACROSS].reshape(rows, DOWN, columns, ACROSS)
    cells = np.nonzero(inside.any(axis=(1, 3)))
    if len(cells[0]) < WINDOWS:
        return []
    reach = range(-FARTHEST, FARTHEST + 1)
    steps = sorted(product(reach, reach), key=lambda step: (step[0] ** 2 + step[1] ** 2, step))
    here, around = _windows(one, cells, 0), _windows(other, cells, FARTHEST)
    costs = np.stack([_mean_left(here, around, step) for step in steps])
    least, next_least = np.partition(costs, 1, axis=0)[:2]
    # Along a straight line several explain as much, so that none is told.
    votes = np.bincount(costs.argmin(axis=0)[least < LEFT * next_least], minlength=len(steps))
    order = np.argsort(-votes[1:], kind="stable") + 1
    return [steps[index] for index in order.tolist() if votes[index] >= WINDOWS]


def _windows(plane: NDArray[np.uint8], cells: tuple[NDArray[np.intp], ...], room: int) -> NDArray[np.uint8]:
    """(N, height, width) some cells of a plane with so many px around them; its edge is repeated."""
    wider = cv2.copyMakeBorder(plane, room, room, room, room, cv2.BORDER_REPLICATE)
    windows = sliding_window_view(wider, (DOWN + 2 * room, ACROSS + 2 * room))
    return np.asarray(windows[::DOWN, ::ACROSS][cells])


def _mean_left(here: NDArray[np.uint8], around: NDArray[np.uint8], step: Step) -> NDArray[np.float64]:
    """(N,) mean levels, CAPPED, that windows keep under a movement."""
    x, y = (FARTHEST + by for by in step)
    there = np.ascontiguousarray(around[:, y : y + DOWN, x : x + ACROSS]).reshape(len(here), -1)
    left = np.minimum(cv2.absdiff(here.reshape(len(here), -1), there), np.uint8(CAPPED))
    return np.asarray(cv2.reduce(left, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[:, 0] / left.shape[1])


def _nearest(one: NDArray[np.uint8], other: NDArray[np.uint8], steps: Sequence[Step]) -> NDArray[np.uint8]:
    """(H, W) from 1 which of some movements explains each pixel, 0 none.

    Windows say which movements are possible in them; where several are, the few px around each pixel decide. Some rows
    at a time: what is worked out of them stays in the cache of a processor.
    """
    numbers, height = np.zeros(one.shape, np.uint8), len(one)
    for top in range(0, height, STRIP):
        first, last = max(top - BESIDE, 0), min(top + STRIP + BESIDE, height)
        found = _nearest_of(one[first:last], other[first:last], steps)
        numbers[top : top + STRIP] = found[top - first :][:STRIP]
    return numbers


def _nearest_of(one: NDArray[np.uint8], other: NDArray[np.uint8], steps: Sequence[Step]) -> NDArray[np.uint8]:
    stays, at_rest = _capped(one, other, (0, 0)), np.zeros(one.shape, bool)
    best, numbers = np.full(one.shape, np.inf, np.float32), np.zeros(one.shape, np.uint8)
    whole = _sums(stays, ACROSS, DOWN)
    # What leaves so much less than another does that it is no chance: a share of it, and by some strong px.
    less, more = (
        np.minimum(LEFT * whole, whole - EVIDENCE * STRONG),
        np.maximum(whole / LEFT, whole + EVIDENCE * STRONG),
    )
    for number, step in enumerate(steps, start=1):
        levels = _capped(one, other, step)
        after = _sums(levels, ACROSS, DOWN)
        at_rest |= after > more
        explained = after < less
        if explained.any():
            cost = _sums(levels, NEAR, NEAR)
            better = _reached(explained) & (cost < best)
            numbers[better], best[better] = number, cost[better]
    numbers[_reached(at_rest) & (_sums(stays, NEAR, NEAR) < best)] = 0
    return numbers


def _reached(windows: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(H, W) bool, the px of some windows, each of which is given at its middle."""
    return cv2.dilate(windows.view(np.uint8), np.ones((DOWN, ACROSS), np.uint8)).view(bool)


def _sums(levels: NDArray[np.uint8], across: int, down: int) -> NDArray[np.float32]:
    """(H, W) the sum of the levels in the window around each pixel."""
    sums = cv2.boxFilter(levels, cv2.CV_32F, (across, down), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(sums, np.float32)


def _capped(one: NDArray[np.uint8], other: NDArray[np.uint8], step: Step) -> NDArray[np.uint8]:
    return np.minimum(cv2.absdiff(one, _shifted(other, step)), np.uint8(CAPPED))


def _shifted(picture: NDArray[np.uint8], step: Step) -> NDArray[np.uint8]:
    """A picture of which each pixel comes from so many px further on; its edge is repeated."""
    (height, width), (x, y) = picture.shape[:2], step
    wider = cv2.copyMakeBorder(picture, *(FARTHEST,) * 4, cv2.BORDER_REPLICATE)
    return np.asarray(wider[FARTHEST + y :, FARTHEST + x :][:height, :width], np.uint8)


def _gathered(candidate: NDArray[np.uint8], offsets: NDArray[np.int8], steps: Sequence[Step]) -> NDArray[np.uint8]:
    """A picture of which each pixel comes from its own number of px further on, none or one of the steps."""
    laid, codes = candidate.copy(), offsets.view(np.int16)[..., 0]  # a step as one number
    for step in steps:
        here = codes == np.array(step, np.int8).view(np.int16)[0]
        if here.any():
            cv2.copyTo(_shifted(candidate, step), here.view(np.uint8), laid)
    return laid


def _areas(mask: NDArray[np.bool_]) -> Iterator[tuple[Box, NDArray[np.bool_]]]:
    """The connected areas of a mask: the box of each, and its own px there; looked for in rows that hold any alone."""
    rows = np.flatnonzero(mask.any(axis=1))
    for run in np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(rows) else []:
        top = int(run[0])
        count, labels, table, _ = cv2.connectedComponentsWithStats(mask[top : top + len(run)].view(np.uint8))
        for number in range(1, count):
            x, y, w, h = table[number, :4].tolist()
            yield (x, top + y, w, h), labels[y : y + h, x : x + w] == number


def _comes_closer(
    one: NDArray[np.uint8], laid: NDArray[np.uint8], moved: NDArray[np.uint8], box: Box, own: NDArray[np.bool_]
) -> bool:
    """Whether an area differs less once it is laid, with what that leaves beside it: an added line leaves itself."""
    x, y, w, h = box
    top, left = max(y - FARTHEST, 0), max(x - FARTHEST, 0)
    place = slice(top, y + h + FARTHEST), slice(left, x + w + FARTHEST)
    area = np.zeros(one[place].shape, np.uint8)
    area[y - top :, x - left :][:h, :w] = own
    before = cv2.absdiff(one[place], laid[place])
    after = np.where(area > 0, cv2.absdiff(one[place], moved[place]), before)
    around = cv2.dilate(area, np.ones((2 * FARTHEST + 1,) * 2, np.uint8)) > 0
    first, then = (int(np.count_nonzero((levels > STRONG) & around)) for levels in (before, after))
    return then <= LEFT * first
