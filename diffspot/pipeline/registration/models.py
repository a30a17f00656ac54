"""The ladder of motion models: their Jacobians, increments and projections.

Every model is a group of 3x3 matrices, so increments compose.

References:
    Baker and Matthews 2004, doi:10.1023/B:VISI.0000011205.11775.fd.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Values = NDArray[np.float32]

LADDER = ("translation", "euclidean", "similarity", "affine", "homography")
"""Each contains the one before it."""
GRID = 5
"""Points a side at which a motion is likened to another model's: enough for perspective to show."""
NOUGHT = 1e-9
"""Homogeneous coordinates and lengths below it are taken for zero."""
NEAREST = 0.2
"""Depth of the nearest corner over that of the origin, at least: a picture seen flatter than that is unreadable."""
LEAST_SCALE, MOST_SCALE = 0.2, 5.0
"""Sides may shrink or grow so much; twice what is promised either way, and perspective."""
NEXT = np.array([1, 2, 3, 0])
"""Of each corner the one after it."""
THIN = 2
"""Px: a picture thinner than that has no outline to turn round."""


def jacobian(model: str, x: Values, y: Values, gx: Values, gy: Values) -> Values:
    """Return the change of brightness per parameter of an increment.

    Args:
        model: a name of the ladder, with P parameters.
        x: (N,) float32, column of each point.
        y: (N,) float32, its row.
        gx: (N,) float32, the gradient there along x.
        gy: (N,) float32, along y.

    Returns:
        (N, P) float32.
    """
    turn = gy * x - gx * y
    grow = gx * x + gy * y
    columns = {
        "translation": (gx, gy),
        "euclidean": (gx, gy, turn),
        "similarity": (gx, gy, turn, grow),
        "affine": (gx, gy, gx * x, gx * y, gy * x, gy * y),
        "homography": (gx, gy, gx * x, gx * y, gy * x, gy * y, -x * grow, -y * grow),
    }[model]
    return np.stack(columns, axis=1)


def increment(model: str, p: NDArray[np.float64]) -> Matrix:
    """Return the 3x3 member of the model with parameters p (P,), the identity at zero."""
    if model == "translation":
        return np.array([[1, 0, p[0]], [0, 1, p[1]], [0, 0, 1.0]])
    if model == "euclidean":
        c, s = np.cos(p[2]), np.sin(p[2])
        return np.array([[c, -s, p[0]], [s, c, p[1]], [0, 0, 1.0]])
    if model == "similarity":
        return np.array([[1 + p[3], -p[2], p[0]], [p[2], 1 + p[3], p[1]], [0, 0, 1.0]])
    perspective = p[6:8] if model == "homography" else (0.0, 0.0)
    return np.array([[1 + p[2], p[3], p[0]], [p[4], 1 + p[5], p[1]], [perspective[0], perspective[1], 1.0]])


def apply(
    matrix: NDArray[np.floating[Any]], x: NDArray[np.floating[Any]], y: NDArray[np.floating[Any]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where the points (x, y) go: x and y, float64, of the same shape, whatever that is."""
    w = matrix[2, 2]  # of affine motions, everywhere
    if matrix[2, 0] or matrix[2, 1]:
        w = matrix[2, 0] * x + matrix[2, 1] * y + w
    w = np.where(np.abs(w) < NOUGHT, NOUGHT, w)
    u = (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / w
    v = (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / w
    return u, v


def corners(shape: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return x (4,), y (4,) of the corner pixels of a (height, width) picture, in order round it."""
    height, width = shape
    return np.array([0, width - 1, width - 1, 0.0]), np.array([0, 0, height - 1, height - 1.0])


def farthest(first: Matrix, second: Matrix, shape: tuple[int, int]) -> float:
    """Return the largest distance, px, between the images of a picture's corners under two matrices."""
    x, y = corners(shape)
    u0, v0 = apply(first, x, y)
    u1, v1 = apply(second, x, y)
    return float(np.max(np.hypot(u0 - u1, v0 - v1)))


def project(model: str, matrix: Matrix, box: tuple[float, float, float, float]) -> Matrix:
    """Return the member of a model that is most like a motion.

    Args:
        model: a name of the ladder.
        matrix: (3, 3), the motion.
        box: (x0, y0, x1, y1), px, over which the two are likened, by least squares.

    Returns:
        (3, 3) float64.
    """
    if model == "homography":
        return np.asarray(matrix / matrix[2, 2], np.float64)
    gx, gy = np.meshgrid(np.linspace(box[0], box[2], GRID), np.linspace(box[1], box[3], GRID))
    u, v = (a.ravel() for a in apply(matrix, gx, gy))
    x, y = gx.ravel(), gy.ravel()
    one, nil = np.ones_like(x), np.zeros_like(x)
    if model == "affine":
        across = np.linalg.lstsq(np.stack([x, y, one], 1), np.stack([u, v], 1), rcond=None)[0].T
        return np.vstack([across, [0, 0, 1]])
    if model == "translation":
        return np.array([[1, 0, np.mean(u - x)], [0, 1, np.mean(v - y)], [0, 0, 1.0]])
    system = np.vstack([np.stack([x, -y, one, nil], 1), np.stack([y, x, nil, one], 1)])
    a, b, tx, ty = np.linalg.lstsq(system, np.concatenate([u, v]), rcond=None)[0]
    if model == "euclidean":
        size = max(float(np.hypot(a, b)), NOUGHT)
        a, b = a / size, b / size
        tx, ty = np.mean(u - a * x + b * y), np.mean(v - b * x - a * y)
    return np.array([[a, -b, tx], [b, a, ty], [0, 0, 1.0]])


def plausible(matrix: Matrix, shape: tuple[int, int]) -> bool:
    """Tell whether a motion (3, 3) keeps a (height, width) picture convex, unflipped, and its sides within limits."""
    if not np.all(np.isfinite(matrix)) or abs(matrix[2, 2]) < NOUGHT:
        return False
    x, y = corners(shape)
    w = (matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]) / matrix[2, 2]
    if w.min() < NEAREST:
        return False
    u, v = apply(matrix, x, y)
    du, dv, dx, dy = (a[NEXT] - a for a in (u, v, x, y))
    sides = np.hypot(du, dv) / np.maximum(np.hypot(dx, dy), 1)
    turns = du * dv[NEXT] - dv * du[NEXT]
    thin = min(shape) < THIN
    return bool(thin or (turns.min() > 0 and sides.min() >= LEAST_SCALE and sides.max() <= MOST_SCALE))
