"""Joins the components that moved together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from diffspot.pipeline.verdict.interface import Judged
from diffspot.pipeline.verdict.tiles import TILE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot.model import Box

MOST_STILL = 0.2
"""Share of the tiles in the common box that may lie still, of as many as it holds."""


def join_moved(judged: list[Judged], find_still: Callable[[], NDArray[np.bool_]]) -> list[Judged]:
    """Joins components that moved by the same px where nothing between them lies still.

    Args:
        judged: all components.
        find_still: gives (rows, columns) bool, textured tiles that do not differ.
    """
    if sum(one.kind == "moved" for one in judged) <= 1:
        return judged
    still = find_still()
    # Counts of still tiles in any rectangle of cells, by sums from the corner.
    sums = np.pad(still.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    groups: list[Judged] = []
    for one in judged:
        group = one
        while group.kind == "moved":
            mate = next((other for other in groups if _together(group, other, sums)), None)
            if mate is None:
                break
            groups.remove(mate)
            group = _joined(group, mate)
        groups.append(group)
    return groups


def _together(one: Judged, other: Judged, sums: NDArray[np.int64]) -> bool:
    if other.kind != "moved" or one.offset != other.offset:
        return False
    x, y, w, h = _around(one.box, other.box)
    top, bottom, left, right = y // TILE, (y + h - 1) // TILE + 1, x // TILE, (x + w - 1) // TILE + 1
    count = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
    own = sum(w * h for *_, w, h in (one.box, other.box)) / TILE**2
    return bool(count <= MOST_STILL * own)


def _around(one: Box, other: Box) -> Box:
    x, y = min(one[0], other[0]), min(one[1], other[1])
    right, bottom = max(one[0] + one[2], other[0] + other[2]), max(one[1] + one[3], other[1] + other[3])
    return x, y, right - x, bottom - y


def _joined(one: Judged, other: Judged) -> Judged:
    (box, area, peak, mean), (other_box, other_area, other_peak, other_mean) = one.component, other.component
    total = area + other_area
    component = _around(box, other_box), total, max(peak, other_peak), (area * mean + other_area * other_mean) / total
    return Judged(component, "moved", one.offset)
