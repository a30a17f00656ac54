"""What moved as its surroundings did: leaves in wind, and what stands nearer or farther than the plane of a photo.

A place whose content lies a few px beside in the other picture, both ways and in the same shape, was moved by someone
or by nobody. Where places of like texture around it moved as well, nobody did: beside what was moved by hand,
everything lies still.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.pipeline.verdict.interface import Tally
from diffspot.pipeline.verdict.parallax import LEFT as BENT
from diffspot.pipeline.verdict.parallax import bend, explain, find_flow, softened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.parallax import Moved

ROOM = 128
"""Px around a place that are its surroundings; a place whose side is longer than twice that has none."""
CELL = 16
"""Px, side of the cells of which each moved or not."""
LEAST_LIKE = 8
"""Cells of like texture at the least."""
LIKE = 0.5
"""Of the root of the mean square of the gradient of a place, which a cell of like texture has at least."""
AS_FAR = 1 / 3
"""Of the way of a place, which a cell moved at least: places stand at different depths, and wind comes in waves."""
SHARE = 0.1
"""Share of such cells that moved at least: around drawn and photographed objects that were moved by hand it is 0 to
the second digit, around leaves in wind and objects on shelves 0.2 to 0.8."""
LEFT = 0.6
"""Share of its square difference that is left of a cell that moved; noise leaves more of one that did not."""
LEAST_WAY = 0.5
"""Px that a place moved at least: what moved less differs for another reason."""


def without_swaying(
    components: Sequence[Component], pair: RegisteredPair, threshold: float, backend: Backend
) -> tuple[list[Component], Tally]:
    """The components that did not move with their surroundings, and what was explained.

    Args:
        components: of a noisy pair.
        pair: a single one.
        threshold: a score.
        backend: what the pair lives on.
    """
    kept, tally, boxes = [], Tally(), [component[0] for component in components]
    for component in components:
        moved = None
        if max(component[0][2:]) <= 2 * ROOM:
            moved = explain(component, pair, 255 * threshold, backend)
        if moved and moved.bent <= BENT and _share_moved(component[0], moved, boxes, pair, backend) >= SHARE:
            tally.add("movement", component[0], moved.pixels)
        else:
            kept.append(component)
    return kept, tally


def _share_moved(box: Box, place: Moved, others: Sequence[Box], pair: RegisteredPair, backend: Backend) -> float:
    """Share of the cells of like texture around a box, apart from all components, that moved as well."""
    if (way := math.hypot(*place.way)) < LEAST_WAY:
        return 0.0
    (x, y, w, h), (height, width) = box, pair.valid.shape
    left, top = max(0, x - ROOM), max(0, y - ROOM)
    near = slice(top, min(height, y + h + ROOM)), slice(left, min(width, x + w + ROOM))
    one, other = (softened(backend.to_host(picture[near])) for picture in (pair.reference, pair.candidate))
    flow = find_flow(one, other)
    before, after, bent = (
        each.mean(axis=2, dtype=np.float32).reshape(each.shape[:2]) for each in (one, other, bend(one, other, flow))
    )
    across, down = (cv2.Sobel(before, cv2.CV_32F, *step, scale=1 / 8) for step in ((1, 0), (0, 1)))
    slope = across**2 + down**2
    own = float(slope[y - top : y - top + h, x - left : x - left + w].mean())
    like = _free(others, (left, top), backend.to_host(pair.valid[near])) & (_cells(slope) >= LIKE**2 * own)
    if np.count_nonzero(like) < LEAST_LIKE:
        return 0.0
    # The ways of steep px are known best.
    ways = _cells((flow**2).sum(axis=2) * slope) >= (AS_FAR * way) ** 2 * _cells(slope)
    moved = like & ways & (_cells((before - bent) ** 2) < LEFT * _cells((before - after) ** 2))
    return int(np.count_nonzero(moved)) / int(np.count_nonzero(like))


def _cells(plane: NDArray[Any]) -> NDArray[Any]:
    """(rows, columns) the mean of each whole cell of a plane."""
    rows, columns = (side // CELL for side in plane.shape)
    whole = np.ascontiguousarray(plane[: rows * CELL, : columns * CELL], np.float32)
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA))


def _free(boxes: Sequence[Box], origin: tuple[int, int], valid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(rows, columns) which cells are valid all over and lie no cell beside a box."""
    free = np.array(valid, np.uint8)
    for x, y, w, h in boxes:
        left, top = x - origin[0] - CELL, y - origin[1] - CELL
        free[max(0, top) : max(0, top + h + 2 * CELL), max(0, left) : max(0, left + w + 2 * CELL)] = 0
    return np.asarray(_cells(free) == 1)
