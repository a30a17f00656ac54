"""Masks as COCO writes them: polygons and run lengths; arrays in, lists out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

TWICE = 2
"""Px of the enlarged mask a px: its outline then tells a pixel's left edge from its right."""


def polygons(part: NDArray[np.bool_], origin: tuple[int, int] = (0, 0)) -> list[list[int]]:
    """The outer outlines of a mask along the edges of its pixels: [x, y, x, y, ...], half-open as boxes are.

    COCO's polygons have no holes; where an outline turns inwards, it cuts the corner of a pixel.

    Args:
        part: (h, w) bool.
        origin: (x, y) of its first pixel in the picture.
    """
    large = part.astype(np.uint8).repeat(TWICE, axis=0).repeat(TWICE, axis=1)
    found, _ = cv2.findContours(large, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outlines = [(outline.reshape(-1, 2).astype(int) + 1) // TWICE + np.array(origin) for outline in found]
    return [outline.ravel().tolist() for outline in outlines]


def run_lengths(part: NDArray[np.bool_], origin: tuple[int, int], size: tuple[int, int]) -> dict[str, Any]:
    """COCO's uncompressed run lengths of a mask: column by column, first of what is not set.

    Args:
        part: (h, w) bool; nothing else is set.
        origin: (x, y) of its first pixel in the picture.
        size: (width, height) of the picture, px.
    """
    (x, y), (width, height) = origin, size
    columns = np.zeros((part.shape[1], height), np.bool_)
    columns[:, y : y + part.shape[0]] = part.T
    line = np.concatenate([[False], columns.ravel(), [False]])
    edges = np.flatnonzero(line[1:] != line[:-1]) + x * height
    counts = np.diff(np.concatenate([[0], edges, [width * height]]))
    return {"size": [height, width], "counts": counts[: len(counts) - (counts[-1] == 0)].tolist()}
