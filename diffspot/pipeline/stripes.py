"""Stripes of a list, which stay where they are when its rows move: each row that moved may lie on another ground."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.model import Forgiven
from diffspot.pipeline.explained import places
from diffspot.pipeline.layout.signature import STRIPE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.layout import Bands
    from diffspot.pipeline.placement import Placement

BLENDED = 3
"""Lines by which a picture that was made smaller blends two stripes; it is Lanczos' filter that reaches as far."""


def on_stripes(reference: NDArray[Any], placement: Placement, backend: Backend) -> Placement:
    """A placement whose rows that moved lie on the stripes that the reference has there.

    Args:
        reference: (H, W, C) levels.
        placement: the candidate in its frame.
        backend: what it lives on.
    """
    if placement.bands is None or placement.bands.axis == 1:
        return placement
    laid = backend.to_host(placement.candidate)
    striped, lines = _striped(reference, laid, placement.bands)
    changed = np.zeros(laid.shape[:2], bool)
    changed[lines] = (striped[lines] != laid[lines]).any(axis=2)
    if not changed.any():
        return placement
    count, largest = places(changed)
    entry = Forgiven(cause="movement", pixels=int(np.count_nonzero(changed)), places=count, largest=largest)
    return replace(placement, candidate=backend.from_host(striped), forgiven=(*placement.forgiven, entry))


def _striped(reference: NDArray[Any], laid: NDArray[Any], bands: Bands) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """(H, W, C) a candidate that was laid out, on the stripes of the reference, and (H,) bool, which lines may change.

    How much of its ground each pixel shows is not known: it is as near to the reference as none of it to all of it.
    """
    striped, on_other = laid.copy(), np.zeros(len(laid), bool)
    for block in bands.blocks:
        across = np.s_[block.start : block.stop]
        moved = [np.arange(band.start, band.stop) for band in block.bands if band.offset]
        if not moved:
            continue
        lines = np.concatenate(moved)
        change = _grounds_change(reference[lines, across], laid[lines, across])
        chosen = _change_places(change)
        lines, by = lines[chosen], change[chosen, None]
        one, other = (picture[lines, across].astype(by.dtype) for picture in (reference, laid))
        striped[lines, across] = np.clip(one, np.minimum(other, other + by), np.maximum(other, other + by))
        on_other[lines] = True
    return striped, on_other


def _grounds_change(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """(N, C) signed levels by which the ground of N lines of (N, W, C) levels changed: the median along each."""
    change = np.zeros((one.shape[0], one.shape[2]), np.result_type(one, np.int16))
    # Where fewer than half the px of a line differ, and so of most, its ground did not change.
    few = 2 * np.count_nonzero((one != other).reshape(len(one), -1), axis=1) < one.shape[1]
    changed = np.flatnonzero(~few)
    change[changed] = np.median(one[changed].astype(change.dtype) - other[changed], axis=1)
    return change


def _change_places(change: NDArray[Any]) -> NDArray[np.bool_]:
    """(N,) bool, whether the ground of a line changed, (N, C) levels, as that of other lines did the other way.

    Of the lines between two such stripes, too, which a picture made smaller blends.
    """
    found = np.zeros(len(change), bool)
    within = (np.abs(change) <= STRIPE).all(axis=1)
    for step in np.unique(change[within & change.any(axis=1)], axis=0):
        if (change == -step).all(axis=1).any():
            found |= (change == step).all(axis=1)
    ends = cv2.dilate(found[:, None].view(np.uint8), np.ones((1 + 2 * BLENDED, 1), np.uint8)).ravel() > 0
    return np.asarray(found | (ends & within))
