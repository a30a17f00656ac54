"""What one picture of a page tells of the other, where another rasteriser drew it: a blend of the px around each pixel.

Other anti-aliasing, subpixel text and another gamma blend the px of letters in one way all over a page. Fitted to all
that differs, such a blend leaves a small residual where the letters are the same, whatever rasterisers these were, and
a large one at a stroke that one picture alone has, or that lies elsewhere. The page itself tells how large it is where
nothing changed. Where letters moved by themselves, as another hinting moves them, it is so large everywhere that
nothing is found.
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
"""Px that a blend is fitted to, about 150 for each of its 14 weights: chance in these adds 14 / SAMPLE, under one part
in a hundred, to the squares of the residual."""
INLIERS, ROUNDS = 0.9, 3
"""Share of these that has the least residual, and how often a blend is fitted to it: one in ten may have changed."""
RIDGE = 1e-3
"""Added to sums of squares, of which each px of the sample that tells a weight adds up to 1: it decides where none
does, as of weights above and below along straight lines."""
LEAST_CELLS = 32
"""Cells that tell how large residuals are: some words. Of fewer, less than three lie beyond the highest quantile."""
QUANTILES = 0.25, 0.75, 0.9
"""Those that tell it beside the median: one cell in ten may have changed, and half of them may show a part of a letter.
The one that says most decides."""
ALARMS = 0.001
"""Places in the mean at which a page that did not change is found to have, were its residuals of one distribution."""
LEAST, MOST = 0.5, 3.0
"""Squares of shares of the contrast, summed over a letter: what makes a change at least, and the most that chance may
reach. Where a digit became another one it is 4 to 13. Where chance reaches nearly as far, as where letters were rounded
to px, each for itself, one that lies half a px aside exceeds it, too."""
RIM = 0.5
"""Share of what makes a change from which px beside one belong to it: a sum over a letter halves at the edge of what
it holds."""


def find_unlike(pair: RegisteredPair, differing: NDArray[np.bool_], known: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Finds what is not the same where most was drawn anew in its place.

    The sums of squared residuals in cells are near to a chi-squared distribution, of which the cube root is all but
    normal (Wilson and Hilferty 1931, DOI 10.1073/pnas.17.12.684); so quantiles tell how far chance reaches, and the
    number of cells how often it is asked (Desolneux, Moisan and Morel, DOI 10.1007/978-0-387-74378-3).

    `ALARMS` bounds false ones where all letters were drawn in one way. It does not where a few words were placed
    differently, as those rounded to px: no quantile of the many others knows of these, nor does the tail that these
    suggest. They are many, so the caller has to say how many places may be changes.

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
    cells = cell_maximum(rest.view(np.uint8)) > 0
    nothing = np.zeros_like(differing)
    if np.count_nonzero(cells) < LEAST_CELLS:
        return nothing
    rows, columns = _reached(rest, 1), _reached(rest, 0)
    one, other = (brightness(picture[rows]).take(columns, axis=1) for picture in (pair.reference, pair.candidate))
    packed = _residuals(one, other, rest[rows].take(columns, axis=1))
    if packed.max() <= LEAST:  # so it is on most pages, of which the rest is saved
        return nothing
    residuals = np.zeros(rest.shape, np.float32)
    residuals[np.ix_(rows, columns)] = packed
    bar = _highest_by_chance(cell_maximum(residuals)[cells])
    return nothing if bar > MOST else touching(residuals > bar, residuals > RIM * bar)


def _reached(chosen: NDArray[np.bool_], along: int) -> NDArray[np.intp]:
    """The rows (`along` 1) or columns (0) that chosen px of (H, W) depend on, in order.

    Where some are left out between two chosen px, those that are kept hold apart what either depends on.
    """
    any_chosen = np.asarray(chosen.any(axis=along)).view(np.uint8)
    return np.flatnonzero(cv2.dilate(any_chosen, np.ones(2 * (NEAR + 1) + 1, np.uint8)))


def _residuals(one: NDArray[Any], other: NDArray[Any], chosen: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(H, W) squared residuals as shares of the contrast, summed over the letter around each chosen px; 0 elsewhere.

    They are the lesser of two: a blend of sharp letters tells blurred ones, and one of these does not tell sharp ones.
    """
    around = np.ones((2 * NEAR + 1, 2 * NEAR + 1), np.uint8)
    contrast = np.maximum(*(cv2.morphologyEx(plane, cv2.MORPH_GRADIENT, around) for plane in (one, other)))
    # OpenCV goes through floats alone several times as fast as NumPy through floats and bytes.
    near = np.asarray(cv2.dilate(chosen.view(np.uint8), AROUND), np.uint8)
    weight = np.asarray(cv2.divide(near, np.maximum(contrast, LEAST_CONTRAST), dtype=cv2.CV_32F), np.float32)
    at = np.flatnonzero(near)
    sample = np.unravel_index(at[:: max(1, len(at) // SAMPLE)], near.shape)
    planes = one.astype(np.float32), other.astype(np.float32)
    least = cv2.min(*(_residual(*way, weight, sample) for way in (planes, planes[::-1])))
    return np.asarray(cv2.multiply(least, chosen.view(np.uint8), dtype=cv2.CV_32F), np.float32)


def _residual(
    one: NDArray[np.float32],
    other: NDArray[np.float32],
    weight: NDArray[np.float32],
    sample: tuple[NDArray[np.intp], ...],
) -> NDArray[np.float32]:
    """(H, W) what the best blend of `one` leaves of `other`, times `weight`, squared and summed over a letter."""
    blend = _fit(*_equations(one, other, weight, sample))
    blended = cv2.filter2D(one, cv2.CV_32F, blend, borderType=cv2.BORDER_REPLICATE)
    away = cv2.subtract(other, blended, dst=blended)  # in place: memory that is new takes longer than what is done
    away = cv2.multiply(away, weight, dst=away)
    away = cv2.multiply(away, away, dst=away)
    width, height = (np.ones(side, np.float32) for side in LETTER)
    return np.asarray(cv2.sepFilter2D(away, cv2.CV_32F, width, height, dst=away, borderType=cv2.BORDER_CONSTANT))


def _equations(
    one: NDArray[np.float32],
    other: NDArray[np.float32],
    weight: NDArray[np.float32],
    sample: tuple[NDArray[np.intp], ...],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What the px around each of N px differ from it by, (N, height * width), and what `other` does, (N,), weighted."""
    width, height = BLEND
    rows, columns = sample
    down, across = np.indices((height, width)).reshape(2, -1) - np.array([[height // 2], [width // 2]])
    below = np.clip(rows[:, None] + down, 0, one.shape[0] - 1)
    windows = one[below, np.clip(columns[:, None] + across, 0, one.shape[1] - 1)]
    mine, share = one[rows, columns], weight[rows, columns]
    return (windows - mine[:, None]) * share[:, None], (other[rows, columns] - mine) * share


def _fit(parts: NDArray[np.float32], change: NDArray[np.float32]) -> NDArray[np.float32]:
    """The blend that leaves least of N equations, (height, width), with a sum of 1: areas keep their level.

    Least squares, trimmed (Rousseeuw 1984, DOI 10.1080/01621459.1984.10477105).
    """
    width, height = BLEND
    middle = width * height // 2
    parts = np.delete(parts, middle, axis=1)
    used, ridge = np.ones(len(parts), bool), RIDGE * np.eye(parts.shape[1])
    weights: NDArray[Any] = np.zeros(parts.shape[1])
    for _ in range(ROUNDS):
        own = parts[used]
        weights = np.linalg.solve(own.T @ own + ridge, own.T @ change[used])
        away = np.abs(change - parts @ weights)
        used = away <= np.quantile(away, INLIERS)
    return np.insert(weights, middle, 1 - weights.sum()).reshape(height, width).astype(np.float32)


def _highest_by_chance(residuals: NDArray[np.float32]) -> float:
    """The highest residual that the same letters have by chance, `LEAST` or more, from that of (N,) cells of a page."""
    normal = NormalDist()
    middle, *roots = np.quantile(np.cbrt(residuals), (0.5, *QUANTILES))
    spread = max((root - middle) / normal.inv_cdf(share) for root, share in zip(roots, QUANTILES, strict=True))
    return max(LEAST, float(middle + normal.inv_cdf(1 - ALARMS / len(residuals)) * spread) ** 3)
