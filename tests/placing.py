"""Placing a candidate in one step, and pairs that lie as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.backends import get_backend
from diffspot.pipeline import layout, placement, registration
from diffspot.pipeline.noise import is_grainy
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.preparation import luminance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Registration
    from diffspot.pipeline.layout import Bands


def place(
    reference: NDArray[Any], candidate: NDArray[Any], backend: Backend, *, align: str, rendered: bool
) -> placement.Placement:
    """The candidate in the reference's frame, wherever it lies; see `find_motion` and `place` of the pipeline."""
    motion = placement.find_motion(reference, candidate, align=align, rendered=rendered)
    return placement.place(candidate, motion, reference.shape[:2], backend)


def registered(
    reference: NDArray[Any],
    candidate: NDArray[Any],
    valid: NDArray[np.bool_] | None = None,
    backend: Backend | None = None,
) -> RegisteredPair:
    """Two pictures (H, W, C) as they lie, on the backend; all of it is valid unless it is said."""
    backend = backend or get_backend("numpy")
    inside = np.ones(reference.shape[:2], bool) if valid is None else valid
    r, c, v = (backend.from_host(plane) for plane in (reference, candidate, inside))
    return RegisteredPair(r, c, v, backend.absdiff(r, c))


def register(reference: NDArray[np.uint8], candidate: NDArray[np.uint8], *, method: str) -> Registration:
    """The motion of a picture (h, w, C) onto another; see `register` of the pipeline."""
    return registration.register(luminance(reference), luminance(candidate), method=method)


def find_bands(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> Bands | None:
    """The layout shift of two pictures (H, W, C), (h, w, C); see `find_bands` of the pipeline."""
    return layout.find_bands(reference, candidate, luminance(reference), luminance(candidate))


def told_grainy(pair: RegisteredPair, backend: Backend) -> bool:
    """Whether a pair differs by noise; see `is_grainy` of the pipeline."""
    return is_grainy(pair.reference, pair.candidate, pair.valid, backend)
