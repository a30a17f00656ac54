"""Where the strips of a page meet, to the px, and which bands each of them follows.

Strips are found in cells, some of which show next to nothing, as the blank between the words and the dates of a list.
Where one rasteriser drew both pages, each column of px follows the bands that leave the fewest of its px different.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.pipeline.layout.signature import STRUCTURE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.layout.bands import Bands, Block

PRICE = 256.0
"""Px that must differ less for strips to part: about what two words of usual type have; they must not tear a page."""
TIE = 1e-3
"""What a column costs in another strip than the cells say: it decides where columns are blank."""


def with_best_strips(bands: Bands, reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> Bands:
    """The same bands, each column of px in the strip whose bands explain it best; never in more strips.

    Args:
        bands: of a page that one rasteriser drew.
        reference: (H, W) uint8, brightness.
        candidate: (H', W') uint8, the same.
    """
    if len(bands.blocks) == 1:
        return bands
    one, other = (_changes(np.ascontiguousarray(np.swapaxes(plane, 0, bands.axis))) for plane in (reference, candidate))
    distinct = list({block.bands: block for block in bands.blocks}.values())
    wrong = np.stack([_wrong(block, one, other) for block in distinct])
    for block in bands.blocks:
        wrong[[each.bands != block.bands for each in distinct], block.start : block.stop] += TIE
    chosen = _cheapest(wrong)
    edges = [0, *(np.flatnonzero(np.diff(chosen)) + 1).tolist(), len(chosen)]
    blocks = tuple(replace(distinct[chosen[start]], start=start, stop=stop) for start, stop in pairwise(edges))
    return bands if len(blocks) > len(bands.blocks) else replace(bands, blocks=blocks)


def _changes(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W) levels by which each line differs from the one above: stripes of a list show alike on either ground."""
    change = np.zeros_like(plane)
    change[1:] = cv2.absdiff(plane[1:], plane[:-1])
    return change


def _wrong(block: Block, one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(W,) px of each column whose changes differ under the bands of a block, and half of those that it leaves out."""
    wrong, left_out = np.zeros((2, one.shape[1]))
    line, place = 0, 0
    for band in block.bands:
        start, there = band.start, band.start + band.offset
        left_out += _count(one[line:start]) + _count(other[place:there])
        line, place = band.stop, band.stop + band.offset
        wrong += _count(np.abs(one[start:line].astype(np.int16) - other[there:place]))
    left_out += _count(one[line:]) + _count(other[place:])
    return np.asarray(wrong + left_out / 2)  # what moved without its strip is wrong twice, where it was and where it is


def _count(changes: NDArray[Any]) -> NDArray[np.int64]:
    return np.asarray(np.count_nonzero(changes > STRUCTURE, axis=0), np.int64)


def _cheapest(wrong: NDArray[np.float64]) -> NDArray[np.intp]:
    """(W,) which of K bands each column follows, of (K, W) costs, where each change costs PRICE (Viterbi)."""
    total = wrong[:, 0]
    came_from = np.zeros((wrong.shape[1], len(wrong)), np.intp)
    for column in range(1, wrong.shape[1]):
        best = int(total.argmin())
        came_from[column] = np.where(total[best] + PRICE < total, best, np.arange(len(total)))
        total = total[came_from[column]] + PRICE * (came_from[column] != np.arange(len(total))) + wrong[:, column]
    chosen = np.empty(wrong.shape[1], np.intp)
    chosen[-1] = total.argmin()
    for column in range(wrong.shape[1] - 1, 0, -1):
        chosen[column - 1] = came_from[column, chosen[column]]
    return chosen
