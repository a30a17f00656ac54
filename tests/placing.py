"""Placing a candidate in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from diffspot.pipeline import placement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend


def place(
    reference: NDArray[Any], candidate: NDArray[Any], backend: Backend, *, align: str, rendered: bool
) -> placement.Placement:
    """The candidate in the reference's frame, wherever it lies; see `find_motion` and `place` of the pipeline."""
    motion = placement.find_motion(reference, candidate, align=align, rendered=rendered)
    return placement.place(candidate, motion, reference.shape[:2], backend)
