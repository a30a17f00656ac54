"""The check that costs next to nothing: whether the pictures agree where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TILE = 32
"""Px; holds some structure, and a local change touches few tiles."""
AGREEING = 0.12
"""Px: mean difference over mean slope, about the displacement it could come from."""
FLAT = 1.0
"""Grey levels per px of mean slope; flatter tiles say nothing about motion."""
LEAST_SHARE = 0.85
"""Of the tiles with structure: so many must agree for a pair to need no registration."""
LEAST_TILES = 12
"""Tiles with structure that are needed, or the answer is left to estimation."""


def agreement(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> float:
    """Return the share of the places with structure where two pictures agree within noise.

    Args:
        reference: (H, W) uint8.
        candidate: (h, w) uint8; of another size it agrees nowhere.

    Returns:
        In [0, 1].
    """
    if reference.shape != candidate.shape:
        return 0.0
    if min(reference.shape) < 2 * TILE:
        return float(np.array_equal(reference, candidate))
    rows, cols = reference.shape[0] // TILE, reference.shape[1] // TILE
    across = _tiles(cv2.absdiff(reference[:, 1:], reference[:, :-1]), rows, cols)
    down = _tiles(cv2.absdiff(reference[1:], reference[:-1]), rows, cols)
    difference = _tiles(cv2.absdiff(reference, candidate), rows, cols)
    slope = across + down
    told = slope >= FLAT
    if np.count_nonzero(told) < LEAST_TILES:
        return float(not difference.any())
    return float(np.mean(difference[told] <= AGREEING * slope[told]))


def _tiles(picture: NDArray[Any], rows: int, cols: int) -> NDArray[np.float32]:
    """Return the mean over each tile, (rows, cols) float32; a tile cut by the border counts as whole."""
    height, width = min(rows * TILE, picture.shape[0]), min(cols * TILE, picture.shape[1])
    corners = cv2.integral(picture[:height, :width], sdepth=cv2.CV_64F)  # int32 wraps beyond 8 megapixels of white
    y, x = np.minimum(np.arange(rows + 1) * TILE, height), np.minimum(np.arange(cols + 1) * TILE, width)
    at = corners[np.ix_(y, x)]
    return ((at[1:, 1:] - at[:-1, 1:] - at[1:, :-1] + at[:-1, :-1]) / TILE**2).astype(np.float32)
