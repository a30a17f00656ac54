"""Keeps the ignored area out of a comparison: out of the valid area, and out of what counts as shifted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
import numpy as np

from diffspot.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Region
    from diffspot.pipeline.placement import Placement

STRIP = 64
"""Rows compared at a time: where pictures differ, most of them need not be looked at to know that they do."""


class Hidden(NamedTuple):
    """The ignored area of both pictures of a pair, (H, W) bool each."""

    reference: NDArray[np.bool_]
    candidate: NDArray[np.bool_]


def equal_outside(reference: NDArray[Any], candidate: NDArray[Any], ignored: NDArray[np.bool_] | None) -> bool:
    """Whether two pictures (H, W, C) are equal in every pixel that is not ignored; if all is, whatever their sizes."""
    if ignored is None:
        return reference.shape == candidate.shape and all(
            np.array_equal(reference[row : row + STRIP], candidate[row : row + STRIP])
            for row in range(0, len(reference), STRIP)
        )
    if ignored.all():
        return True
    return reference.shape == candidate.shape and not (reference != candidate)[~ignored].any()


def without(placement: Placement, ignored: NDArray[np.bool_], backend: Backend) -> Placement:
    """A placement less the ignored area: it is not valid, and shifts are judged by what lies outside.

    Raises:
        OptionError: the candidate covers nothing of what is not ignored.
    """
    valid = placement.valid & ~backend.from_host(ignored)
    if not valid.any():
        raise OptionError(
            "The candidate covers nothing of what --ignore, --only and --mask leave of the reference; let them leave "
            "more, or leave the pair out."
        )
    return replace(placement, valid=valid, shifts=tuple(_visible(placement.shifts, ignored)))


def _visible(shifts: tuple[Region, ...], ignored: NDArray[np.bool_]) -> Iterator[Region]:
    """Shifts with the share of their area that lies outside; what lies inside altogether goes."""
    for shift in shifts:
        x, y, w, h = shift.bbox
        area = round(shift.area * (1 - float(ignored[y : y + h, x : x + w].mean())))
        if area:
            yield msgspec.structs.replace(shift, area=area)
