"""What stood still while the rest of a page slid: bars, frames and columns that both pictures show at one place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.model import IDENTITY
from diffspot.pipeline.placement import place
from diffspot.pipeline.preparation import to_levels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.placement import Motion, Placement

AROUND = np.ones((5, 5), np.uint8)
"""A px and those around it that are equal where it stood: two px within other letters are so by chance."""


def with_stood(
    reference: NDArray[Any], candidate: NDArray[Any], placement: Placement, motion: Motion, backend: Backend
) -> Placement:
    """A placement that shows what stood still where it stands, of a page that moved by whole px.

    Once a page is laid back, what did not move with it lies over something else in both pictures. Where each shows what
    both of them show at that place, to the bit, nothing differs.

    Args:
        reference: (H, W, C) uint8 or uint16.
        candidate: (h, w, C) of the same dtype, before it was laid.
        placement: the candidate in the reference's frame.
        motion: how it was laid there.
        backend: what it lives on.
    """
    if placement.resampled or placement.bands or placement.registration.matrix == IDENTITY:
        return placement
    height, width = np.minimum(reference.shape[:2], candidate.shape[:2])
    here, there = (np.zeros(picture.shape[:2], np.uint8) for picture in (reference, candidate))
    equal = (reference[:height, :width] == candidate[:height, :width]).all(axis=2)
    here[:height, :width] = there[:height, :width] = cv2.erode(equal.view(np.uint8), AROUND)
    laid = backend.to_host(place(there[..., None], motion, reference.shape[:2], backend).candidate)
    stood = (here > 0) & (laid[..., 0] > 0)
    shown = backend.to_host(placement.candidate)
    own = to_levels(reference)
    stood &= (shown != own).any(axis=2)
    if not stood.any():
        return placement
    return replace(placement, candidate=backend.from_host(np.where(stood[..., None], own, shown)), stood=True)
