"""Sub-pixel refinement: robust inverse-compositional Gauss-Newton on structure pictures, coarse to fine.

Tukey's weights keep real changes from pulling at the motion.

References:
    Inverse compositional: Baker and Matthews 2004, doi:10.1023/B:VISI.0000011205.11775.fd.
    Weights: Beaton and Tukey 1974, doi:10.1080/00401706.1974.10489171.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.pipeline.registration.models import apply, farthest, increment, jacobian
from diffspot.pipeline.sampling import MEDIAN_TO_SIGMA, median

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.registration.models import Matrix
    from diffspot.pipeline.registration.pictures import Grey, Points

MOST_STEPS = 12
"""Gauss-Newton converges in 3 to 8 steps from where it can converge at all."""
SETTLED = 0.01
"""Px of corner motion; a fifth of the precision asked for."""
TUKEY = 4.685
"""Spreads at which a residual loses all weight: 95 % efficiency on normal noise."""
MOST_SPREAD = 0.45
"""Structure units; unrelated areas differ by about 1, so a majority of changes cannot widen the weights."""
LEAST_SPREAD = 0.02
"""Structure units; keeps equal pictures from dividing by zero."""
LEAST_POINTS = 24
"""Three times the parameters of a homography."""
DAMPING = 1e-4
"""Share of the mean diagonal; keeps directions that no structure speaks about where they are."""
LEAST_VOLUME = 0.1
"""Determinant of a step; one that nearly flattens the picture has run away."""
ROW = 128
"""Points a row of the sampling map: OpenCV limits the sides of a map and of its picture to 32767."""
LONGEST_STRETCH = 30_000
"""Px: a picture with a longer side is sampled stretch by stretch."""
MARGIN = 4
"""Px around a stretch."""


def sample(
    picture: Grey, u: NDArray[np.floating], v: NDArray[np.floating]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return a picture's values between its pixels.

    Args:
        picture: (H, W) float32, NaN where unknown.
        u: (N,) columns, px.
        v: (N,) rows, px.

    Returns:
        (N,) float32, bicubic, 0 where unknown; and (N,) bool, which of the points lie in the known picture.
    """
    height, width = picture.shape
    inside = (u >= 0) & (v >= 0) & (u <= width - 1) & (v <= height - 1)
    if max(height, width) <= LONGEST_STRETCH:
        # of places far outside only that they are outside has to be kept, and float32 does not hold all of them
        values = _remap(picture, np.clip(u, -1, width), np.clip(v, -1, height))
        inside &= np.isfinite(values)
        return np.where(inside, values, np.float32(0)), inside
    values = np.zeros(u.size, np.float32)
    for rows in _stretches(height):
        for columns in _stretches(width):
            held = np.flatnonzero(inside & _within(v, rows) & _within(u, columns))
            # the margin gives bicubic interpolation its neighbours across the cut
            top, left = max(0, rows.start - MARGIN), max(0, columns.start - MARGIN)
            part = picture[top : rows.stop + MARGIN, left : columns.stop + MARGIN]
            values[held] = _remap(part, u[held] - left, v[held] - top)
    inside &= np.isfinite(values)
    return np.where(inside, values, np.float32(0)), inside


def _stretches(side: int) -> list[range]:
    return [range(start, min(start + LONGEST_STRETCH, side)) for start in range(0, side, LONGEST_STRETCH)]


def _within(places: NDArray[np.floating], stretch: range) -> NDArray[np.bool_]:
    return (places >= stretch.start) & (places < stretch.stop)


def _remap(picture: Grey, u: NDArray[np.floating], v: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return (N,) bicubic values at N points of a picture whose sides OpenCV can take."""
    rows = max(1, -(-u.size // ROW))
    mapx, mapy = np.zeros((2, rows * ROW), np.float32)
    mapx[: u.size], mapy[: u.size] = u, v
    values = cv2.remap(
        picture, mapx.reshape(rows, ROW), mapy.reshape(rows, ROW), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(values, np.float32).ravel()[: u.size]


def residual(points: Points, candidate: Grey, matrix: Matrix) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return how the pictures differ under a motion.

    Args:
        points: N points of the reference.
        candidate: (H, W) float32, structure, NaN where unknown.
        matrix: (3, 3), reference to candidate px.

    Returns:
        (N,) float32, candidate less reference, structure units; and (N,) bool, the points that the candidate covers.
    """
    values, inside = sample(candidate, *apply(matrix, points.x, points.y))
    return values - points.value, inside


def spread(values: NDArray[np.float32]) -> float:
    """Return the robust standard deviation of residuals (N,), held within what structure units can mean."""
    if values.size == 0:
        return MOST_SPREAD
    return float(np.clip(MEDIAN_TO_SIGMA * median(np.abs(values)), LEAST_SPREAD, MOST_SPREAD))


def refine(points: Points, candidate: Grey, start: Matrix, model: str, shape: tuple[int, int]) -> Matrix:
    """Return a motion improved by members of a model.

    Args:
        points: points of the reference's structure.
        candidate: (H, W) float32, structure, NaN where unknown.
        start: (3, 3), reference to candidate, px of this level, right to a few px.
        model: a name of the ladder.
        shape: (height, width) of the reference at this level.

    Returns:
        (3, 3) float64: the start composed with a member of the model; the start itself for too few points.
    """
    if points.x.size < LEAST_POINTS:
        return start
    centre, half = np.array([(shape[1] - 1) / 2, (shape[0] - 1) / 2]), max(shape) / 2
    unit = np.array([[1 / half, 0, -centre[0] / half], [0, 1 / half, -centre[1] / half], [0, 0, 1]])
    x, y = ((points.x - centre[0]) / half).astype(np.float32), ((points.y - centre[1]) / half).astype(np.float32)
    slopes = jacobian(model, x, y, points.gx * np.float32(half), points.gy * np.float32(half))
    matrix = start
    for _ in range(MOST_STEPS):
        step = _step(points, candidate, matrix, slopes)
        if step is None:
            break
        change = increment(model, step)
        if abs(np.linalg.det(change)) < LEAST_VOLUME:
            break
        moved = matrix @ np.linalg.inv(np.linalg.inv(unit) @ change @ unit)
        moved /= moved[2, 2]
        matrix, before = moved, matrix
        if farthest(before, moved, shape) < SETTLED:
            break
    return matrix


def _step(points: Points, candidate: Grey, matrix: Matrix, slopes: NDArray[np.float32]) -> NDArray[np.float64] | None:
    """Return the parameters of one robust Gauss-Newton step, None where too little is left to tell."""
    error, inside = residual(points, candidate, matrix)
    if np.count_nonzero(inside) < LEAST_POINTS:
        return None
    scale = TUKEY * spread(error[inside])
    weight = np.where(inside, np.maximum(1 - (error / scale) ** 2, 0) ** 2, 0).astype(np.float32)
    weighted = slopes * weight[:, None]
    normal = (weighted.T @ slopes).astype(np.float64)
    size = np.trace(normal) / len(normal)
    if size <= 0 or not np.isfinite(size):
        return None
    return np.linalg.solve(normal + DAMPING * size * np.eye(len(normal)), (weighted.T @ error).astype(np.float64))
