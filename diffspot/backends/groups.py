"""Groups of parts of a mask that lie apart, so that what takes long can be worked out group by group."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

CELL = 16
"""Px: a picture has few hundred times fewer cells, and a group's rectangle is little larger than the group."""
MARGIN = 2
"""Px around a group: two discs may touch a pixel outside the rectangle of their centres, by rounding."""


def groups(mask: NDArray[np.bool_], reach: float) -> Iterator[tuple[tuple[slice, slice], NDArray[np.bool_]]]:
    """Rectangles that hold what may join, and the part of the mask in each that belongs there.

    Args:
        mask: (H, W).
        reach: px; parts whose discs of that radius touch are in one group.

    Yields:
        Rows and columns, and (rows, columns) bool.
    """
    cells = any_of_cells(mask, CELL).view(np.uint8)
    side = 2 * math.ceil(reach / CELL) + 1
    count, labels = cv2.connectedComponents(cv2.dilate(cells, np.ones((side, side), np.uint8)), connectivity=8)
    labels *= cells
    for label in range(1, count):
        own = labels == label
        y, x = (np.flatnonzero(own.any(axis=axis)) for axis in (1, 0))
        (top, height), (left, width) = (
            (max(0, int(line[0]) * CELL - MARGIN), min(full, (int(line[-1]) + 1) * CELL + MARGIN))
            for line, full in ((y, mask.shape[0]), (x, mask.shape[1]))
        )
        place = slice(top, height), slice(left, width)
        owners = own[np.ix_(np.arange(top, height) // CELL, np.arange(left, width) // CELL)]
        yield place, mask[place] & owners


def any_of_cells(plane: NDArray[Any], size: int) -> NDArray[np.bool_]:
    """Which cells of size x size px of a plane (H, W) hold anything but 0, those that its edge cuts included."""
    rows, columns = (-(-side // size) for side in plane.shape)
    whole = np.zeros((rows * size, columns * size), plane.dtype)
    whole[: plane.shape[0], : plane.shape[1]] = plane
    lines = whole.reshape(rows, size, -1).max(axis=1)
    return np.asarray(lines.reshape(rows, columns, size).max(axis=2) > 0)
