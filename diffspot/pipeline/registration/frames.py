"""Lines and boxes of a page whose text moved by a px: another rasteriser rounds text to rows, not what it draws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.registration.models import Matrix

SNAP = 1.0
"""Px by which another rasteriser moves lines of text, at most: it rounds them to rows."""
STEP, LONG = 8, 32
"""Grey levels of the edge of a box or a line, and px along it; those of letters are shorter."""
SAME = 0.9
"""Share of the px that differ which are equal once moved where the same rasteriser drew both: all of them; of text that
another one drew 0.23 are, and where both smooth it 0.7."""


def frames_stay(reference: NDArray[np.uint8], candidate: NDArray[np.uint8], matrix: Matrix) -> bool:
    """Whether lines and edges of boxes stay where a page is told to move by a px: then its text alone moved.

    Text that is equal to the bit where it went was moved by somebody, and no rasteriser.

    Args:
        reference: (H, W) brightness.
        candidate: (H, W) brightness.
        matrix: (3, 3) a translation, reference to candidate, px.
    """
    right, down = (-matrix[:2, 2]).tolist()
    if max(abs(right), abs(down)) > SNAP:
        return False
    laid = np.roll(candidate, (round(down), round(right)), (0, 1))
    differs = cv2.absdiff(reference, candidate) > STEP
    if np.count_nonzero(differs & (reference == laid)) > SAME * np.count_nonzero(differs):
        return False
    stays = moves = 0
    for axis, by in enumerate((down, right)):
        if by:
            one, other, moved = (_frames(plane, axis) for plane in (reference, candidate, laid))
            stays += int(np.count_nonzero(one & other))
            moves += int(np.count_nonzero(one & moved))
    return stays > moves


def _frames(plane: NDArray[np.uint8], axis: int) -> NDArray[np.uint8]:
    """(H, W) 1 where (H, W) brightness steps along an axis over so many px across it as no letter does."""
    last = plane.shape[axis] - 1  # which steps to nothing
    after = plane.take(np.minimum(np.arange(1, last + 2), last), axis)
    steps = (cv2.absdiff(plane, after) > STEP).view(np.uint8)
    long = np.ones((1, LONG) if axis == 0 else (LONG, 1), np.uint8)
    # the outside is unset, or letters at the margin and in strips of one line would be as long as frames
    return np.asarray(
        cv2.morphologyEx(steps, cv2.MORPH_OPEN, long, borderType=cv2.BORDER_CONSTANT, borderValue=0), np.uint8
    )
