"""Aligns the columns of words by dynamic programming, as sequences are aligned, many words at a time.

Sakoe and Chiba 1978, Dynamic programming algorithm optimization for spoken word recognition,
DOI 10.1109/TASSP.1978.1163055.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
from numpy.lib.stride_tricks import as_strided

from diffspot.pipeline.verdict.tiles import AROUND

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.model import Box

STEP = 3
"""Px of a stroke that a px of widening costs: another letter leaves less than to reach for the same one elsewhere.
Letters differ by a stroke of their height, widened ones by the px that rounding adds."""
NEVER = np.iinfo(np.int32).max // 2
"""A cost that no way has; with a step added it still fits."""


class Around(NamedTuple):
    """Levels of a box, (h, w) of one picture and, with what lies around it, (h + 2 down, w + 2 across) of the other.

    Each with the lowest and the highest level within a px.
    """

    mine: NDArray[np.uint8]
    low: NDArray[np.uint8]
    high: NDArray[np.uint8]
    yours: NDArray[np.uint8]
    lowest: NDArray[np.uint8]
    highest: NDArray[np.uint8]


def around(one: NDArray[np.uint8], other: NDArray[np.uint8], box: Box, reach: tuple[int, int]) -> Around:
    """A box of two (H, W) planes of brightness, with so many px, across and down, of the other one around it."""
    (across, down), (_, _, w, h) = reach, box
    room = across + 1, down + 1
    here, there = (_cut(plane, box, room) for plane in (one, other))
    still, near = np.s_[room[1] : room[1] + h, room[0] : room[0] + w], np.s_[1:-1, 1:-1]
    planes = [(plane, cv2.erode(plane, AROUND), cv2.dilate(plane, AROUND)) for plane in (here, there)]
    own, others = ([np.asarray(each, np.uint8) for each in of] for of in planes)
    return Around(*(each[still] for each in own), *(each[near] for each in others))


def _cut(plane: NDArray[Any], box: Box, room: tuple[int, int]) -> NDArray[Any]:
    """A box of a plane with some px around it; beyond the edge of the picture the edge is repeated."""
    x, y, w, h = box
    height, width = plane.shape
    top, left, bottom, right = y - room[1], x - room[0], y + h + room[1], x + w + room[0]
    inside = plane[max(top, 0) : bottom, max(left, 0) : right]
    beyond = max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0)
    return np.asarray(cv2.copyMakeBorder(inside, *beyond, cv2.BORDER_REPLICATE))


def align(
    one: NDArray[np.uint8], other: NDArray[np.uint8], boxes: Sequence[Box], reach: tuple[int, int]
) -> Iterator[tuple[NDArray[np.uint8], int, NDArray[np.intp]]]:
    """Lays each column of each box where it fits best.

    Args:
        one: (H, W) brightness.
        other: (H, W) brightness.
        boxes: the widest first.
        reach: px, across and down, that a column may lie aside. All columns of a box lie equally far down.

    Yields:
        (h, w) levels by which the two differ in a box beyond a px of movement, how many px it lies lower in the other
        plane, and (w,) how many each of its columns lies further right.
    """
    (across, down), widths = reach, [box[2] for box in boxes]
    cut = [around(one, other, box, reach) for box in boxes]
    costs = np.zeros((widths[0], len(boxes), 2 * down + 1, 2 * across + 1), np.int32)
    for number, each in enumerate(cut):
        costs[: widths[number], number] = _costs(each, (2 * down + 1, 2 * across + 1))
    # What lies around a box is of the same page: its contrast says what a stroke is.
    steps = np.array([STEP * (int(each.highest.max()) - int(each.lowest.min())) for each in cut], np.int32)
    rows, columns = cheapest(costs, steps, widths)
    for number, each in enumerate(cut):
        row, own = int(rows[number]), columns[: widths[number], number]
        yield _left(each, row, own), row - down, own - across


def _costs(cut: Around, shifts: tuple[int, int]) -> NDArray[np.int32]:
    """(w, rows, shifts) levels that each column leaves, summed over it, at each place that it may lie."""
    h, w = cut.mine.shape
    rows, across = shifts
    costs = np.empty((w, rows, across), np.int32)
    here = [np.ascontiguousarray(np.broadcast_to(plane[:, None], (h, across, w))).reshape(h, -1) for plane in cut[:3]]
    wide = [_windows(plane, w) for plane in cut[3:]]
    for row in range(rows):
        there = [plane[row : row + h] for plane in wide]
        left = cv2.reduce(_beyond(Around(*here, *there)), 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
        costs[:, row] = left.reshape(across, w).T
    return costs


def _windows(plane: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """(h, windows * width) all windows so wide of an (h, w) plane, one after the other."""
    h, w = plane.shape
    down, across = plane.strides
    # `sliding_window_view` checks for longer than the copy takes.
    return as_strided(plane, (h, w - width + 1, width), (down, across, across)).reshape(h, -1)


def _left(cut: Around, row: int, columns: NDArray[np.intp]) -> NDArray[np.uint8]:
    """(h, w) levels that are left where each column lies so many px aside."""
    h, w = cut.mine.shape
    place = np.arange(w) + columns
    return _beyond(Around(*cut[:3], *(plane[row : row + h][:, place] for plane in cut[3:])))


def _beyond(cut: Around) -> NDArray[np.uint8]:
    """Levels by which either of two planes of one shape lies outside the range of the other."""
    ways = cv2.subtract(cut.mine, cut.highest), cv2.subtract(cut.lowest, cut.mine)
    back = cv2.subtract(cut.yours, cut.high), cv2.subtract(cut.low, cut.yours)
    return np.asarray(cv2.max(cv2.max(*ways), cv2.max(*back)))


def cheapest(
    costs: NDArray[np.int32], steps: NDArray[np.int32], widths: Sequence[int]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The cheapest way through each of N words: one row, and a shift a column, each next to the one before.

    Args:
        costs: (W, N, rows, shifts) levels that each column leaves; 0 behind a word's last one.
        steps: (N,) levels that a px of widening costs. Of equal ways that nearest to where the word was is taken.
        widths: of the words, falling, W the first.

    Returns:
        (N,) the rows, and (W, N) the shifts, of no meaning behind a word's last column.
    """
    width, count, rows, shifts = costs.shape
    total = costs[0] + np.abs(np.arange(shifts, dtype=np.int32) - shifts // 2)
    back = np.zeros(costs.shape, np.int8)
    step = np.asarray(steps)[:, None, None]
    wide = np.full((count, rows, shifts + 2), NEVER, np.int32)
    held = np.searchsorted(-np.asarray(widths), -np.arange(width))  # how many words are wider than each column
    for column in range(1, width):
        n = held[column]
        now, by, room = total[:n], back[column, :n], wide[:n]
        np.add(now, step[:n], out=room[:, :, 1:-1])
        before, after = room[:, :, :-2], room[:, :, 2:]
        nearer = np.minimum(before, after)
        by[:] = np.where(before <= after, -1, 1) * (nearer < now)
        np.minimum(now, nearer, out=now)
        now += costs[column, :n]
    chosen, shift = np.divmod(total.reshape(count, -1).argmin(axis=1), shifts)
    path = np.zeros((width, count), np.intp)
    every = np.arange(count)
    for column in range(width - 1, -1, -1):
        n = held[column]
        path[column, :n] = shift[:n]
        shift[:n] += back[column, every[:n], chosen[:n], shift[:n]]
    return chosen, path
