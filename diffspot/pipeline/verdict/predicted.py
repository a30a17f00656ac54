"""What one picture of a page tells of the other, where another rasteriser drew it: a blend of the px around each pixel.

Other anti-aliasing, subpixel text and another gamma blend the px of letters in one way all over a page. Fitted to all
that differs, such a blend leaves little where the letters are the same, whatever rasterisers these were, and much at a
stroke that one picture alone has, or that lies elsewhere. How much it leaves at most where nothing changed is told by
the page itself: a change is what chance leaves once in a thousand pages. Where letters moved by themselves, as
another hinting moves them, it leaves so much everywhere that it finds nothing.
"""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.pipeline.verdict.edges import touching
from diffspot.pipeline.verdict.tiles import AROUND, LEAST_CONTRAST, LETTER, NEAR, brightness, cell_maximum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.pair import RegisteredPair

BLEND = 5, 3
"""Px, width and height, that are blended: filters of subpixel text reach two px aside."""
SAMPLE = 2048
"""Px that a blend is fitted to, of its 14 weights."""
SAME, ROUNDS = 0.9, 3
"""Share of these that a blend leaves least of, and how often it is fitted to them: what changed says nothing."""
LEAST_CELLS = 32
"""Cells that tell what a blend leaves: some words."""
QUARTERS = 0.25, 0.5, 0.75, 0.9
"""Quantiles that tell it, too: one cell in ten may have changed, and half of them may show a part of a letter."""
ALARMS = 0.001
"""Places in the mean at which a page that did not change is found to have."""
LEAST, MOST = 0.5, 3.0
"""Squares of shares of the contrast, summed over a letter: what makes a change at least, and the most that chance may
reach. Where a digit became another one it is 4 to 13. Where chance reaches nearly as far, as where letters were rounded
to px, each for itself, one that lies half a px aside exceeds it, too."""
RIM = 0.5
"""Of what makes a change, what counts beside one."""


def find_unlike(pair: RegisteredPair, differing: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Finds what is not the same where most was drawn anew in its place.

    The sums of squares that a blend leaves in cells are near to a chi-squared distribution, of which the cube root is
    all but normal (Wilson and Hilferty 1931, DOI 10.1073/pnas.17.12.684); so quantiles tell how far chance reaches,
    and the number of cells how often it is asked (Desolneux, Moisan and Morel, DOI 10.1007/978-0-387-74378-3).

    Args:
        pair: on the host, levels.
        differing: (H, W) bool.
        known: (H, W) bool, what is a change anyway: it says nothing of the rest, and what lies within half a letter of
            it belongs to it.

    Returns:
        (H, W) bool, a part of what differs besides.
    """
    rest = differing
    if known.any():
        rest = differing & (cv2.dilate(known.view(np.uint8), np.ones(LETTER[::-1], np.uint8)) == 0)
    found = np.zeros_like(differing)
    cells = cell_maximum(rest.view(np.uint8)) > 0
    if np.count_nonzero(cells) < LEAST_CELLS:
        return found
    rows, columns = _reached(rest, 1), _reached(rest, 0)
    one, other = (brightness(picture[rows]).take(columns, axis=1) for picture in (pair.reference, pair.candidate))
    near = _left(one, other, rest[rows].take(columns, axis=1))
    if near.max() <= LEAST:  # so it is on most pages
        return found
    left = np.zeros(found.shape, np.float32)
    left[np.ix_(rows, columns)] = near
    bar = _bar(cell_maximum(left)[cells])
    if not bar < near.max() or bar > MOST:
        return found
    return touching(left > bar, left > RIM * bar)


def _reached(chosen: NDArray[np.bool_], along: int) -> NDArray[np.intp]:
    """The rows (`along` 1) or columns (0) that chosen px of (H, W) depend on, in order.

    Where some are left out between two chosen px, those that are kept hold apart what either depends on.
    """
    any_chosen = np.asarray(chosen.any(axis=along)).view(np.uint8)
    return np.flatnonzero(cv2.dilate(any_chosen, np.ones(2 * (NEAR + 1) + 1, np.uint8)))


def _left(one: NDArray[Any], other: NDArray[Any], chosen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(H, W) squares of shares of the contrast, summed over the letter around each chosen px; 0 elsewhere.

    It is the lesser of what two blends leave: sharp letters tell blurred ones, and these do not tell sharp ones.
    """
    around = np.ones((2 * NEAR + 1, 2 * NEAR + 1), np.uint8)
    contrast = np.maximum(*(cv2.morphologyEx(plane, cv2.MORPH_GRADIENT, around) for plane in (one, other)))
    # OpenCV goes through floats alone several times as fast as NumPy through floats and bytes.
    near = np.asarray(cv2.dilate(chosen.view(np.uint8), AROUND), np.uint8)
    weight = np.asarray(cv2.divide(near, np.maximum(contrast, LEAST_CONTRAST), dtype=cv2.CV_32F), np.float32)
    at = np.flatnonzero(near)
    sample = np.unravel_index(at[:: max(1, len(at) // SAMPLE)], near.shape)
    planes = one.astype(np.float32), other.astype(np.float32)
    least = cv2.min(*(_unexplained(*way, weight, sample) for way in (planes, planes[::-1])))
    return np.asarray(cv2.multiply(least, chosen.view(np.uint8), dtype=cv2.CV_32F), np.float32)


def _unexplained(
    one: NDArray[np.float32],
    other: NDArray[np.float32],
    weight: NDArray[np.float32],
    places: tuple[NDArray[np.intp], ...],
) -> NDArray[np.float32]:
    """(H, W) what the best blend of one plane leaves of the other one, in `weight`, 0 where nothing is looked at."""
    blended = cv2.filter2D(one, cv2.CV_32F, _fit(one, other, weight, places), borderType=cv2.BORDER_REPLICATE)
    away = cv2.subtract(other, blended, dst=blended)  # in place: memory that is new takes longer than what is done
    away = cv2.multiply(away, weight, dst=away)
    away = cv2.multiply(away, away, dst=away)
    width, height = (np.ones(side, np.float32) for side in LETTER)
    return np.asarray(cv2.sepFilter2D(away, cv2.CV_32F, width, height, dst=away, borderType=cv2.BORDER_CONSTANT))


def _fit(
    one: NDArray[Any], other: NDArray[Any], weight: NDArray[np.float32], places: tuple[NDArray[np.intp], ...]
) -> NDArray[np.float32]:
    """The blend of one plane that comes nearest to the other, (height, width), with a sum of 1: areas keep their level.

    Least squares, trimmed (Rousseeuw 1984, DOI 10.1080/01621459.1984.10477105).
    """
    width, height = BLEND
    rows, columns = places
    down, across = (side.ravel() for side in np.mgrid[-(height // 2) : height // 2 + 1, -(width // 2) : width // 2 + 1])
    below = np.clip(rows[:, None] + down, 0, one.shape[0] - 1)
    windows = one[below, np.clip(columns[:, None] + across, 0, one.shape[1] - 1)]
    mine, share = one[rows, columns], weight[rows, columns]
    middle = windows.shape[1] // 2
    parts = (np.delete(windows, middle, axis=1) - mine[:, None]) * share[:, None]
    change = (other[rows, columns] - mine) * share
    used = np.ones(len(rows), bool)
    weights: NDArray[Any] = np.zeros(parts.shape[1])
    for _ in range(ROUNDS):
        own = parts[used]
        # The ridge decides where a page has too few edges to tell all weights apart.
        weights = np.linalg.solve(own.T @ own + 1e-3 * np.eye(own.shape[1]), own.T @ change[used])
        away = np.abs(change - parts @ weights)
        used = away <= np.quantile(away, SAME)
    return np.insert(weights, middle, 1 - weights.sum()).reshape(height, width).astype(np.float32)


def _bar(left: NDArray[np.float32]) -> float:
    """What a blend leaves at most of the same letters, from what it leaves in (N,) cells of a page."""
    normal = NormalDist()
    roots = np.quantile(np.cbrt(left), QUARTERS)
    middle, steps = roots[1], [normal.inv_cdf(share) for share in QUARTERS]
    spread = max(
        (upper - lower) / (high - low)
        for (lower, upper), (low, high) in (
            ((roots[0], middle), (steps[0], 0.0)),
            ((middle, roots[2]), (0.0, steps[2])),
            ((middle, roots[3]), (0.0, steps[3])),
        )
    )
    return max(LEAST, float(middle + normal.inv_cdf(1 - ALARMS / len(left)) * spread) ** 3)
