"""Whether a page was drawn anew at another size, or its picture was resampled.

A browser that zooms draws every edge as crisp as before, within a pixel or two; interpolation spreads it over more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WINDOW = 5
"""Px along a line: edges and strokes of letters end within."""
STRONG = 60
"""Grey levels between the darkest and the brightest pixel of a window that holds an edge."""
WHOLE = 0.9
"""Share of these that one step takes from a pixel to the next: of a crisp edge that lies between two pixels."""
LEAST_STEPS = 100
"""Edges that are needed; fewer say nothing."""
AS_CRISP = 0.8
"""Share of whole steps of the one picture over that of the other: 0.85 and more of pages drawn at another size, 0.70 at
most of pages that were scaled, linearly to by Lanczos' kernel of 4 px."""


def is_redrawn(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> bool:
    """Whether what a page shows has another size and is as crisp as before.

    Args:
        reference: (H, W) uint8, brightness.
        candidate: (h, w) uint8, brightness.
    """
    one, other = whole_steps(reference), whole_steps(candidate)
    return one > 0 and other >= AS_CRISP * one


def whole_steps(picture: NDArray[np.uint8]) -> float:
    """Share of the edges of (H, W) brightness that lie between two pixels, in [0, 1]; 0 where edges are too few."""
    if min(picture.shape) < WINDOW:
        return 0.0
    whole = edges = 0
    for plane in (picture, np.ascontiguousarray(picture.T)):
        along = np.ones((1, WINDOW), np.uint8)
        spread = cv2.subtract(cv2.dilate(plane, along), cv2.erode(plane, along))[:, 1:]
        steps = cv2.absdiff(plane[:, 1:], plane[:, :-1])
        edge = (spread > STRONG) & (steps == cv2.dilate(steps, along))
        edges += int(np.count_nonzero(edge))
        whole += int(np.count_nonzero(steps[edge] > WHOLE * spread[edge]))
    return whole / edges if edges >= LEAST_STEPS else 0.0
