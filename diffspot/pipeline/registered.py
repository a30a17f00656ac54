"""Two pictures in one frame, brought into one light: what all later stages compare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from diffspot.pipeline.normalization import fit_normalization, normalize
from diffspot.pipeline.preparation import to_levels

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Normalization
    from diffspot.pipeline.placement import Placement


@dataclass(frozen=True, slots=True)
class Registered:
    """Two pictures in one frame and one light, on the backend; or a stack of such pairs, along a first axis.

    Attributes:
        reference: (..., H, W, C) levels.
        candidate: likewise; the reference's own where it is not compared, so that nothing from there reaches in.
        valid: (..., H, W) bool, what is compared.
        differs: (..., H, W) levels, their plain difference.
        ignored: (..., H, W) bool, where nothing is reported; None where no area is ignored.
    """

    reference: NDArray[Any]
    candidate: NDArray[Any]
    valid: NDArray[Any]
    differs: NDArray[Any]
    ignored: NDArray[Any] | None


def in_one_light(
    first: NDArray[Any], placement: Placement, backend: Backend, *, ignored: NDArray[np.bool_] | None, lit: bool
) -> tuple[Registered, Normalization | None]:
    """The pair to compare, and how its light was evened out.

    Args:
        first: the reference, (H, W, C) uint8 or uint16.
        placement: the candidate in its frame.
        backend: what does the array work.
        ignored: (H, W) bool, or None.
        lit: whether the light may differ.
    """
    r, c, valid = backend.from_host(to_levels(first)), placement.candidate, placement.valid
    light = fit_normalization(r, c, valid, backend) if lit else None
    if light:
        r, c = normalize(r, c, light, backend)
    c = backend.select(valid, c, r)
    hidden = None if ignored is None else backend.from_host(ignored)
    return Registered(r, c, valid, backend.absdiff(r, c), hidden), light
