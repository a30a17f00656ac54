"""Windows: rectangles, with a halo, outside which two pictures are equal and every stage gives 0."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.backends.groups import ALL, any_of_cells, find_groups

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.groups import Group, Place
    from diffspot.backends.interface import Backend

CELL = 64
"""Px: a letter's change should not cost a page's width. Windows begin at whole cells, so that vectorised kernels, which
treat the last few columns of a row by other code, round there as they do on the whole picture."""
LARGEST = 1 << 18
"""Px of a window of several rows of cells: what the stages hold of it stays in the processor's cache. One of a single
row is as wide as what differs there."""
GAP = 4
"""Equal cells that a window spans: a further window costs as much as its calls."""


class Window(NamedTuple):
    """A rectangle to work out, as indices of rows and columns; or all of every picture, as an Ellipsis.

    Attributes:
        source: input rectangle with its halo, in the picture.
        target: output rectangle, in the picture: results are right there.
        crop: the target relative to the source.
    """

    source: Place
    target: Place
    crop: Place


WHOLE = Window(..., ..., ...)


def find_windows(differs: NDArray[Any], backend: Backend, *, spread: int, reach: float) -> list[Window]:
    """Windows that together cover every pixel whose result can differ from 0.

    Args:
        differs: (..., H, W), not zero where the pictures differ.
        backend: what it lives on; one that works on whole pictures, and on batches of them, gets a single window.
        spread: px around a differing pixel where a result can be other than zero.
        reach: px around a pixel that its result depends on; infinite, there is a single window.
    """
    if not backend.windowed or math.isinf(reach):
        return [WHOLE]
    height, width = differs.shape
    return [
        _window((top * CELL, bottom * CELL), (left * CELL, right * CELL), (height, width), spread, int(reach))
        for top, bottom, left, right in _rectangles(any_of_cells(differs, CELL))
    ]


def find_parts(differs: NDArray[Any], backend: Backend, reach: float) -> list[Group]:
    """Parts of two pictures that can be compared each by itself, because nothing reaches from one to another.

    Args:
        differs: (..., H, W), not zero where the pictures differ.
        backend: what it lives on; one that works on whole pictures, and on batches of them, gets a single part.
        reach: px around a differing pixel that its region can reach, or that its scores depend on.
    """
    return list(find_groups(differs, reach, CELL)) if backend.windowed else [ALL]


def _rectangles(cells: NDArray[np.bool_]) -> list[list[int]]:
    """Rectangles [top, bottom, left, right] of cells that cover those that differ; they may overlap."""
    found: list[list[int]] = []
    open_ones: list[list[int]] = []
    for row, line in enumerate(cells):
        begun = []
        for left, right in _runs(line):
            wider = next((one for one in open_ones if one[1] == row and _joins(one, left, right)), None)
            if wider is None:
                begun.append([row, row + 1, left, right])
            else:
                wider[1:] = row + 1, min(wider[2], left), max(wider[3], right)
        found += begun
        open_ones = [one for one in (*open_ones, *begun) if one[1] == row + 1]
    return found


def _runs(line: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The stretches [left, right) of a line of cells that differ, those GAP cells apart at most taken together."""
    places = np.flatnonzero(line)
    if not len(places):
        return []
    breaks = np.flatnonzero(np.diff(places) > GAP + 1)
    first, last = places[np.concatenate([[0], breaks + 1])], places[np.concatenate([breaks, [-1]])]
    return list(zip(first.tolist(), (last + 1).tolist(), strict=True))


def _joins(one: list[int], left: int, right: int) -> bool:
    """Whether a rectangle that grows down by one row, to hold [left, right) too, stays small and wastes little."""
    top, bottom, first, last = one
    together = (bottom + 1 - top) * (max(last, right) - min(first, left))
    return together <= min((bottom - top) * (last - first) + right - left + GAP, LARGEST // CELL**2)


def _window(rows: tuple[int, int], columns: tuple[int, int], shape: tuple[int, ...], spread: int, reach: int) -> Window:
    """The window of a rectangle [low, high) by [low, high), px, of a picture (H, W)."""
    sources, targets, crops = [], [], []
    for (low, high), side, unit in zip((rows, columns), shape, (1, CELL), strict=False):
        begin, end = max(0, low - spread), min(side, high + spread)
        first, last = max(0, begin - reach) // unit * unit, min(side, -(-(end + reach) // unit) * unit)
        sources.append(slice(first, last))
        targets.append(slice(begin, end))
        crops.append(slice(begin - first, end - first))
    return Window((sources[0], sources[1]), (targets[0], targets[1]), (crops[0], crops[1]))
