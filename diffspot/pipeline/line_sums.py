"""Sums along straight lines of every direction: what a thin line adds up to, though no pixel of it stands out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

QUANTUM = 16
"""Steps of a unit to which values are rounded: sums of 16-bit integers take half the time of floats."""


class LineSums(NamedTuple):
    """The sums of a plane along all lines of one length that fall by 0 to 45 degrees.

    Attributes:
        length: columns that each line crosses.
        sums: (starts, length, H) int16, in steps of 1 / QUANTUM: of the line that begins in column
            start * length / 2 and row y, and ends `slope` rows below it, at [start, slope, y].
    """

    length: int
    sums: NDArray[np.int16]


def line_sums(plane: NDArray[np.floating[Any]], least: int, most: int) -> Iterator[LineSums]:
    """Adds a plane up along lines that begin at every half of their length, by the fast discrete Radon transform.

    A line of twice the length is two lines that meet: each doubling costs as much as looking at all pixels once.

    Args:
        plane: (H, W), sizes of at most 4, so that the sums of 256 px fit into 16 bits; nothing lies outside it.
        least: columns of the shortest lines, a power of 2.
        most: columns of the longest lines, a power of 2.

    References:
        Brady: A fast discrete approximation algorithm for the Radon transform. SIAM Journal on Computing 27, 1998.
        doi:10.1137/S0097539793256673
    """
    height, width = plane.shape
    sums = np.zeros((-(-width // most) * most, 1, height + most), np.int16)
    sums[:width, 0, :height] = np.rint(QUANTUM * plane.T)
    length = 1
    while length < most:
        told = 2 * length >= least
        halves = (sums[:-1], sums[1:]) if told else (sums[::2], sums[1::2])
        doubled = _doubled(*halves, height)
        length *= 2
        if told:
            yield LineSums(length, doubled[..., :height])
        sums = doubled[::2] if told else doubled


def _doubled(first: NDArray[np.int16], second: NDArray[np.int16], height: int) -> NDArray[np.int16]:
    """Lines of twice the length: each slope of the first half meets the second where it ends, or one row below.

    Args:
        first: (starts, slopes, H) the sums of the left halves; what begins below `height` has nothing to add up.
        second: those of the right halves.
        height: rows.
    """
    starts, slopes, rows = first.shape
    both = np.zeros((starts, 2 * slopes, rows), np.int16)
    across, down, along = second.strides
    for more in (0, 1):
        where_it_ends = as_strided(second[..., more:], (starts, slopes, height), (across, down + along, along))
        np.add(first[..., :height], where_it_ends, out=both[:, more::2, :height])
    return both
