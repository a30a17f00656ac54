"""The ignored area: what the user took out of the comparison with boxes and mask pictures."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from diffspot.errors import OptionError
from diffspot.options.types import in_px

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Region
    from diffspot.options.types import Area
    from diffspot.pipeline.placement import Placement

STRIP = 64
"""Rows compared at a time: where pictures differ, most of them need not be looked at to know that they do."""


def ignored_area(
    shape: tuple[int, ...], *, ignore: Iterable[Area], only: Sequence[Area], mask: NDArray[np.bool_] | None
) -> NDArray[np.bool_] | None:
    """The pixels of a reference that are not compared.

    Compared are the pixels inside any of the `only` boxes (all of them, where there are none), on the mask, and in no
    `ignore` box.

    Args:
        shape: (H, W) of the reference.
        ignore: boxes of x, y, width and height, px or percentages of the reference.
        only: boxes of the same form.
        mask: (H, W) bool, true where the reference is compared; None compares all of it.

    Returns:
        (H, W) bool, true where the reference is not compared; None where all of it is.

    Raises:
        OptionError: they leave nothing to compare.
    """
    compared = np.ones(shape, np.bool_) if mask is None else mask.copy()
    if only:
        compared &= _covered(only, shape)
    ignored = ~compared | _covered(ignore, shape)
    if ignored.all():
        raise OptionError(
            f"--ignore, --only and --mask leave nothing to compare of a picture of {shape[1]}x{shape[0]} px; let them "
            "leave a part, or leave the pair out with --exclude."
        )
    return ignored if ignored.any() else None


def equal_outside(reference: NDArray[Any], candidate: NDArray[Any], ignored: NDArray[np.bool_] | None) -> bool:
    """Whether two pictures (H, W, C) are equal in every pixel that is not ignored."""
    if ignored is None:
        return reference.shape == candidate.shape and all(
            np.array_equal(reference[row : row + STRIP], candidate[row : row + STRIP])
            for row in range(0, len(reference), STRIP)
        )
    return reference.shape == candidate.shape and not (reference != candidate)[~ignored].any()


def ignored_share(ignored: NDArray[np.bool_] | None) -> float | None:
    """The share of the reference that is ignored, in [0, 1]; None where all of it is compared."""
    return None if ignored is None else round(float(ignored.mean()), 6)


def exclude_ignored(placement: Placement, ignored: NDArray[np.bool_] | None, backend: Backend) -> Placement:
    """A placement whose valid area and shifts leave the ignored area out.

    Raises:
        OptionError: the candidate covers nothing of what is not ignored.
    """
    if ignored is None:
        return placement
    valid = placement.valid & ~backend.from_host(ignored)
    if not valid.any():
        raise OptionError(
            "The candidate covers nothing of what --ignore, --only and --mask leave of the reference; let them leave "
            "more, or leave the pair out."
        )
    return replace(placement, valid=valid, ignored=ignored, shifts=tuple(_visible(placement.shifts, ignored)))


def _covered(boxes: Iterable[Area], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(H, W) bool, true inside any of the boxes; a pixel that a box only touches is inside."""
    height, width = shape[:2]
    covered = np.zeros((height, width), np.bool_)
    for box in boxes:
        x, y, w, h = (in_px(length, whole) for length, whole in zip(box, (width, height) * 2, strict=True))
        covered[math.floor(y) : math.ceil(y + h), math.floor(x) : math.ceil(x + w)] = True
    return covered


def _visible(shifts: tuple[Region, ...], ignored: NDArray[np.bool_]) -> Iterator[Region]:
    """Shifts with the share of their area that lies outside; what lies inside altogether goes."""
    for shift in shifts:
        x, y, w, h = shift.bbox
        area = round(shift.area * (1 - float(ignored[y : y + h, x : x + w].mean())))
        if area:
            yield msgspec.structs.replace(shift, area=area)
