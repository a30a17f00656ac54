"""Bands of rows that stand for a whole picture where only shares and medians are wanted."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROWS = 192
"""Rows sampled: some 100,000 px even of a narrow page."""
BANDS = 16
"""Bands that they lie in: single rows would each need neighbours of their own."""
WORTHWHILE = 3.5
"""Times the rows sampled that a picture must have: of a lower one the neighbours eat up what sampling saves."""


class Band(NamedTuple):
    """Rows to look at.

    Attributes:
        outer: with the neighbours that they need, in the picture.
        kept: without them, in `outer`.
    """

    outer: slice
    kept: slice


class Rows(NamedTuple):
    """Index what has (H, ...) by `taken`, and what was worked out from that by `kept`.

    Attributes:
        taken: the sampled rows and the neighbours that they need.
        kept: which of those are sampled.
    """

    taken: slice | NDArray[np.intp]
    kept: slice | NDArray[np.intp]


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
    spans = [np.arange(band.outer.start, band.outer.stop) for band in bands]
    begins = np.cumsum([0, *map(len, spans[:-1])])
    kept = [begin + np.arange(band.kept.start, band.kept.stop) for begin, band in zip(begins, bands, strict=True)]
    return Rows(np.concatenate(spans), np.concatenate(kept))
