"""Joins the components that moved together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.pipeline.verdict.groups import gap, union
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
            group = Judged(union([group.component, mate.component]), "moved", group.offset)
        groups.append(group)
    return groups


def _together(one: Judged, other: Judged, still: NDArray[np.int32], moved: NDArray[np.int32]) -> bool:
    boxes = one.box, other.box
    if other.kind != "moved" or one.offset != other.offset or gap(*boxes) > FURTHEST:
        return False
    around, *_ = union([one.component, other.component])
    if sum(w * h for *_, w, h in boxes) < FILLED * around[2] * around[3]:
        return False
    between = _within(still, around) - sum(_within(still, box) for box in boxes)
    return between <= MOST_STILL * sum(_within(moved, box) for box in boxes)


def _within(sums: NDArray[np.int32], box: Box) -> int:
    """How many tiles a box in px touches, of those that sums from the corner count."""
    x, y, w, h = box
    top, bottom, left, right = y // TILE, -(-(y + h) // TILE), x // TILE, -(-(x + w) // TILE)
    return int(sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left])
