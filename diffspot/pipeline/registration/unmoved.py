"""Proves cheaply that nothing moved, so that no motion needs to be searched.

At reduced size most tiles correlate with what lies in their place, and one step of a robust fit, of a homography and of
the light together, shows that no corner moved.

References:
    Lucas, Kanade: An iterative image registration technique with an application to stereo vision. IJCAI 1981.
    Weights: Beaton and Tukey 1974, doi:10.1080/00401706.1974.10489171.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.derived import once
from diffspot.pipeline.likeness import TILE, alike_tiles
from diffspot.pipeline.registration.models import jacobian
from diffspot.pipeline.registration.refine import TUKEY
from diffspot.pipeline.sampling import MEDIAN_TO_SIGMA, median

if TYPE_CHECKING:
    from cv2.typing import MatLike
    from numpy.typing import NDArray

    from diffspot.pipeline.registration.pictures import Grey

LEAST_PIXELS = 250_000
"""Of a reduced picture, unless it was smaller from the start."""
MOST_REDUCED = 4
"""Times that sides are reduced at most: noise goes, and a tenth of a px still shows."""
LEAST_ALIKE, LEAST_TILES = 0.9, 48
"""Share of the tiles that show anything, and their number, that must be alike; the rest may have changed."""
SAMPLES = 60_000
"""Pixels, about, that the fit looks at."""
GLANCE = 7_500
"""Pixels, about, of a first fit: what its own standard errors leave no doubt of needs no more, noisy photos hardly."""
LEAST_SLOPE = 4.0
"""Grey levels per px; flatter pixels say nothing about motion."""
LEAST_SAMPLES = 1000
"""Fewer leave too much to chance."""
SLOPE_SCALE = 1 / 16
"""Makes a 3 x 3 Sobel operator on the sum of two pictures their mean slope per px."""
LEAST_SPREAD = 0.5
"""Grey levels; keeps equal pictures from dividing by zero."""
CORNERS = (-1, 1, 1, -1), (-1, -1, 1, 1)
"""Of a picture, x and y, from its middle."""
ROUNDS = 2
"""Fits, each with the weights that the one before leaves."""
MOST_MOVED = 0.1
"""Px of the full size that a corner may have moved by, standard errors included: registration takes that for nothing,
as resampling would cost more sharpness than it brings."""
LEAST_KEPT = 0.9
"""Share of the samples that the fit explains, noise aside: where fewer lie still, the rest moved. Photos with changes
keep 0.91 or more, pages whose text alone moved by half a px 0.66."""
ERRORS = 2.0
"""Standard errors added to the estimate."""


def unmoved(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> float:
    """Return the share of tiles that are alike where it is sure that nothing moved, else 0.

    Args:
        reference: (H, W), brightness.
        candidate: (h, w), brightness; of another size it moved.
    """
    if reference.shape != candidate.shape:
        return 0.0
    times = MOST_REDUCED
    while times > 1 and reference.size < LEAST_PIXELS * times**2:
        times //= 2
    one, other = (once(plane, f"reduced {times}", partial(_reduced, plane, times)) for plane in (reference, candidate))
    alike = _alike(one, other)
    return alike if alike >= LEAST_ALIKE and _lies_still(one, other, MOST_MOVED / times) else 0.0


def _reduced(plane: NDArray[np.uint8], times: int) -> Grey:
    """A plane with sides so many times smaller, a power of two, (H, W) float32, cut to whole tiles."""
    rows, columns = (side // (times * TILE) * TILE for side in plane.shape)
    whole: MatLike = plane[: times * rows, : times * columns]
    while whole.shape[0] > rows:  # OpenCV has a fast way to halve alone
        whole = cv2.resize(whole, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.asarray(whole, np.float32)


def _alike(one: Grey, other: Grey) -> float:
    """Return the share of the tiles that show anything that correlate with what lies in their place; 0 of too few."""
    if not one.size:
        return 0.0
    textured, alike = alike_tiles(one, other)
    tiles = np.count_nonzero(textured)
    return float(np.count_nonzero(alike) / tiles) if tiles >= LEAST_TILES else 0.0


def _lies_still(one: Grey, other: Grey, most: float) -> bool:
    """Return whether no corner moved by more than `most` px, standard errors included."""
    both = one + other
    gx, gy = (cv2.Sobel(both, cv2.CV_32F, *along, ksize=3, scale=SLOPE_SCALE) for along in ((1, 0), (0, 1)))
    steep = np.flatnonzero(gx * gx + gy * gy >= LEAST_SLOPE**2)
    looked_at = (steep[:: max(1, len(steep) // count)] for count in (GLANCE, SAMPLES))
    return any(_moved(one, other, (gx, gy), at) <= most for at in looked_at)


def _moved(one: Grey, other: Grey, slopes: tuple[MatLike, MatLike], at: NDArray[np.intp]) -> float:
    """Return the most, px, that any corner moved by, standard errors included; infinite where nothing tells.

    Args:
        one: (H, W).
        other: (H, W).
        slopes: (H, W) each, along x and y.
        at: (N,) the pixels that are looked at, in rows laid end to end.
    """
    if len(at) < LEAST_SAMPLES:
        return math.inf
    height, width = one.shape
    half = np.float32(max(one.shape) / 2)
    row, column = np.divmod(at, width)
    x, y = ((column - width / 2) / half).astype(np.float32), ((row - height / 2) / half).astype(np.float32)
    here, there = one.ravel()[at], other.ravel()[at]
    motion = jacobian("homography", x, y, *(slope.ravel()[at] * half for slope in slopes))
    light = np.stack([np.ones_like(x), (here + there) / np.float32(255) - 1, x, y], axis=1)
    fit = _robust_fit(np.concatenate([motion, light], axis=1), there - here)
    return _farthest(fit, float(half), (height, width)) if fit and fit.kept >= LEAST_KEPT else math.inf


class _Fit(NamedTuple):
    """Factors (P,), their covariance (P, P), and the share of the values that are no outliers."""

    factors: NDArray[np.float64]
    covariance: NDArray[np.float64]
    kept: float


def _robust_fit(columns: NDArray[np.float32], values: NDArray[np.float32]) -> _Fit | None:
    """Return the factors by which columns (N, P) give values (N,); None where the columns leave them open.

    The covariance is White's (1980, doi:10.2307/1912934): residuals are larger where there is more structure.
    """
    factors = np.zeros(columns.shape[1], np.float32)
    for _ in range(ROUNDS):
        left = values - columns @ factors
        scale = TUKEY * max(MEDIAN_TO_SIGMA * float(median(np.abs(left))), LEAST_SPREAD)
        weight = np.maximum(1 - (left / scale) ** 2, 0) ** 2
        weighted = columns * weight[:, None]
        try:
            inverse = np.linalg.inv((weighted.T @ columns).astype(np.float64))
        except np.linalg.LinAlgError:
            return None
        factors = (inverse @ (weighted.T @ values)).astype(np.float32)
    scores = weighted * (values - columns @ factors)[:, None]
    covariance = inverse @ (scores.T @ scores).astype(np.float64) @ inverse
    return _Fit(factors.astype(np.float64), covariance, float((weight > 0).mean()))


def _farthest(fit: _Fit, half: float, shape: tuple[int, int]) -> float:
    """Return the most, px, that a corner moved by; the first factors are a homography's, in units of `half` px."""
    x, y = (side * np.array(ends, np.float32) / (2 * half) for side, ends in zip(shape[::-1], CORNERS, strict=True))
    one, nil = np.full(len(x), half, np.float32), np.zeros(len(x), np.float32)
    apart = np.zeros(len(x))
    for slopes in ((one, nil), (nil, one)):
        rows = jacobian("homography", x, y, *slopes).astype(np.float64)
        few = slice(rows.shape[1])
        error = np.sqrt(np.einsum("cp,pq,cq->c", rows, fit.covariance[few, few], rows))
        apart += (np.abs(rows @ fit.factors[few]) + ERRORS * error) ** 2
    farthest = float(np.sqrt(np.max(apart)))
    return farthest if math.isfinite(farthest) else math.inf
