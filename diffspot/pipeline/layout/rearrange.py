"""Lay a candidate out in the reference's frame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.layout.bands import Band, Bands, Block


def rearrange(candidate: NDArray[Any], bands: Bands, height: int, width: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Undo a layout shift.

    `candidate` is (H', W', C) levels. Returns a (height, width, C) picture of its dtype whose bands lie where the
    reference has them, and a (height, width) bool area that is True where the candidate supplied the pixel;
    elsewhere 0.
    """
    picture = np.zeros((height, width, candidate.shape[2]), candidate.dtype)
    valid = np.zeros((height, width), np.bool_)
    for block in bands.blocks:
        for band in block.bands:
            target, source = _slices(block, band, bands.axis)
            picture[target] = candidate[source]
            valid[target] = True
    return picture, valid


def rearrange_back(mask: NDArray[np.bool_], bands: Bands) -> NDArray[np.bool_]:
    """(H, W) bool of the reference to (H', W') bool of the candidate, false where only that one has pixels."""
    moved = np.zeros(bands.candidate_size, np.bool_)
    for block in bands.blocks:
        for band in block.bands:
            target, source = _slices(block, band, bands.axis)
            moved[source] = mask[target]
    return moved


def _slices(block: Block, band: Band, axis: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Where a band lies in the reference and in the candidate, as (rows, columns) slices."""
    across = slice(block.start, block.stop)
    target = slice(band.start, band.stop)
    source = slice(band.start + band.offset, band.stop + band.offset)
    if axis == 0:
        return (target, across), (source, across)
    return (across, target), (across, source)
