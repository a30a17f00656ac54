"""The pixels of a PNG beside another one that was decoded: lines that both hold alike are taken from there.

The pixels of a line follow from its bytes and from the pixels above it. Lines of the same bytes below equal pixels are
equal, and so are most lines of two screenshots of a page. Only the others are decoded, each run of them below the line
that lies above it.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, cast

import numpy as np

from diffspot.image_io.png.scanlines import BYTE, SUB, by_libpng, inflate, unfilter_all

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.image_io.interface import Pixels
    from diffspot.image_io.png.scanlines import Scanlines

    Run = tuple[int, int]

LEAST_ALIKE, RUN_LINES = 0.33, 5
"""Share of its lines that are taken from the other picture, less so many for each run of others: a run costs as much as
they do. Where there are fewer, all are decoded at once."""


class Beside:
    """Decodes two PNGs, one after the other; lines of the second that the first holds, too, are taken from it."""

    def __init__(self) -> None:
        """Nothing is decoded yet."""
        self._first: tuple[Scanlines, NDArray[np.uint8]] | None = None

    def first(self, data: bytes) -> Pixels:
        """The pixels of the first frame of a file whose chunks are whole, which is kept until the second comes."""
        lines = inflate(data)
        if lines is None:
            return by_libpng(data)
        pixels = unfilter_all(lines)
        if lines.plain and lines.frame.depth == BYTE:
            self._first = lines, cast("NDArray[np.uint8]", pixels)
        return pixels

    def second(self, data: bytes) -> Pixels:
        """The pixels of the first frame of the other file."""
        lines = inflate(data)
        first, self._first = self._first, None  # whose lines take memory
        if lines is None:
            return by_libpng(data)
        if first and lines.plain and lines.frame._replace(height=0) == first[0].frame._replace(height=0):
            pixels = unfilter_beside(lines, *first)
            return unfilter_all(lines) if pixels is None else pixels
        return unfilter_all(lines)


def unfilter_beside(lines: Scanlines, other: Scanlines, pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    """(H, W, C) pixels of plain 8-bit scanlines; None where few lines are those of the other picture.

    Args:
        lines: the picture.
        other: the other one, of the same width and kind of samples.
        pixels: (h, W, C) of the other one.
    """
    height, both = len(lines.coded), min(len(lines.coded), len(other.coded))
    alike = np.zeros(height, bool)
    alike[:both] = (lines.coded[:both] == other.coded[:both]).all(axis=1)
    runs = _runs(~alike)
    if np.count_nonzero(alike) - RUN_LINES * len(runs) < LEAST_ALIKE * height:
        return None
    found = np.empty((height, *pixels.shape[1:]), np.uint8)
    found[:both] = pixels[:both]
    _decode(runs, lines, found)
    # From top to bottom, so that all that lies above is right: a box of another colour leaves most of its lines alike.
    for (_, stop), (_, end) in pairwise([*runs, (height, height)]):
        goes_on = stop == height or lines.filters[stop] <= SUB or np.array_equal(found[stop - 1], pixels[stop - 1])
        if not goes_on:
            _decode([(stop, end)], lines, found)
    return found


def _runs(chosen: NDArray[np.bool_]) -> list[Run]:
    """From which line to which the runs of the chosen ones reach."""
    ends = np.flatnonzero(np.diff(chosen, prepend=False, append=False)).tolist()
    return list(zip(ends[::2], ends[1::2], strict=True))


def _decode(runs: list[Run], lines: Scanlines, found: NDArray[np.uint8]) -> None:
    """Decodes runs of lines below the pixels that `found` has above each."""
    parts = []
    for start, stop in runs:
        above = np.zeros((int(start > 0), lines.coded.shape[1]), np.uint8)  # in front of the first line there is none
        above[:, 1:] = found[start - 1].ravel()
        parts += [above, lines.coded[start:stop]]
    if not parts:
        return
    rows = unfilter_all(lines.only(np.concatenate(parts))).reshape(-1, *found.shape[1:])
    at = 0
    for (start, stop), above in zip(runs, parts[::2], strict=True):
        at += len(above)
        found[start:stop] = rows[at : at + stop - start]
        at += stop - start
