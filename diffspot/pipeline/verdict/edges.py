"""Explains what laying a page leaves: edges blended a little differently, and lines of pixels that drifted."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.verdict.tiles import AROUND, EXACT

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

WAVER = 0.25
"""Share of the contrast by which the blending of an edge changes where its element is drawn at another place."""
HALF_WAVER = 0.6
"""The same where elements are laid for themselves: one that lay on whole px may come to lie half a px beside them."""
BEYOND = 0.05
"""Share of the contrast by which such blending exceeds what lies around it: corners do."""
DRIFT = 2
"""Px that a line of a page that drifts may lie above or below the place where its line of text was laid."""
ASIDE = 1
"""Px that it may lie aside: another rasteriser rounds the width of words, too."""
RUN = 5
"""Px side by side that must be equal to a run of the other picture: two letters have few such runs in common."""
UPRIGHT, LEVEL = np.ones((2 * DRIFT + 1, 1), np.uint8), 24
"""Px above and below where a level edge may have come to lie, and px from which it is longer than a letter's."""
MOST_LEFT, LEFT_SHARE = 4, 0.05
"""Px that may be left unexplained, and their share of all: where a run ends at another element."""


class Drift(NamedTuple):
    """The candidate of a page that drifted, as it was: laying it left out lines between two lines of text.

    Attributes:
        candidate: (h, w, C) uint8 levels, on the host.
        to_candidate: maps a bbox of the reference to it.
        rounded: whether its lines and boxes drifted because they are rounded to whole px, each for itself.
    """

    candidate: NDArray[Any]
    to_candidate: Callable[[Box], Box]
    rounded: bool = False


def are_edges(pair: RegisteredPair, box: Box, mask: NDArray[np.bool_], drift: Drift | None) -> bool:
    """Whether all that differs in a box are edges whose blending changed, or that drifted up or down.

    The arguments are those of `unexplained`.
    """
    return is_little(unexplained(pair, box, mask, drift), mask)


def is_little(left: NDArray[np.bool_], mask: NDArray[np.bool_]) -> bool:
    """Whether so little of a mask is left that it is where a run of pixels ends."""
    return bool(left.sum() <= min(MOST_LEFT, LEFT_SHARE * mask.sum()))


def unexplained(pair: RegisteredPair, box: Box, mask: NDArray[np.bool_], drift: Drift | None) -> NDArray[np.bool_]:
    """The pixels that are not on edges whose blending changed, and did not drift up or down.

    Args:
        pair: on the host, uint8 levels.
        box: where to look.
        mask: (h, w) bool of the box, the pixels that differ.
        drift: of the page; None where it did not drift.

    Returns:
        (h, w) bool, a part of the mask.
    """
    x, y, w, h = box
    top, start = max(y - DRIFT, 0), max(x - DRIFT, 0)
    bottom, right = min(y + h + DRIFT, len(pair.reference)), min(x + w + DRIFT, pair.reference.shape[1])
    inner = slice(y - top, y - top + h), slice(x - start, x - start + w)
    one, other = (picture[top:bottom, start:right] for picture in (pair.reference, pair.candidate))
    left = mask & ~_wavers(one, other, HALF_WAVER if drift and drift.rounded else WAVER)[inner]
    if drift and left.any():
        _, first, _, lines = drift.to_candidate((start, top, right - start, bottom - top))
        original = drift.candidate[first : first + lines, start:right]
        left &= ~(_is_found(one, original) & _is_found(other, one))[inner]
    if drift and drift.rounded:
        left &= ~_are_level(one, other)[inner]
    return left


def _wavers(one: NDArray[Any], other: NDArray[Any], most: float) -> NDArray[np.bool_]:
    """(H, W) bool: where each of two (H, W, C) pictures lies within the other's range.

    They may differ by the share `most` of the contrast.
    """
    (low, high), (other_low, other_high) = _range(one), _range(other)
    ways = (one, other_high), (other_low, one), (other, high), (low, other)
    beyond = np.maximum.reduce([_over(*way) for way in ways]).max(axis=2)
    contrast = np.minimum(high - low, other_high - other_low).max(axis=2)
    difference = cv2.absdiff(one, other).reshape(one.shape).max(axis=2)
    return np.asarray((beyond <= np.maximum(BEYOND * contrast, EXACT)) & (difference <= most * contrast))


def _are_level(one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.bool_]:
    """(H, W) bool: where level edges, longer than those of letters, lie a px or two higher or lower."""
    (low, high), (other_low, other_high) = (_range(picture, UPRIGHT) for picture in (one, other))
    within = (one >= other_low) & (one <= other_high) & (other >= low) & (other <= high)
    flat = np.asarray(within.all(axis=2), np.uint8)
    return cv2.morphologyEx(flat, cv2.MORPH_OPEN, np.ones((1, LEVEL), np.uint8)).astype(bool)


def _is_found(sought: NDArray[Any], among: NDArray[Any]) -> NDArray[np.bool_]:
    """(H, W) bool: where the run of RUN px around a pixel of one (H, W, C) picture lies near by in (h, W, C)."""
    (height, width), longer = sought.shape[:2], max(len(among) - len(sought), 0)
    room = DRIFT, DRIFT + height + longer - len(among), ASIDE, ASIDE
    padded = cv2.copyMakeBorder(among, *room, cv2.BORDER_REPLICATE)
    found = np.zeros((height, width), bool)
    for down, right in product(range(2 * DRIFT + longer + 1), range(2 * ASIDE + 1)):
        there = padded[down : down + height, right : right + width]
        difference = cv2.absdiff(sought, there.reshape(sought.shape)).reshape(sought.shape).max(axis=2)
        found |= cv2.dilate(difference, np.ones((1, RUN), np.uint8)) <= EXACT
    return found


def _range(levels: NDArray[Any], around: NDArray[Any] = AROUND) -> tuple[NDArray[Any], NDArray[Any]]:
    """The lowest and highest levels within a px, or a kernel; each of the shape of (h, w, C) `levels`."""
    return cv2.erode(levels, around).reshape(levels.shape), cv2.dilate(levels, around).reshape(levels.shape)


def _over(levels: NDArray[Any], bound: NDArray[Any]) -> NDArray[Any]:
    """Levels by which one picture exceeds another, 0 where it does not."""
    return np.asarray(cv2.subtract(levels, bound)).reshape(levels.shape)
