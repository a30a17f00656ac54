"""Stages 4 to 6: threshold, morphology, connected components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from diffspot.model import IDENTITY, Region

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Box, Matrix

LEAST_FLOOR = 0.04
NOISE_MULTIPLE = 6.0
CEILING_OVER_FLOOR = 4.0


def find_threshold(
    scores: NDArray[Any],
    backend: Backend,
    *,
    quantile: float,
    floor: Literal["auto"] | float,
    ceiling: Literal["auto"] | float,
) -> float:
    """The score above which a pixel of this pair differs.

    clip(quantile of the scores, floor, ceiling): a bare quantile would always flag a share of a
    noisy pair and never more than that share of a really changed one.

    Args:
        scores: (N,) or (H, W) float32 in [0, 1], of the valid area alone.
        backend: what the scores live on.
        quantile: in [0, 1].
        floor: a score, or auto: a multiple of the median score, which noise alone decides.
        ceiling: a score, or auto: a multiple of the floor.
    """
    if floor == "auto":
        floor = max(LEAST_FLOOR, NOISE_MULTIPLE * backend.quantile(scores, 0.5))
    if ceiling == "auto":
        ceiling = max(floor, CEILING_OVER_FLOOR * LEAST_FLOOR)
    return min(max(backend.quantile(scores, quantile), floor), ceiling)


def make_mask(
    scores: NDArray[Any],
    threshold: float,
    backend: Backend,
    *,
    opening: int,
    closing: int,
    dilation: int,
) -> NDArray[Any]:
    """The pixels above the threshold, after morphology; (H, W) bool."""
    mask = scores > threshold
    mask = backend.dilate(backend.erode(mask, opening), opening)
    mask = backend.erode(backend.dilate(mask, closing), closing)
    return backend.dilate(mask, dilation)


def find_regions(
    mask: NDArray[Any],
    scores: NDArray[Any],
    backend: Backend,
    *,
    min_area: int,
    padding: int,
    matrix: Matrix,
    candidate_size: tuple[int, int],
) -> tuple[Region, ...]:
    """The connected components of the mask as regions, sorted by y, then x."""
    _, table = backend.components(mask, scores)
    height, width = mask.shape
    inverse = np.linalg.inv(np.array(matrix))
    regions = []
    for box, area, peak, mean in zip(*table, strict=True):
        if area < min_area:
            continue
        bbox = padded(tuple(int(v) for v in box), padding, (width, height))
        regions.append(
            Region(
                bbox=bbox,
                candidate_bbox=bbox
                if matrix == IDENTITY
                else carried(bbox, inverse, candidate_size),
                area=int(area),
                peak=round(float(peak), 6),
                mean=round(float(mean), 6),
            )
        )
    return tuple(sorted(regions, key=lambda r: (r.bbox[1], r.bbox[0], r.bbox[3], r.bbox[2])))


def padded(box: Box, padding: int, size: tuple[int, int]) -> Box:
    """The box widened by `padding` px on all sides, cut at a picture of (width, height)."""
    x, y, w, h = box
    left, top = max(0, x - padding), max(0, y - padding)
    right, bottom = min(size[0], x + w + padding), min(size[1], y + h + padding)
    return left, top, right - left, bottom - top


def carried(box: Box, inverse: NDArray[np.float64], size: tuple[int, int]) -> Box:
    """The smallest box around `box` taken through a 3x3 matrix, cut at (width, height)."""
    x, y, w, h = box
    edges = np.array([[x, y], [x + w, y], [x, y + h], [x + w, y + h]]) - 0.5
    corners = np.column_stack([edges, np.ones(4)]) @ inverse.T
    points = corners[:, :2] / corners[:, 2:] + 0.5
    low = np.clip(np.floor(points.min(axis=0) + 1e-6), 0, size)
    high = np.clip(np.ceil(points.max(axis=0) - 1e-6), 0, size)
    return int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1])
