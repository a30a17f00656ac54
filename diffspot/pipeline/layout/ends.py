"""What only one of two pages of different size shows beyond the other's lower or right edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from diffspot.pipeline.layout.bands import JITTER, Band, Bands, Block

if TYPE_CHECKING:
    from diffspot.pipeline.layout.bands import Stretch


def find_ends(reference_size: tuple[int, int], candidate_size: tuple[int, int]) -> tuple[Stretch, ...]:
    """The rows, then the columns, of more than JITTER px that only one of two pages has, which begin at one corner.

    Sizes are (height, width). Pictures that lie otherwise upon each other were cut carelessly and are not asked.
    """
    found: list[Stretch] = []
    axes: tuple[Literal[0, 1], ...] = (0, 1)
    for axis in axes:
        length, other = reference_size[axis], candidate_size[axis]
        if abs(length - other) > JITTER:
            across = min(reference_size[1 - axis], candidate_size[1 - axis])
            block = Block(0, across, (Band(0, min(length, other), 0),))
            found += Bands(axis, (block,), reference_size, candidate_size).stretches
    return tuple(found)
