"""Which units of two pictures that differ all over tell how they were compressed.

A unit is what JPEG codes at once where colours have half the resolution.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.derived import once
from diffspot.pipeline.quantization import SIDE, UNIT

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

CONTRAST, MOST = 60, 0.5
"""Grey levels within a unit that has something on it, and share of such units that differ: of two pictures of one
compression only those differ that changed."""
LEAST_SHARE = 0.01
"""Share of all levels that differ from which it is worth asking: a page with six lines of text as JPEG has 0.03, pages
with a few changes have less."""
LONGEST = 65500
"""Px of the longest side that libjpeg takes: what is longer was no JPEG as a whole."""
LEAST_UNITS, UNITS = 8, 64
"""Units that must differ for the compression to be estimated, and how many of them are looked at."""
LOOKED_AT = 8192
"""Units of a large picture from which they are taken, about: 2 megapixels tell how it was compressed."""
UNCHANGED = 0.75
"""Share of the units, those that differ least, that hold no change."""
FULL, ROUNDED = 0.5, 2
"""Share of the px of a block that differ, in the median of those that differ by more levels than rounding leaves: JPEG
changes whole blocks, rasterisers edges."""
LEAN = 0.75
"""Share of its size by which what differs leans to one side, in the median of the units looked at: JPEG keeps the mean
of a block and leaves 0.6 at most, another light leans all of it."""
EVERYWHERE = 0.8
"""Share of the units that differ by more than rounding above which two pictures differ everywhere: 0.9 and more of
photos, which have texture or noise all over, and 0.1 to 0.7 of drawings do."""


class _Cells(NamedTuple):
    """Two pictures that differ all over, unit by unit.

    Attributes:
        pair: (H, W, C) uint8 each, of large pictures some rows of units alone.
        plain: (rows, 16, columns, 16 C) by how much they differ, 0 where nothing is looked at.
        seen: (rows, columns) bool, units that are looked at.
        contrast: (rows, columns) levels by which the reference differs within each unit.
    """

    pair: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    plain: NDArray[Any]
    seen: NDArray[np.bool_]
    contrast: NDArray[np.uint8]

    @property
    def drawn(self) -> NDArray[np.bool_]:
        """(rows, columns) bool, units that are looked at and have something on them."""
        return self.seen & (self.contrast > CONTRAST)

    def most_differing(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]] | None:
        """Some of the units that differ by more than the median, from all over, of those that have something on them.

        Flat ones tell nothing of how a picture was compressed. None where there are few.
        """
        levels = _by_cell(np.add, self.plain)
        if np.count_nonzero(levels[self.drawn]) >= LEAST_UNITS:
            levels = levels * self.drawn
        if not levels.any():
            return None
        found = np.argwhere(levels > np.median(levels[levels > 0]))
        if len(found) < LEAST_UNITS:
            return None
        here, there = (_some_of(picture, found) for picture in self.pair)
        return here, there

    def busiest(self) -> NDArray[np.uint8]:
        """Some of the units of the reference that have more on them than the median; it alone decides which."""
        return _some_of(self.pair[0], np.argwhere(self.contrast >= np.median(self.contrast)))


def _some_of(picture: NDArray[np.uint8], places: NDArray[np.intp]) -> NDArray[np.uint8]:
    """(16 N, 16, C) the units of a picture at some of (M, 2) rows and columns of units, from all over."""
    chosen = places[np.linspace(0, len(places) - 1, min(len(places), UNITS)).astype(int)] * UNIT
    return np.concatenate([picture[y : y + UNIT, x : x + UNIT] for y, x in chosen.tolist()])


class Sample(NamedTuple):
    """Units that tell how two pictures were compressed.

    Attributes:
        units: (16 N, 16, C) uint8, those that differ most, from all over, of either picture, one below the other.
        everywhere: whether they differ nearly everywhere, as photos do; drawings have even ground.
        busiest: gives units that show most of the reference, as `units` has them, whatever the candidate shows there.
    """

    units: tuple[NDArray[np.uint8], NDArray[np.uint8]]
    everywhere: bool
    busiest: Callable[[], NDArray[np.uint8]]


def sample_units(
    reference: NDArray[np.uint8], candidate: NDArray[np.uint8], ignored: NDArray[np.bool_] | None = None
) -> Sample | None:
    """The units that tell how two pictures were compressed; None where it is not JPEG that makes them differ.

    Args:
        reference: (H, W, C) uint8.
        candidate: the same shape.
        ignored: (H, W) bool, true where nothing is looked at, with the rest of its units; None looks at all.
    """
    cells = _compare_cells(reference, candidate, ignored)
    if cells is None or not _in_blocks(cells.plain):
        return None
    units = cells.most_differing()
    if units is None or _lean(*units) > LEAN:
        return None
    everywhere = bool(np.mean(_by_cell(np.maximum, cells.plain)[cells.seen] > ROUNDED) > EVERYWHERE)
    return Sample(units, everywhere, cells.busiest)


def _in_blocks(plain: NDArray[Any]) -> bool:
    """Whether what differs is whole blocks; of (rows, 16, columns, 16 C) differences, 0 where nothing is seen."""
    rows, columns = plain.shape[0], plain.shape[2]
    difference = plain.reshape(rows * UNIT // SIDE, SIDE, columns * UNIT // SIDE, -1)
    strong = _by_cell(np.maximum, difference) > ROUNDED
    if not strong.any():
        return False
    differing = _by_cell(np.add, difference > 0)[strong]
    return bool(np.median(differing) >= FULL * difference[0, :, 0].size)


def _lean(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """See `LEAN`."""
    change = (other.astype(np.float32) - one).reshape(len(one) // UNIT, UNIT * UNIT, -1)
    # whole numbers below 2 ** 24, so exact: products take a fifth of the time of sums along such axes
    leaning, sizes = (np.ones(UNIT * UNIT, np.float32) @ levels for levels in (change, np.abs(change)))
    return float(np.median(np.abs(leaning) / np.maximum(sizes, 1)))


def _compare_cells(
    reference: NDArray[np.uint8], candidate: NDArray[np.uint8], ignored: NDArray[np.bool_] | None
) -> _Cells | None:
    """The units of two pictures; None where they do not differ all over, as those of one compression do not."""
    if max(reference.shape) > LONGEST:
        return None
    whole = reference
    if (every := reference.shape[0] * reference.shape[1] // (LOOKED_AT * UNIT**2)) > 1:
        reference, candidate, *given = (
            _thinned(plane, every) for plane in (reference, candidate, ignored) if plane is not None
        )
        ignored = given[0] if given else None
    rows, columns = (side // UNIT for side in reference.shape[:2])
    inside = slice(rows * UNIT), slice(columns * UNIT)
    seen = np.ones((rows, columns), bool)
    if ignored is not None:
        seen = np.asarray(~ignored[inside].reshape(rows, UNIT, columns, UNIT).any(axis=(1, 3)))
    if np.count_nonzero(seen) < LEAST_UNITS:
        return None
    plain = cv2.absdiff(reference[inside], candidate[inside]).reshape(rows, UNIT, columns, -1)
    if ignored is not None:
        plain *= seen[:, None, :, None]
    if np.count_nonzero(plain) < LEAST_SHARE * plain.size * seen.mean():
        return None
    contrast = once(whole, "contrast of units", partial(_contrast, reference[inside]), per_pair=True)
    drawn = seen & (contrast > CONTRAST)
    all_over = np.count_nonzero(_by_cell(np.maximum, plain)[drawn]) >= MOST * np.count_nonzero(drawn)
    return _Cells((reference, candidate), plain, seen, contrast) if all_over else None


def _thinned(plane: NDArray[Any], every: int) -> NDArray[Any]:
    """Each so many-th row of units."""
    rows = len(plane) // UNIT
    return plane[: rows * UNIT].reshape(rows, UNIT, *plane.shape[1:])[::every].reshape(-1, *plane.shape[1:])


def _contrast(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(rows, columns) by how many levels the green, or the grey, of each unit differs within it."""
    plane = np.asarray(cv2.extractChannel(picture, picture.shape[2] // 2))
    levels = plane.reshape(len(plane) // UNIT, UNIT, -1, UNIT)
    return np.asarray(_by_cell(np.maximum, levels) - _by_cell(np.minimum, levels))


def typical(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Mean difference of the units that hold no change, levels."""
    return float(unchanged(differences(one, other)))


def unchanged(left: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of the (..., N) differences of units over those that hold no change."""
    ordered = np.sort(left)
    return np.asarray(ordered[..., : max(1, int(UNCHANGED * ordered.shape[-1]))].mean(axis=-1))


def differences(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(N,) mean difference of each unit, levels, without its rim: colours of half the resolution are interpolated."""
    units = cv2.absdiff(one, other).reshape(len(one) // UNIT, -1).astype(np.float32)
    inner = np.zeros((UNIT, UNIT, units.shape[1] // UNIT**2), np.float32)
    inner[1:-1, 1:-1] = 1
    # whole numbers below 2 ** 24, so exact: a product takes a fifth of the time of a mean over such short axes
    return (units @ inner.ravel()).astype(np.float64) / np.count_nonzero(inner)


def _by_cell(work: np.ufunc, levels: NDArray[Any]) -> NDArray[Any]:
    """Cells (rows, height, columns, width) reduced to (rows, columns); lines first, whose bytes lie side by side."""
    counts = levels.dtype == np.bool_  # of a few lines, which a byte holds: that takes half the time
    lines = work.reduce(levels.view(np.uint8), axis=1, dtype=np.uint16 if work is np.add and not counts else np.uint8)
    across = cv2.transpose(lines.reshape(-1, lines.shape[2]))  # so that the long axis is the inner one
    if work is np.add:  # whole numbers below 2 ** 24, so exact
        cells = cv2.reduce(across, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32F).astype(np.uint32)
    else:
        cells = work.reduce(across, axis=0)
    return np.asarray(cells.reshape(lines.shape[:2]))
