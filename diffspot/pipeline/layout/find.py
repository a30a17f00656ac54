"""Find the layout shift of a pair: rows first, then columns; None unless it clearly beats doing nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from diffspot.pipeline.layout.bands import Bands
from diffspot.pipeline.layout.blocks import find_blocks
from diffspot.pipeline.layout.identity import may_have_moved
from diffspot.pipeline.layout.seam import with_best_seams
from diffspot.pipeline.preparation import luminance

if TYPE_CHECKING:
    from numpy.typing import NDArray


def find_bands(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> Bands | None:
    """The bands of the layout shift of a pair, one of which at least is a rendered page.

    Rows are aligned when the widths are equal, columns when the heights are: a picture cut in both is registration's.

    Args:
        reference: (H, W, C) uint8, C 1 or 3.
        candidate: (h, w, C) likewise; one side must be equal.

    Returns:
        Where each part of the page went; None if doing nothing explains the pair as well.
    """
    if reference.shape == candidate.shape and not may_have_moved(reference, candidate):
        return None
    one, other = luminance(reference), luminance(candidate)
    bands = _along(one, other, 0) or _along(one, other, 1)
    return bands and with_best_seams(bands, reference, candidate)


def _along(reference: NDArray[np.uint8], candidate: NDArray[np.uint8], axis: Literal[0, 1]) -> Bands | None:
    if reference.shape[1 - axis] != candidate.shape[1 - axis]:
        return None
    planes = [np.ascontiguousarray(p if axis == 0 else p.T) for p in (reference, candidate)]
    blocks = find_blocks(planes[0], planes[1])
    if blocks is None:
        return None
    (height, width), (other_height, other_width) = reference.shape, candidate.shape
    return Bands(axis, blocks, (height, width), (other_height, other_width))
