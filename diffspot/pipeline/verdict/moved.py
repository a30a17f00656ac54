"""Joins the components that moved together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.pipeline.verdict.interface import Judged
from diffspot.pipeline.verdict.tiles import TILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot.model import Box

MOST_STILL = 0.05
"""Tiles that may lie still between two parts, of one that moved in either."""
FILLED = 0.25
"""Share of their common box that two parts fill at least; words in lines and lines in a column fill more."""
FURTHEST = 48
"""Px between two parts of one thing at most: words of a line that lie further apart moved each for itself."""


def join_moved(
    judged: list[Judged], find_tiles: Callable[[], tuple[NDArray[np.bool_], NDArray[np.bool_]]]
) -> list[Judged]:
    """Joins components that moved by the same px where nothing between them lies still.

    Args:
        judged: all components.
        find_tiles: gives two (rows, columns) bool: textured tiles that do not differ, and all that do.
    """
    if sum(one.kind == "moved" for one in judged) <= 1:
        return judged
    still, moved = (np.asarray(cv2.integral(tiles.view(np.uint8)), np.int32) for tiles in find_tiles())
    groups: list[Judged] = []
    for one in judged:
        group = one
        while group.kind == "moved":
            mate = next((other for other in groups if _together(group, other, still, moved)), None)
            if mate is None:
                break
            groups.remove(mate)
            group = _joined(group, mate)
        groups.append(group)
    return groups


def _together(one: Judged, other: Judged, still: NDArray[np.int32], moved: NDArray[np.int32]) -> bool:
    if other.kind != "moved" or one.offset != other.offset:
        return False
    boxes, around = (one.box, other.box), _around(one.box, other.box)
    if sum(w * h for *_, w, h in boxes) < FILLED * around[2] * around[3] or _apart(*boxes) > FURTHEST:
        return False
    between = _within(still, around) - sum(_within(still, box) for box in boxes)
    return between <= MOST_STILL * sum(_within(moved, box) for box in boxes)


def _apart(one: Box, other: Box) -> int:
    """Px between two boxes, along the axis on which they lie further apart."""
    (x, y, w, h), (left, top, width, height) = one, other
    return max(x - left - width, left - x - w, y - top - height, top - y - h)


def _within(sums: NDArray[np.int32], box: Box) -> int:
    """How many tiles a box in px touches, of those that sums from the corner count."""
    x, y, w, h = box
    top, bottom, left, right = y // TILE, -(-(y + h) // TILE), x // TILE, -(-(x + w) // TILE)
    return int(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])


def _around(one: Box, other: Box) -> Box:
    x, y = min(one[0], other[0]), min(one[1], other[1])
    right, bottom = max(one[0] + one[2], other[0] + other[2]), max(one[1] + one[3], other[1] + other[3])
    return x, y, right - x, bottom - y


def _joined(one: Judged, other: Judged) -> Judged:
    (box, area, peak, mean), (other_box, other_area, other_peak, other_mean) = one.component, other.component
    total = area + other_area
    component = _around(box, other_box), total, max(peak, other_peak), (area * mean + other_area * other_mean) / total
    return Judged(component, "moved", one.offset)
