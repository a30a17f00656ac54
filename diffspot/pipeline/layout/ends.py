"""What only one of two pages of different size shows beyond the other's edges, where they lie upon each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.pipeline.layout.bands import JITTER, Band, Bands, Block

if TYPE_CHECKING:
    from diffspot.pipeline.layout.bands import Stretch


def find_ends(
    reference_size: tuple[int, int], candidate_size: tuple[int, int], offset: tuple[int, int]
) -> tuple[Stretch, ...]:
    """The rows, then the columns, of more than JITTER px that only one of two pages has.

    Sides that are equal have none: what moved there was cut off by the view.

    Args:
        reference_size: (height, width).
        candidate_size: (height, width).
        offset: px down and right; where the first pixel of the reference lies in the candidate.
    """
    found = []
    for axis in (0, 1):
        length, other, moved = reference_size[axis], candidate_size[axis], offset[axis]
        both = Band(max(0, -moved), min(length, other - moved), moved)
        if abs(length - other) > JITTER and both.stop > both.start:
            across = Block(0, min(reference_size[1 - axis], candidate_size[1 - axis]), (both,))
            stretches = Bands(axis, (across,), reference_size, candidate_size).stretches
            found += [one for one in stretches if one.area > JITTER * across.stop]
    return tuple(found)
