"""Find the layout shift of a pair: rows first, then columns; None unless it clearly beats doing nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import cv2
import numpy as np

from diffspot.layout.bands import Bands
from diffspot.layout.blocks import find_blocks
from diffspot.layout.identity import may_have_moved
from diffspot.layout.seam import with_best_seams

if TYPE_CHECKING:
    from numpy.typing import NDArray


def find_bands(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> Bands | None:
    """The bands of the layout shift of a pair, (H, W, C) and (H', W', C) uint8, C 1, 3 or 4; None if there is none.

    Rows are aligned when the widths are equal, columns when the heights are: a picture cut in both is registration's.
    None also where doing nothing explains the pair as well.
    """
    if reference.shape == candidate.shape and not may_have_moved(reference, candidate):
        return None
    one, other = _grey(reference), _grey(candidate)
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


def _grey(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, C) to (H, W) uint8; enough to tell where lines went, the comparison afterwards sees every channel."""
    if picture.shape[2] == 1:
        return np.ascontiguousarray(picture[:, :, 0])
    code = cv2.COLOR_RGB2GRAY if picture.shape[2] == 3 else cv2.COLOR_RGBA2GRAY
    return np.asarray(cv2.cvtColor(picture, code), np.uint8)
