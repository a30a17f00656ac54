"""The check that costs next to nothing: whether the pictures agree where they lie."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.registration.pictures import Picture

TILE = 32  # px; holds some structure, and a local change touches few of them
AGREEING = 0.12  # px: mean difference over mean slope, about the displacement it could come from
FLAT = 1.0  # grey levels per px of mean slope; flatter tiles say nothing about motion
LEAST_SHARE = 0.85  # of the tiles with structure that must agree for a pair to need no registration
LEAST_TILES = 12  # with structure, or the answer is left to estimation


def agreement(reference: Picture, candidate: Picture) -> float:
    """Return the share, in [0, 1], of the places with structure where two uint8 pictures agree within noise."""
    if reference.shape != candidate.shape:
        return 0.0
    if min(reference.shape[:2]) < 2 * TILE:
        return float(np.array_equal(reference, candidate))
    here, there = (_luminance(p) for p in (reference, candidate))
    size = (here.shape[0] // TILE, here.shape[1] // TILE)
    across, down = cv2.absdiff(here[:, 1:], here[:, :-1]), cv2.absdiff(here[1:], here[:-1])
    slope = _tiles(np.asarray(across, np.uint8), *size) + _tiles(np.asarray(down, np.uint8), *size)
    difference = _tiles(np.asarray(cv2.absdiff(here, there), np.uint8), *size)
    told = slope >= FLAT
    if np.count_nonzero(told) < LEAST_TILES:
        return float(not difference.any())
    return float(np.mean(difference[told] <= AGREEING * slope[told]))


def _luminance(picture: Picture) -> Picture:
    """Return uint8 (H, W)."""
    if picture.ndim == 2 or picture.shape[2] == 1:
        return picture.reshape(picture.shape[:2])
    code = cv2.COLOR_BGR2GRAY if picture.shape[2] == 3 else cv2.COLOR_BGRA2GRAY
    return np.asarray(cv2.cvtColor(picture, code), np.uint8)


def _tiles(picture: NDArray[np.uint8], rows: int, cols: int) -> NDArray[np.float32]:
    """Return the mean over the first rows x cols tiles, (rows, cols) float32; a tile cut by the border counts as whole."""
    height, width = min(rows * TILE, picture.shape[0]), min(cols * TILE, picture.shape[1])
    corners = cv2.integral(picture[:height, :width])
    y, x = np.minimum(np.arange(rows + 1) * TILE, height), np.minimum(np.arange(cols + 1) * TILE, width)
    at = corners[np.ix_(y, x)].astype(np.float64)
    return ((at[1:, 1:] - at[:-1, 1:] - at[1:, :-1] + at[:-1, :-1]) / TILE**2).astype(np.float32)
