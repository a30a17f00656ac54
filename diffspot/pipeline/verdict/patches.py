"""Even patches of a few levels in noisy pairs: no pixel of them stands out, but evidence grows with area."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.pipeline.cells import CELL, around, pair_means

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

STANDARD_ERRORS = 4.0
"""By which the mean of 3 x 3 cells differs at least."""
LEAST_LEVELS = 2.5
"""Grey levels by which it differs at least: what JPEG makes of the colour of a whole block stays below."""
LEAST_CELLS = 24
"""Cells that a patch covers at least."""
FILLED = 0.82
"""Share of its box that it covers; the light that a fit leaves is ragged."""
EVEN = 0.28
"""Standard deviation of its cells in shares of their mean: a patch has a plateau, light that is left a summit."""
FADING = 0.1
"""Share of its mean that is left two cells beside it: light fades, a patch ends."""
SHARED = 0.5
"""Share of its mean by which half of its px differ at least: a line that wavers changes few px, and those by much."""
WIDE, WIDER = (5, 5), (7, 7)
"""Cells around each of its cells, between which those lie that are beside it."""


def find_patches(
    pair: RegisteredPair, found: Sequence[Component], threshold: float, backend: Backend
) -> list[Component]:
    """The even patches of a noisy pair that lie in none of the components.

    Args:
        pair: a single one, in one light.
        found: what differs pixel by pixel.
        threshold: the score above which a pixel differs by itself; what exceeds it was judged already.
        backend: what the arrays live on.
    """
    reference, candidate, valid = pair_means(pair, backend)
    inside = valid.copy()
    if np.count_nonzero(inside) < LEAST_CELLS * 4:
        return []
    change = np.where(inside[..., None], candidate - reference, 0)
    for (x, y, w, h), *_ in found:
        inside[y // CELL : -(-(y + h) // CELL), x // CELL : -(-(x + w) // CELL)] = False
    patches: list[Component] = []
    for channel, plane in enumerate(np.moveaxis(change, 2, 0)):
        for (x, y, w, h), level in _plateaus(np.ascontiguousarray(plane), inside):
            box = x * CELL, y * CELL, w * CELL, h * CELL
            if level > 255 * threshold or _typical(pair, box, channel, backend) < SHARED * level:
                continue
            inside[y : y + h, x : x + w] = False
            patches.append((box, box[2] * box[3], level / 255, level / 255))
    return patches


def _typical(pair: RegisteredPair, box: Box, channel: int, backend: Backend) -> float:
    """Size of the median change of a channel within a box in px, levels."""
    x, y, w, h = box
    before, after = (
        backend.to_host(picture[y : y + h, x : x + w, channel]).astype(np.float32)
        for picture in (pair.reference, pair.candidate)
    )
    return abs(float(np.median(after - before)))


def _plateaus(change: NDArray[Any], inside: NDArray[np.bool_]) -> Iterator[tuple[Box, float]]:
    """Box in cells and mean size of the change of each even patch."""
    smooth = cv2.blur(change, (3, 3))
    held = smooth[inside]
    usual = np.median(held) if held.size else 0.0
    error = 1.4826 * float(np.median(np.abs(held - usual))) if held.size else 0.0
    least = max(STANDARD_ERRORS * error, LEAST_LEVELS)
    for sign in (-1, 1):
        mask = (sign * (smooth - usual) > least) & inside
        if np.count_nonzero(mask) < LEAST_CELLS:
            continue
        count, labels, table, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
        for index in range(1, count):
            x, y, w, h, area = table[index].tolist()
            if area < max(LEAST_CELLS, FILLED * w * h) or min(w, h) ** 2 < LEAST_CELLS / 2:
                continue
            place = around((x, y, w, h), WIDER[0] // 2)
            own = (labels[place] == index).astype(np.uint8)
            core = cv2.erode(own, np.ones((3, 3), np.uint8)) > 0
            ring = (cv2.dilate(own, np.ones(WIDER, np.uint8)) > cv2.dilate(own, np.ones(WIDE, np.uint8))) & inside[
                place
            ]
            plateau, rim = change[place][core], smooth[place][ring]
            level = float(np.abs(plateau - usual).mean()) if core.any() else 0.0
            beside = float(np.abs(rim - usual).mean()) if ring.any() else level
            if level and beside <= FADING * level and plateau.std() <= EVEN * level:
                yield (x, y, w, h), level
