"""Which tiles of two reduced pictures are alike: what did not move correlates with what lies in its place."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.pipeline.derived import once

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grey = NDArray[np.float32]

TILE = 8
"""Px of a reduced picture: holds some structure, at a quarter of a page's size about a word, which keeps its shape
there when its letters are drawn anew; and a local change touches few tiles."""
LEAST_DEVIATION = 3.0
"""Grey levels of standard deviation; flatter tiles show nothing."""
LIKENESS = 0.5
"""Correlation of a tile with what lies in its place: drawn anew it keeps 0.7 or more, unrelated ones stay below, and so
do nine tiles in ten of a page moved by a line of text."""


def alike_tiles(one: Grey, other: Grey) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which tiles of two pictures of one size, whole tiles each, show anything, and which of those are alike.

    Args:
        one: (H, W) float32, grey levels.
        other: (H, W) float32, grey levels.

    Returns:
        Both (H / TILE, W / TILE) bool.
    """
    (mean, power), (other_mean, other_power) = (
        once(plane, "tiles", partial(_moments, plane)) for plane in (one, other)
    )
    common = _means(one * other) - mean * other_mean
    textured = np.maximum(power, other_power) > LEAST_DEVIATION**2
    likeness = common / np.sqrt(np.maximum(power, 1) * np.maximum(other_power, 1))
    return textured, textured & (likeness >= LIKENESS)


def _moments(plane: Grey) -> tuple[Grey, Grey]:
    """Mean and variance of each tile."""
    mean = _means(plane)
    return mean, _means(plane * plane) - mean * mean


def _means(plane: Grey) -> Grey:
    """The mean over each tile."""
    height, width = plane.shape
    return np.asarray(cv2.resize(plane, (width // TILE, height // TILE), interpolation=cv2.INTER_AREA))
