"""Finds the layout shift of a pair, rows first, then columns, and tells pairs that cannot have one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np

from diffspot.pipeline.derived import once
from diffspot.pipeline.layout.bands import ALIKE_JITTER, Bands, small_steps
from diffspot.pipeline.layout.blocks import find_blocks
from diffspot.pipeline.layout.seam import with_best_seams
from diffspot.pipeline.layout.strips import with_best_strips

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.layout.bands import Block

RUN = 16
"""Px of a run along a row; pages have longer blanks, the flat patches of photos are seldom as wide."""
LINES = 64
"""Lines looked at, about: their share of runs is that of the picture within a few hundredths."""
RENDERED = 0.35
"""Share of runs of one shade: pages reach 0.49 (as JPEG 0.54), photos 0.20 (as JPEG of quality 60 0.30)."""
LONGEST_ELEMENT = 96
"""Lines of a run of differing lines up to which it is an element changed in place: what moves a page moves more."""
BLANK = 48
"""Equal lines that do not end a run of differing ones: the blank between paragraphs is equal wherever it lies."""
STEEP, ALIKE = 24, 0.6
"""Grey levels from px to px at which something was drawn, and the share of such px that are equal to the bit where one
rasteriser drew both pages; another one leaves 0.47 at most, of pages with much beside letters."""
TWO = 1.5
"""Px that its steps have in the mean where most are of two px."""


def looks_rendered(pixels: NDArray[Any]) -> bool:
    """Whether (H, W, C) consists of runs of one shade, as a rendered page does and a photo does not."""
    return once(pixels, "rendered", partial(_consists_of_runs, pixels))


def _consists_of_runs(pixels: NDArray[Any]) -> bool:
    height, width, channels = pixels.shape
    if width < RUN:
        return False
    lines = pixels[:: max(1, height // LINES), : width // RUN * RUN]
    runs = lines.reshape(-1, RUN * channels)
    return bool((runs[:, channels:] == runs[:, :-channels]).all(axis=1).mean() > RENDERED)


def find_bands(
    reference: NDArray[np.uint8], candidate: NDArray[np.uint8], one: NDArray[np.uint8], other: NDArray[np.uint8]
) -> Bands | None:
    """The bands of the layout shift of a pair, one of which at least is a rendered page.

    Rows are aligned when the widths are equal, columns when the heights are: a picture cut in both is registration's.

    Args:
        reference: (H, W, C) uint8, C 1 or 3.
        candidate: (h, w, C) uint8, of the same C; one side must be equal.
        one: (H, W) uint8, the brightness of the reference.
        other: (h, w) uint8, that of the candidate.

    Returns:
        Where each part of the page went; None if doing nothing explains the pair as well.
    """
    if reference.shape == candidate.shape and not may_have_moved(reference, candidate):
        return None
    bands = _along(one, other, 0) or _along(one, other, 1)
    if bands is None:
        return None
    bands = with_best_seams(bands, reference, candidate)
    if not _are_drawn_alike(bands, one, other):
        return bands
    bands = with_best_strips(bands, one, other)
    return replace(bands, blocks=tuple(map(_with_jitter, bands.blocks)))


def _with_jitter(block: Block) -> Block:
    """A block of a page that one rasteriser drew, with ALIKE_JITTER where most of its lines drift by two px.

    Lines are rounded to a px more, or to and fro; two px again and again were put between them.
    """
    steps = small_steps(block.bands)
    one_way = abs(sum(steps)) == sum(map(abs, steps))
    if block.rounded or not block.drifts or not one_way or sum(map(abs, steps)) < TWO * np.count_nonzero(steps):
        return block
    return replace(block, jitter=ALIKE_JITTER)


def _are_drawn_alike(bands: Bands, reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> bool:
    """Whether most of what is drawn is equal to the bit where the bands lay it, so that one rasteriser drew it."""
    one, other = (np.swapaxes(plane, 0, bands.axis) for plane in (reference, candidate))
    steep = equal = 0
    for block in bands.blocks:
        for band in block.bands:
            before = one[band.start : band.stop, block.start : block.stop]
            after = other[band.start + band.offset : band.stop + band.offset, block.start : block.stop]
            drawn = cv2.absdiff(before[:, 1:], before[:, :-1]) > STEEP
            steep += int(np.count_nonzero(drawn))
            equal += int(np.count_nonzero(drawn & (before == after)[:, 1:]))
    return equal > ALIKE * steep


def _along(reference: NDArray[np.uint8], candidate: NDArray[np.uint8], axis: Literal[0, 1]) -> Bands | None:
    if reference.shape[1 - axis] != candidate.shape[1 - axis]:
        return None
    planes = [np.asarray(p if axis == 0 else cv2.transpose(p), np.uint8) for p in (reference, candidate)]
    blocks = find_blocks(planes[0], planes[1], rounding=axis == 0)  # pages flow downwards
    if blocks is None:
        return None
    (height, width), (other_height, other_width) = reference.shape, candidate.shape
    return Bands(axis, blocks, (height, width), (other_height, other_width))


def may_have_moved(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> bool:
    """Whether (H, W, C) uint8 pictures of equal shape differ over a run of lines longer than an element."""
    lines = np.flatnonzero(_differing_lines(reference, candidate))
    if not len(lines):
        return False
    breaks = np.flatnonzero(np.diff(lines) > BLANK)
    first = lines[np.concatenate([[0], breaks + 1])]
    last = lines[np.concatenate([breaks, [len(lines) - 1]])]
    return bool((last - first >= LONGEST_ELEMENT).any())


def _differing_lines(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(H,) bool; compares eight bytes at a time where the line's length allows it."""
    height = len(reference)
    one = np.ascontiguousarray(reference).reshape(height, -1)
    other = np.ascontiguousarray(candidate).reshape(height, -1)
    if one.shape[1] % 8 == 0:
        return np.asarray((one.view(np.uint64) != other.view(np.uint64)).any(axis=1))
    return np.asarray((one != other).any(axis=1))
