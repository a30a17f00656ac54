"""Row subsampling for statistics (fractions, medians)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 192
"""Rows sampled: some 100,000 px even of a narrow page."""
BANDS = 16
"""Bands that they lie in: single rows would each need neighbours of their own."""
WORTHWHILE = 3.5
"""Times the rows sampled that a picture must have: of a lower one the neighbours eat up what sampling saves."""

MEDIAN_TO_SIGMA = 1.4826
"""The standard deviation of a normal law over its median absolute deviation."""
MANY = 5_000
"""Values from which those around the median are picked first: the rest need no order."""
GLANCE, BESIDE = 1024, 64
"""Values, evenly spread, that tell where the median lies, and how many of them beside it hold it: four standard
deviations of the rank of a median of so many, which is half the root of their number."""


class Band(NamedTuple):
    """Rows to look at.

    Attributes:
        source: with the neighbours that they need, in the picture.
        crop: without the neighbours, relative to the source.
    """

    source: slice
    crop: slice


class Rows(NamedTuple):
    """`source` selects sampled rows with their neighbours; `crop` drops the neighbours from a result."""

    source: slice | NDArray[np.intp]
    crop: slice | NDArray[np.intp]


@lru_cache
def sample_bands(height: int, rows: int, band: int, reach: int) -> tuple[Band, ...]:
    """Bands of `band` rows, each with `reach` neighbours on either side: all there are, or of many `rows` rows."""
    count = min(-(-height // band), rows // band)
    last = height - band if height > rows else (count - 1) * band
    starts = np.linspace(0, last, count).astype(np.intp).tolist()
    bands = []
    for start in starts:
        stop = min(height, start + band)
        first = max(0, start - reach)
        bands.append(Band(slice(first, min(height, stop + reach)), slice(start - first, stop - first)))
    return tuple(bands)


@lru_cache
def sample_rows(height: int, reach: int, rows: int = ROWS) -> Rows:
    """`rows` rows, evenly spread, with `reach` neighbours; of a low picture, all rows."""
    if height <= WORTHWHILE * rows:
        return Rows(slice(None), slice(None))
    bands = sample_bands(height, rows, rows // BANDS, reach)
    spans = [np.arange(band.source.start, band.source.stop) for band in bands]
    begins = np.cumsum([0, *map(len, spans[:-1])])
    crops = [begin + np.arange(band.crop.start, band.crop.stop) for begin, band in zip(begins, bands, strict=True)]
    return Rows(np.concatenate(spans), np.concatenate(crops))


def held(levels: NDArray[Any], inside: NDArray[Any]) -> NDArray[Any]:
    """(N,) the levels that a mask of their shape keeps; where it is set all over, none is picked by itself."""
    return levels.reshape(-1) if inside.all() else levels[inside]


def median(values: NDArray[Any]) -> np.floating[Any]:
    """The median of (N,) floats, N > 0, to the bit; NumPy's own takes three times as long."""
    middle, odd = len(values) // 2, len(values) % 2
    if len(values) >= MANY:
        few = np.sort(values[:: len(values) // GLANCE])
        low, high = few[len(few) // 2 - BESIDE], few[len(few) // 2 + BESIDE]
        below, around = int(np.count_nonzero(values < low)), values[(values >= low) & (values <= high)]
        if below < middle < below + len(around):
            values, middle = around, middle - below
    parted = np.partition(values, middle)  # by one place: two take several times as long
    return parted[middle] if odd else (parted[:middle].max() + parted[middle]) / 2  # type: ignore[no-any-return]


def medians(values: NDArray[Any]) -> NDArray[np.float64]:
    """The median of each column of (N, C) numbers, N > 0; of few of them NumPy's own takes ten times as long."""
    ordered, middle = np.sort(values, axis=0), len(values) // 2
    return np.asarray((ordered[-middle - 1].astype(np.float64) + ordered[middle]) / 2)
