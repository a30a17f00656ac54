"""Explains what laying a page leaves: edges blended a little differently, and lines of pixels that drifted."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.backends.channels import highest, largest
from diffspot.pipeline.derived import once
from diffspot.pipeline.preparation import to_levels
from diffspot.pipeline.verdict.tiles import AROUND, EXACT

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.placement import Placement

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


def find_drift(candidate: NDArray[Any], placement: Placement) -> Drift | None:
    """The drift of a page of which each line of text was laid on its own; None of any other.

    Args:
        candidate: (h, w, C) uint8 or uint16, before it was laid.
        placement: how it was laid.
    """
    if placement.bands is None or not placement.bands.drifts:
        return None
    return Drift(to_levels(candidate), placement.to_candidate, placement.bands.rounded)


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
    left = mask & ~wavers(one, other, HALF_WAVER if drift and drift.rounded else WAVER)[inner]
    if drift and left.any():
        _, first, _, lines = drift.to_candidate((start, top, right - start, bottom - top))
        original = drift.candidate[first : first + lines, start:right]
        left &= ~(_is_found(one, original) & _is_found(other, one))[inner]
    if drift and drift.rounded:
        left &= ~_are_level(one, other)[inner]
    return left


def touching(chosen: NDArray[np.bool_], mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(H, W) bool: the parts of a mask that hold any of the chosen pixels, all of which lie in it."""
    found = np.zeros(mask.shape, bool)
    if chosen.any():
        count, labels = cv2.connectedComponents(mask.view(np.uint8), connectivity=8)
        held = np.zeros(count, bool)
        held[labels[chosen]] = True
        found[mask] = held[labels[mask]]
    return found


def range_within(picture: NDArray[Any]) -> NDArray[Any]:
    """(H, W) levels: highest minus lowest within a px of an (H, W, C) picture, the largest of the channels."""
    return highest(cv2.subtract(cv2.dilate(plane, AROUND), cv2.erode(plane, AROUND)) for plane in planes(picture))


def planes(picture: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """The channels of an (H, W, C) picture, (H, W) each: what is worked out of all of them takes half the time so."""
    return once(picture, "planes", lambda: tuple(cv2.split(picture)))


def wavers(one: NDArray[Any], other: NDArray[Any], most: float = WAVER, outside: float = BEYOND) -> NDArray[np.bool_]:
    """(H, W) bool: where each of two (H, W, C) pictures lies within the other's range, and they differ by little.

    Args:
        one: levels.
        other: levels.
        most: share of the contrast by which they differ there.
        outside: share of it by which they exceed the range.
    """
    (low, high), (other_low, other_high) = _range(one), _range(other)
    ways = (one, other_high), (other_low, one), (other, high), (low, other)
    beyond = largest(np.maximum.reduce([_over(*way) for way in ways]))
    contrast = largest(np.minimum(high - low, other_high - other_low))
    difference = largest(cv2.absdiff(one, other).reshape(one.shape))
    return np.asarray((beyond <= np.maximum(outside * contrast, EXACT)) & (difference <= most * contrast))


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
        difference = largest(cv2.absdiff(sought, there.reshape(sought.shape)).reshape(sought.shape))
        found |= cv2.dilate(difference, np.ones((1, RUN), np.uint8)) <= EXACT
    return found


def _range(levels: NDArray[Any], around: NDArray[Any] = AROUND) -> tuple[NDArray[Any], NDArray[Any]]:
    """The lowest and highest levels within a px, or a kernel; each of the shape of (h, w, C) `levels`."""
    return cv2.erode(levels, around).reshape(levels.shape), cv2.dilate(levels, around).reshape(levels.shape)


def _over(levels: NDArray[Any], bound: NDArray[Any]) -> NDArray[Any]:
    """Levels by which one picture exceeds another, 0 where it does not."""
    return np.asarray(cv2.subtract(levels, bound)).reshape(levels.shape)
