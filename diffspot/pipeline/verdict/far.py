"""Hairlines of scans in black and white: ink of one page that lies far from all ink of the other.

Where edges wander, the ink of one page ends a px beside that of the other. What lies farther off are px of strokes that
broke, a few at a time, and ever fewer places show ever more of them: how much fewer tells, for this pair, how many no
broken stroke leaves anywhere (a contrario, Desolneux and Moisan, DOI 10.1007/978-0-387-74378-3).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.pipeline.verdict.dust import DOT
from diffspot.pipeline.verdict.lone import WINDOW
from diffspot.pipeline.verdict.tiles import AROUND

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEAST_PLACES = 32
"""Places with far ink that tell how much of it broken strokes leave; of fewer, many may be changes."""
FEWER = 0.5
"""Share of places with one px more where too few tell it: of pages drawn with noise most show a sixth to a half."""
BODY = 0.25
"""Share of the places, those with the most far ink, that may all be changes."""
ALARMS = 0.01
"""Places of a page that are taken for a change by chance. Strokes along the rows or columns of px break all at once,
which is as if the page were ten times as large."""


def far_strokes(
    one: NDArray[np.bool_],
    other: NDArray[np.bool_],
    densities: tuple[NDArray[Any], NDArray[Any]],
    compared: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """(H, W) bool: ink that one page alone has, far from that of the other one, and more than broken strokes leave.

    Args:
        one: (H, W) bool, the ink of a page.
        other: that of the other one, laid over it.
        densities: (H, W) float32 in [0, 1], both inks, blurred.
        compared: (H, W) bool, what is.
    """
    lasting = _lasting(one, other, densities)
    far = [_far(*each) & compared for each in zip(lasting, (other, one), strict=True)]
    either, window = far[0] | far[1], np.ones((WINDOW, WINDOW), np.uint8)
    count, places = cv2.connectedComponents(cv2.dilate(either.astype(np.uint8), window))
    sure = _evidence(far, np.asarray(places), count) > math.log(max(count - 1, 1) / ALARMS)
    kept = (sure[places] & either).astype(np.uint8)
    rim = cv2.dilate(kept, np.ones((5, 5), np.uint8)) > 0  # far ink ends up to 2 px within what it is part of
    return np.asarray(rim & (one != other) & compared)


def _lasting(
    one: NDArray[np.bool_], other: NDArray[np.bool_], densities: tuple[NDArray[Any], NDArray[Any]]
) -> tuple[NDArray[np.bool_], ...]:
    """The ink of both pages, of the darker one what has the most ink around it: another threshold kept no more.

    Ink near ink of the other page tells how much darker: what one page alone has says nothing of it.
    """
    near = np.ones((WINDOW, WINDOW), np.uint8)
    inks = (one, other)
    shared = [here & (cv2.dilate(there.astype(np.uint8), near) > 0) for here, there in (inks, inks[::-1])]
    least = min(np.count_nonzero(both) for both in shared)
    return tuple(
        ink & (density >= np.quantile(density[both], 1 - least / np.count_nonzero(both))) if both.any() else ink
        for ink, both, density in zip(inks, shared, densities, strict=True)
    )


def _far(ink: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(H, W) bool: ink that lies far from all of the other page, and is no speck."""
    near = cv2.dilate(other.astype(np.uint8), AROUND) > 0  # edges that wander by a px, diagonally too
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    specks = boxes[:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1].max(axis=1) <= DOT
    return np.asarray(ink & ~near & ~specks[labels])


def _evidence(far: list[NDArray[np.bool_]], places: NDArray[Any], count: int) -> NDArray[Any]:
    """(count,) of each place, the logarithm of how many times fewer places show as much as show one px.

    Far ink of both pages in one place counts together: the strokes of each break by themselves.
    """
    evidence, first = np.zeros(count), np.zeros(count)
    for own in far:
        each = np.bincount(places[own], minlength=count)
        each[0] = 0
        per_px = -math.log(_fewer(each[each > 0]))
        evidence += each * per_px
        first = np.maximum(first, np.where(each > 0, per_px, 0))
    return evidence - first


def _fewer(sizes: NDArray[np.intp]) -> float:
    """By which share fewer places show one px more: the slowest fall over all but the largest of them, geometric."""
    if len(sizes) < LEAST_PLACES:
        return FEWER
    more = len(sizes) - np.cumsum(np.bincount(sizes))[1:]  # places with more than 1, 2, 3 ... px
    more = more[: max(1, np.count_nonzero(more >= BODY * len(sizes)))]
    shares = ((more + 1) / (len(sizes) + 2)) ** (1 / np.arange(1, len(more) + 1))
    return float(shares.max())
