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
    striped = _striped(reference, laid, placement.bands)
    changed = np.asarray((striped != laid).any(axis=2))
    if not changed.any():
        return placement
    count, largest = places(changed)
    entry = Forgiven(cause="movement", pixels=int(np.count_nonzero(changed)), places=count, largest=largest)
    return replace(placement, candidate=backend.from_host(striped), forgiven=(*placement.forgiven, entry))


def _striped(reference: NDArray[Any], laid: NDArray[Any], bands: Bands) -> NDArray[Any]:
    """(H, W, C) a candidate that was laid out, on the stripes of the reference.

    How much of its ground each pixel shows is not known: it is as near to the reference as none of it to all of it.
    """
    striped = laid.copy()
    for block in bands.blocks:
        across = np.s_[block.start : block.stop]
        moved = [np.arange(band.start, band.stop) for band in block.bands if band.offset]
        if not moved:
            continue
        lines = np.concatenate(moved)
        one, other = (picture[lines, across].astype(np.result_type(picture, np.int16)) for picture in (reference, laid))
        change = np.median(one - other, axis=1).astype(other.dtype)[:, None]
        change[~_change_places(change[:, 0])] = 0
        low, high = np.minimum(other, other + change), np.maximum(other, other + change)
        striped[lines, across] = np.clip(one, low, high)
    return striped


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
