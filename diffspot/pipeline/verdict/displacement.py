"""Where each part of a page lies in the other one: paper bends, and scanners and faxes feed it unevenly."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELL = 16
"""Px, side of the cells of which each has a displacement: the height of a line of text."""
FARTHEST = 3
"""Px that a part lies aside at most, of a page that was registered as a whole."""
STRIP = 4
"""Rows of cells that are laid at a time: they stay in the cache of a processor while all displacements are tried."""
AROUND = 5
"""Cells, side of the squares that tell one displacement: more than a word, so that none follows a change."""
INK = 0.01
"""Mean density around a cell that tells where it lies."""
EVEN = 2.0
"""Cells, sigma over which displacements are evened out: paper bends softly."""


def aligned_to(one: NDArray[Any], other: NDArray[Any], ink: NDArray[Any]) -> NDArray[Any]:
    """The (H, W) ink of the second of two densities, each part of it laid over the same part of the first."""
    height, width = one.shape
    steps = displacements(one, other)
    size = CELL * steps.shape[2], CELL * steps.shape[1]
    x, y = (cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)[:height, :width] for plane in steps)
    x = x + np.arange(width, dtype=np.float32)
    y = y + np.arange(height, dtype=np.float32)[:, None]
    return cv2.remap(ink, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)


def displacements(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """(2, rows, columns) px (x, y) by which what lies in each cell of `one` lies farther in `other`.

    The one that leaves the least square difference is refined by a parabola through its neighbours, as in block
    matching, then the median over cells and their weighted mean are taken.
    """
    one = _whole_cells(one, 0)
    costs = _costs(one, _whole_cells(other, FARTHEST))
    rows, columns = costs.shape[2:]
    best = costs.reshape(-1, rows, columns).argmin(axis=0)
    y, x = np.divmod(best, 2 * FARTHEST + 1)
    weight = cv2.blur(_cells(one), (AROUND, AROUND)) > INK
    if not weight.any():
        return np.zeros((2, rows, columns), np.float32)
    cells = np.indices((rows, columns))
    steps = (
        x - FARTHEST + _refined(costs[(y, slice(None), *cells)], x),
        y - FARTHEST + _refined(costs[(slice(None), x, *cells)].transpose(1, 2, 0), y),
    )
    return np.stack([_evened(step.astype(np.float32), weight) for step in steps])


def _cells(plane: NDArray[Any]) -> NDArray[Any]:
    """The mean of each cell."""
    rows, columns = (side // CELL for side in plane.shape)
    return cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA)


def _whole_cells(plane: NDArray[Any], room: int) -> NDArray[Any]:
    """A plane whose edge is repeated: so that it is whole cells, with `room` px around it."""
    below, beside = (-side % CELL for side in plane.shape)
    return cv2.copyMakeBorder(plane, room, below + room, room, beside + room, cv2.BORDER_REPLICATE)


def _costs(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """(2 FARTHEST + 1, 2 FARTHEST + 1, rows, columns) what each displacement (y, x) leaves around each cell."""
    (height, width), span = one.shape, range(2 * FARTHEST + 1)
    costs = np.empty((len(span), len(span), height // CELL, width // CELL), np.float32)
    for first in range(0, height // CELL, STRIP):
        lines = slice(first * CELL, (first + STRIP) * CELL)
        here, apart = one[lines], np.empty_like(one[lines])
        for y, x in product(span, span):
            np.subtract(here, other[y : y + height, x : x + width][lines], out=apart)
            costs[y, x, first : first + STRIP] = _cells(np.multiply(apart, apart, out=apart))
    for y, x in product(span, span):
        costs[y, x] = cv2.blur(costs[y, x], (AROUND, AROUND), borderType=cv2.BORDER_REFLECT)
    return costs


def _refined(costs: NDArray[Any], best: NDArray[np.intp]) -> NDArray[Any]:
    """(rows, columns) px from the best whole step to the least of a parabola; `costs` are (rows, columns, steps)."""
    inner = best.clip(1, 2 * FARTHEST - 1)
    before, here, after = (np.take_along_axis(costs, (inner + k)[..., None], axis=2)[..., 0] for k in (-1, 0, 1))
    curve = before - 2 * here + after
    step = np.divide(before - after, 2 * curve, out=np.zeros_like(here), where=curve > 0)
    return np.where(inner == best, step.clip(-0.5, 0.5), 0)


def _evened(step: NDArray[Any], weight: NDArray[np.bool_]) -> NDArray[Any]:
    """One coordinate of the displacements as paper bends: what has no ink follows what lies around it."""
    usual = np.median(step[weight])
    smooth = cv2.medianBlur(np.where(weight, step, usual).astype(np.float32), AROUND)
    known = cv2.GaussianBlur(weight.astype(np.float32), (0, 0), EVEN)
    total = cv2.GaussianBlur(np.where(weight, smooth - usual, 0).astype(np.float32), (0, 0), EVEN)
    return np.asarray(usual + total / np.maximum(known, 1e-3), np.float32)
