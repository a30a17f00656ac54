"""Tells edges that lie within a px of where they were, or are drawn a little darker or lighter, from other changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

WAVER = 0.25
"""Share of the contrast by which the blending of an edge changes where its element is drawn at another place."""
ROUNDING = 2
"""Grey levels: rounding of blended colours."""
BEYOND = 0.05
"""Share of the contrast by which such blending exceeds what lies around it: corners do."""
AROUND = np.ones((3, 3), np.uint8)


def are_edges(pair: RegisteredPair, box: Box, mask: NDArray[np.bool_], *, moved: bool) -> bool:
    """Whether all that differs in a box are edges that the other picture has within a px, both ways round.

    Args:
        pair: on the host, uint8 levels.
        box: where to look.
        mask: (h, w) bool of the box, the pixels that differ.
        moved: whether edges may have moved by that px; else they lie still, and only their blending changed.
    """
    x, y, w, h = box
    top, left = max(y - 1, 0), max(x - 1, 0)
    around = slice(top, y + h + 1), slice(left, x + w + 1)
    inner = slice(y - top, y - top + h), slice(x - left, x - left + w)
    one, other = pair.reference[around], pair.candidate[around]
    (low, high), (other_low, other_high) = _range(one), _range(other)
    ways = (one, other_high), (other_low, one), (other, high), (low, other)
    beyond = np.maximum.reduce([_over(*way) for way in ways])[inner].max(axis=2)[mask]
    if moved:
        return bool(beyond.max(initial=0) <= ROUNDING)
    difference = cv2.absdiff(one, other).reshape(one.shape)[inner].max(axis=2)[mask]
    contrast = np.minimum(high - low, other_high - other_low)[inner].max(axis=2)[mask]
    return bool(((beyond <= np.maximum(BEYOND * contrast, ROUNDING)) & (difference <= WAVER * contrast)).all())


def _range(levels: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The lowest and highest levels within a px, each of the shape of (h, w, C) `levels`."""
    return cv2.erode(levels, AROUND).reshape(levels.shape), cv2.dilate(levels, AROUND).reshape(levels.shape)


def _over(levels: NDArray[Any], bound: NDArray[Any]) -> NDArray[Any]:
    """Levels by which one picture exceeds another, 0 where it does not."""
    return np.asarray(cv2.subtract(levels, bound)).reshape(levels.shape)
