"""Resampling with the cubic kernel of Keys, plain and slow: what the backends' warps are held to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

    from diffspot.model import Matrix

EDGE = 0.002
"""Px by which a place may lie outside the outermost pixel centres and still count as inside: what
rounding to 1/255 leaves of a warped picture of ones."""


def resample(
    image: NDArray[Any], matrix: Matrix, size: tuple[int, int], xp: ModuleType
) -> tuple[NDArray[Any], NDArray[Any]]:
    """(H, W, C) float64 levels and (H, W) bool, where they lie inside `image`; see `Backend.warp`."""
    height, width = image.shape[:2]
    inverse = np.linalg.inv(np.array(matrix))
    x, y = xp.meshgrid(xp.arange(size[0]), xp.arange(size[1]))
    u, v, scale = (row[0] * x + row[1] * y + row[2] for row in inverse.tolist())
    u, v = u / scale, v / scale
    left, top = (xp.floor(place).astype(xp.int64) for place in (u, v))
    moved = xp.zeros((*x.shape, image.shape[2]))
    for i in range(-1, 3):
        for j in range(-1, 3):
            rows = xp.clip(top + j, 0, height - 1)
            columns = xp.clip(left + i, 0, width - 1)
            weight = _keys(xp, u - left - i) * _keys(xp, v - top - j)
            moved += weight[..., None] * image[rows, columns]
    return moved, (u >= -EDGE) & (u <= width - 1 + EDGE) & (v >= -EDGE) & (v <= height - 1 + EDGE)


def covered(shape: tuple[int, ...], matrix: Matrix, size: tuple[int, int]) -> NDArray[np.bool_] | None:
    """What `resample` says of being inside, row by row: in each row of the result it is one stretch.

    Args:
        shape: (height, width, ...) of the picture.
        matrix: see `resample`.
        size: (width, height) of the result.

    Returns:
        (H, W) bool; None where the plane's horizon crosses the result, so that signs change within a row.
    """
    (width, height), inverse = size, np.linalg.inv(np.array(matrix))
    right, bottom = width - 1, height - 1
    if min(inverse[2] @ (x, y, 1) for x in (0, right) for y in (0, bottom)) <= 0:
        return None
    # each edge of the picture is a line, and what lies on its inner side has a * x + b >= 0
    u, v, scale = inverse
    last, lowest = shape[1] - 1 + EDGE, shape[0] - 1 + EDGE
    first, end, y = np.zeros(height), np.full(height, float(width)), np.arange(height)
    for a, by_row, constant in (u + EDGE * scale, last * scale - u, v + EDGE * scale, lowest * scale - v):
        b = by_row * y + constant
        if a > 0:
            first = np.maximum(first, np.ceil(-b / a))
        elif a < 0:
            end = np.minimum(end, np.floor(b / -a) + 1)
        else:
            end = np.where(b >= 0, end, 0)
    inside = np.zeros((height, width), bool)
    for row, start, stop in zip(inside, first.astype(np.intp).tolist(), end.astype(np.intp).tolist(), strict=True):
        row[start : max(start, stop)] = True
    return inside


def _keys(xp: ModuleType, distance: NDArray[Any]) -> NDArray[Any]:
    """Weight of a sample at that distance in px."""
    t, a = xp.abs(distance), -0.75
    near = ((a + 2) * t - (a + 3)) * t * t + 1
    far = ((a * t - 5 * a) * t + 8 * a) * t - 4 * a
    return xp.where(t <= 1, near, xp.where(t < 2, far, 0))  # type: ignore[no-any-return]  # noqa: PLR2004
