"""Put each seam between two bands where the pictures themselves, in every channel, agree best.

Cell means leave a seam free wherever both offsets agree, as inside two cards of nearly the same grey.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from diffspot.pipeline.layout.bands import JITTER, Band
from diffspot.pipeline.layout.signature import SHADE, STRIPE

if TYPE_CHECKING:
    from diffspot.pipeline.layout.bands import Bands, Block

REACH = 64
"""Lines a seam may move each way: a card's height; beyond, two offsets would not agree by chance."""
SAMPLED = 16
"""Px between the samples that tell the ground of a line."""
TIE = 1e-3
"""What a sample counts that its line's ground or a px of movement explains: it decides where all else is alike."""
AROUND = np.ones((3, 3), np.uint8)
"""A px and its neighbours, to which another rasteriser moves the strokes of letters."""

Picture = NDArray[np.uint8]


def with_best_seams(bands: Bands, reference: Picture, candidate: Picture) -> Bands:
    """The same bands, seams moved by at most REACH; pictures (H, W, C) and (H', W', C) uint8."""
    blocks = tuple(_refined(block, bands.axis, reference, candidate) for block in bands.blocks)
    return replace(bands, blocks=blocks)


def _refined(block: Block, axis: int, reference: Picture, candidate: Picture) -> Block:
    one, other = (np.swapaxes(p, 0, axis)[:, block.start : block.stop] for p in (reference, candidate))
    # What was inserted near the top leaves lines above it where they were, too few for the chain to see.
    bands = [Band(0, 0, 0), *block.bands] if block.bands[0].offset else list(block.bands)
    for number, (before, after) in enumerate(pairwise(bands)):
        seam = _best_seam(replace(before, start=bands[number].start), after, one, other)
        bands[number] = replace(bands[number], stop=seam)
        bands[number + 1] = replace(after, start=seam + after.start - before.stop)
    return replace(block, bands=tuple(band for band in bands if band.stop > band.start))


def _best_seam(before: Band, after: Band, reference: Picture, candidate: Picture) -> int:
    """The line at which the first band should stop; of equally good ones the nearest to where it stops now."""
    gap = after.start - before.stop
    back = min(REACH, max(before.stop - before.start - 1, 0), after.start + after.offset)
    ahead = min(REACH, after.stop - after.start - 1, len(candidate) - before.stop - before.offset)
    first, last = before.stop - back, before.stop + ahead
    drifts = abs(after.offset - before.offset) <= JITTER  # which a px of movement would explain
    kept = _wrong(Band(first, last, before.offset), reference, candidate, exact=drifts)
    left = _wrong(Band(first + gap, last + gap, after.offset), reference, candidate, exact=drifts)
    cost = np.concatenate([[0], np.cumsum(kept - left)])
    # Content that a drift leaves out is lost, while what is a px off can still be explained: so it counts twice.
    if drifts:
        cost += 2 * _lost(range(first, last + 1), before, after, reference, candidate)
    distance = np.abs(np.arange(first, last + 1) - before.stop)
    return first + int(np.lexsort((distance, cost))[0])


def _lost(seams: range, before: Band, after: Band, reference: Picture, candidate: Picture) -> NDArray[np.int64]:
    """Samples of content in the lines that each seam leaves out."""
    step = after.offset - before.offset
    picture, start = (candidate, seams.start + before.offset) if step > 0 else (reference, seams.start)
    lines = picture[max(start - 1, 0) : seams.stop + abs(step) + start - seams.start].astype(np.int16)
    content = (np.abs(np.diff(lines, axis=0, prepend=lines[:1])) > SHADE).sum(axis=(1, 2))[start > 0 :]
    total = np.concatenate([[0], np.cumsum(content)])
    at = np.minimum(np.arange(len(seams)) + abs(step), len(content))
    return np.asarray(total[at] - total[: len(seams)])


def _wrong(band: Band, reference: Picture, candidate: Picture, *, exact: bool) -> NDArray[np.float64]:
    """Samples of each line of a band that no other ground of their line explains, nor a px of movement unless exact."""
    one = reference[band.start : band.stop].astype(np.int16)
    other = candidate[band.start + band.offset : band.stop + band.offset].astype(np.int16)
    apart = one - other
    stripe = np.median(apart[:, ::SAMPLED], axis=1, keepdims=True).astype(np.int16)
    stripe[np.abs(stripe) > STRIPE] = 0
    grounds = (other, other + stripe)
    left = [np.abs(one - each) if exact else _beyond(one, each) for each in grounds]
    wrong = np.logical_and(*(each > SHADE for each in left))
    return np.asarray(wrong.sum(axis=(1, 2)) + TIE * (np.abs(apart) > SHADE).sum(axis=(1, 2)))


def _beyond(one: NDArray[np.int16], other: NDArray[np.int16]) -> NDArray[np.int16]:
    """(h, w, C) levels by which either lies outside the range that the other one has within a px."""
    if not one.size:
        return one
    ways = [
        np.maximum(a - cv2.dilate(b, AROUND).reshape(b.shape), cv2.erode(b, AROUND).reshape(b.shape) - a)
        for a, b in ((one, other), (other, one))
    ]
    return np.asarray(np.maximum(*ways))
