"""Placing a candidate in one step, and pairs that lie as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.backends import get_backend
from diffspot.pipeline import placement
from diffspot.pipeline.pair import RegisteredPair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend


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
