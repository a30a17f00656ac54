"""Lays each word of a page that was drawn anew over the same word of the other picture, column by column.

Another hinting rounds the width of each letter to whole pixels, so the columns of a word lie by more and more px aside.
They are found by dynamic programming, as sequences are aligned (Sakoe and Chiba 1978, DOI 10.1109/TASSP.1978.1163055):
letters that were drawn anew leave nothing then, and what is left of a word is what changed in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.verdict.edges import STRAIGHT, runs
from diffspot.pipeline.verdict.tiles import AROUND, brightness, stray_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from diffspot.model import Box

EDGE = 24
"""Grey levels within a px that make an edge of a letter; frames of cards and shadows are fainter."""
GAP = 5
"""Px across which edges are one word: letters lie closer, words of usual text further apart."""
TALLEST = 48
"""Px; what is taller is a drawing, which no hinting moves."""
REACH = 16, 1
"""Px, across and down, that a word may lie aside: letters rounded by up to half a px each add up along a line."""
STEP = 3
"""Px of a stroke that a px of widening costs: another letter leaves less than to reach for the same one elsewhere."""
LOWEST = 8
"""Px, with the edges above and below, of the lowest letters; corners of frames and dashes are lower."""
LONG = 1.5
"""Width of a word, of its height, that an icon or a mark does not have."""


class Word(NamedTuple):
    """A word of either picture, and what is left of it.

    Attributes:
        box: around its pixels in both pictures.
        aside: px, across, by which it lies aside, in the mean.
        stray: px of strokes that one picture alone has, see `Tiles.stray`.
    """

    box: Box
    aside: float
    stray: float


class Words(NamedTuple):
    """The words of a page in which it differs.

    Attributes:
        words: all of them that differ, from top to bottom.
        still: how many words longer than tall are equal in both.
        inside: (H, W) bool, whether a pixel lies in one of them.
        strokes: (H, W) float32, see `Tiles.strokes`, after each was laid.
    """

    words: list[Word]
    still: int
    inside: NDArray[np.bool_]
    strokes: NDArray[np.float32]


def lay_words(reference: NDArray[Any], candidate: NDArray[Any], differing: NDArray[np.bool_]) -> Words:
    """Finds the words that differ and lays each over itself.

    Args:
        reference: (H, W, C) levels.
        candidate: (H, W, C) levels, registered.
        differing: (H, W) bool.
    """
    one, other = brightness(reference), brightness(candidate)
    gone, inside = np.zeros_like(one), np.zeros(one.shape, bool)
    boxes: list[Box] = []
    asides: list[float] = []
    still = 0
    edges = _edges(reference) | _edges(candidate)
    for box, own in _connected(edges):
        x, y, w, h = box
        place = slice(y, y + h), slice(x, x + w)
        if not (differing[place] & own).any():
            still += is_long(box)
            continue
        boxes.append(box)
        inside[place] |= own
        left, aside = _laid(one, other, box)
        asides.append(aside)
        gone[place] = np.where(own, left, gone[place])
    strokes = stray_of(gone, one, other)
    found = [Word(box, aside, _highest(strokes, box)) for box, aside in zip(boxes, asides, strict=True)]
    return Words(found, still, inside, strokes)


def is_long(box: Box) -> bool:
    """Whether a box is longer than tall, and no taller than a line of text."""
    return LOWEST <= box[3] <= TALLEST and box[2] - GAP + 1 >= LONG * box[3]


def _highest(plane: NDArray[np.float32], box: Box) -> float:
    x, y, w, h = box
    return float(plane[y : y + h, x : x + w].max())


def _edges(picture: NDArray[Any]) -> NDArray[np.uint8]:
    """(H, W) 1 at edges of an (H, W, C) picture, but not on lines and frames."""
    rise = cv2.subtract(cv2.dilate(picture, AROUND), cv2.erode(picture, AROUND)).reshape(picture.shape)
    edges = rise.max(axis=2) > EDGE
    for axis, length in enumerate(STRAIGHT):
        if edges.shape[axis] >= length:
            edges &= ~runs(picture, axis, length)
    return np.asarray(edges, np.uint8)


def _connected(edges: NDArray[np.uint8]) -> Iterator[tuple[Box, NDArray[np.bool_]]]:
    """The words that edges make, and which pixels of its box are one's own."""
    close = cv2.dilate(edges, np.ones((1, GAP), np.uint8))
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(close, connectivity=8)
    for number, (x, y, w, h, _) in enumerate(boxes[1:].tolist(), start=1):
        own = labels[y : y + h, x : x + w] == number
        # Letters have insides; a drawing has the whole page inside.
        yield (x, y, w, h), np.ones_like(own) if h <= TALLEST else own


def _laid(one: NDArray[Any], other: NDArray[Any], box: Box) -> tuple[NDArray[Any], float]:
    """(h, w) levels by which the two differ in a box beyond a px of movement, each column where it fits best; how far.

    How far is the mean of the columns, px.
    """
    (across, down) = REACH if box[3] <= TALLEST else (0, 0)
    _, _, w, h = box
    room = across + 1, down + 1
    here, there = (_around(plane, box, room) for plane in (one, other))
    bounds = [cv2.erode(here, AROUND), cv2.dilate(here, AROUND), cv2.erode(there, AROUND), cv2.dilate(there, AROUND)]
    still = np.s_[room[1] : room[1] + h, room[0] : room[0] + w]
    mine, low, high = here[still], bounds[0][still], bounds[1][still]
    left = np.empty((2 * down + 1, 2 * across + 1, h, w), one.dtype)
    for row in range(2 * down + 1):
        for column in range(2 * across + 1):
            at = np.s_[1 + row : 1 + row + h, 1 + column : 1 + column + w]
            yours, lowest, highest = there[at], bounds[2][at], bounds[3][at]
            beyond = cv2.max(cv2.subtract(mine, highest), cv2.subtract(lowest, mine))
            left[row, column] = cv2.max(beyond, cv2.max(cv2.subtract(yours, high), cv2.subtract(low, yours)))
    row, columns = _path(left.sum(axis=2, dtype=np.int32), STEP * (int(there.max()) - int(there.min())))
    return np.asarray(left[row, columns, :, np.arange(w)].T), float(columns.mean() - across)


def _around(plane: NDArray[Any], box: Box, room: tuple[int, int]) -> NDArray[Any]:
    """A box of a plane with some px around it; beyond the edge of the picture the edge is repeated."""
    x, y, w, h = box
    rows = np.clip(np.arange(y - room[1], y + h + room[1]), 0, plane.shape[0] - 1)
    columns = np.clip(np.arange(x - room[0], x + w + room[0]), 0, plane.shape[1] - 1)
    return np.ascontiguousarray(plane[np.ix_(rows, columns)])


def _path(costs: NDArray[np.int32], step: int) -> tuple[int, NDArray[np.intp]]:
    """The cheapest way through (rows, shifts, w) costs: one row, and a shift a column, each next to the one before.

    Args:
        costs: levels that each column leaves.
        step: levels that a px of widening costs, those of a pixel of a stroke: it costs less to leave another
            letter than to reach for the same one elsewhere. Of equal ways that nearest to where the word was is taken.
    """
    rows, shifts, width = costs.shape
    off = np.abs(np.arange(shifts) - shifts // 2)
    total = costs[:, :, 0] + off
    wide = np.full((rows, shifts + 2), np.iinfo(np.int32).max // 2, np.int32)
    back = np.empty((width, rows, shifts), np.int8)
    for column in range(1, width):
        wide[:, 1:-1] = total
        ways = np.stack([wide[:, 1:-1], wide[:, :-2] + step, wide[:, 2:] + step])
        back[column] = ways.argmin(axis=0)
        total = ways.min(axis=0) + costs[:, :, column]
    row, shift = divmod(int(total.argmin()), shifts)
    path = np.empty(width, np.intp)
    for column in range(width - 1, -1, -1):
        path[column] = shift
        shift += (0, -1, 1)[back[column, row, shift]] if column else 0
    return row, path
