"""Detects an unmoved rendered page, robust to a different glyph rasteriser."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.pipeline.derived import once
from diffspot.pipeline.likeness import TILE, alike_tiles
from diffspot.pipeline.sampling import sample_bands

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_UNLIKE = 0.01
"""Share of the tiles that may be unlike: edits are."""
MOVED_LINE, LEAST_IN_LINE = 0.5, 4
"""A row or column of tiles of which more than half are unlike, and so many, may have moved."""
LEAST_TILES = 12
"""Fewer decide nothing."""
BAND, MOVING_ROWS = 64, 1024
"""Rows at half size that stay in the processor's cache together, and those that tell the motion of the whole."""
MOST_MOVED = 0.4
"""Px that the whole seems to have moved by (Lucas and Kanade's estimate): other hinting of drawn pages reaches 0.39,
half a px shows as 0.6."""


def is_unmoved_page(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> bool:
    """Whether nothing in a rendered page moved: then neither a layout shift nor a registration needs to be estimated.

    Args:
        reference: (H, W), brightness.
        candidate: (h, w), brightness; False if its size differs.

    References:
        Lucas, Kanade: An iterative image registration technique with an application to stereo vision. IJCAI 1981.
    """
    if reference.shape != candidate.shape or min(reference.shape) < 4 * TILE:
        return False
    one, other = (once(plane, "half", partial(_shrunk, plane, 2)) for plane in (reference, candidate))
    textured, alike = alike_tiles(_shrunk(one, 2), _shrunk(other, 2))
    unlike, tiles = textured & ~alike, int(textured.sum())
    if (
        tiles < LEAST_TILES
        or unlike.sum() > MOST_UNLIKE * tiles
        or any(_line_moved(textured, unlike, axis) for axis in (0, 1))
    ):
        return False
    return _moved(one, other) <= MOST_MOVED


def _line_moved(textured: NDArray[np.bool_], unlike: NDArray[np.bool_], axis: int) -> bool:
    """Whether a line of tiles along which `axis` runs looks moved as a whole."""
    lines = unlike.sum(axis=axis)
    return bool(((lines >= LEAST_IN_LINE) & (lines > MOVED_LINE * textured.sum(axis=axis))).any())


def _shrunk(plane: NDArray[Any], times: int) -> NDArray[np.float32]:
    """A plane that many times smaller, (H, W) float32, cut to whole tiles."""
    rows, columns = (side // (times * TILE) * TILE for side in plane.shape)
    whole = plane[: times * rows, : times * columns]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)


def _moved(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Px of the whole picture by which the other seems displaced, along the axis along which it is more."""
    sums = np.zeros(5)
    for rows, _ in sample_bands(len(one), MOVING_ROWS, BAND, 1):
        a, b = one[rows], other[rows]
        both, change = a + b, b[1:-1, 1:-1] - a[1:-1, 1:-1]
        x, y = both[1:-1, 2:] - both[1:-1, :-2], both[2:, 1:-1] - both[:-2, 1:-1]
        sums += [float(np.vdot(*pair)) for pair in ((x, x), (x, y), (y, y), (x, change), (y, change))]
    xx, xy, yy, xt, yt = sums
    if xx * yy <= xy * xy:
        return 0.0
    # A slope over two px of a sum of two pictures is four times that of one over one px; half size doubles the move.
    return float(8 * np.abs(np.linalg.solve([[xx, xy], [xy, yy]], [xt, yt])).max())
