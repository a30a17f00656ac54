"""Stages 2 and 3: blur, tolerance and metric, worked out only where the pictures differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.backends.interface import blur_radius
from diffspot.pipeline.tolerance import tolerance_reach, unexplained
from diffspot.pipeline.windows import find_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.device import Numbers
    from diffspot.backends.interface import Backend
    from diffspot.pipeline.metrics.interface import Metric


def blurred_difference(
    reference: NDArray[Any],
    candidate: NDArray[Any],
    differs: NDArray[Any],
    valid: NDArray[Any],
    backend: Backend,
    *,
    sigma: float,
) -> NDArray[Any]:
    """(..., H, W) levels by which two pictures differ once they are blurred; 0 outside the valid area.

    Args:
        reference: (..., H, W, C) levels.
        candidate: likewise; the reference's own outside the valid area.
        differs: (..., H, W) levels, their difference as they are.
        valid: (..., H, W) bool.
        backend: what the arrays live on.
        sigma: px.
    """
    if sigma == 0:
        return differs
    plain, spread = backend.xp.zeros_like(differs), blur_radius(sigma)
    for outer, inner, kept in find_windows(differs, backend, spread=spread, reach=spread):
        r, c = (backend.gaussian_blur(picture[outer], sigma) for picture in (reference, candidate))
        plain[inner] = backend.absdiff(r, c)[kept] * valid[inner].view(np.uint8)
    return plain  # type: ignore[no-any-return]


def score(
    reference: NDArray[Any],
    candidate: NDArray[Any],
    where: NDArray[Any],
    metric: Metric,
    backend: Backend,
    *,
    sigma: float,
    tolerance: float,
    wander: Numbers,
    least: Numbers,
) -> NDArray[Any]:
    """The score map, (..., H, W) float32 in [0, 1], worked out in windows: the same to the last bit as on the whole.

    Args:
        reference: (..., H, W, C) levels.
        candidate: likewise; the reference's own outside the valid area.
        where: (..., H, W) bool; what lies outside scores 0 without being looked at.
        metric: what turns differences into scores.
        backend: what the arrays live on.
        sigma: of the blur, px.
        tolerance: px.
        wander: see `unexplained`; one each for a stack.
        least: unexplained levels below which the score is 0; one each for a stack.
    """
    scores = backend.xp.zeros(where.shape, np.float32)
    reach = blur_radius(sigma) + tolerance_reach(tolerance) + metric.reach
    for outer, inner, kept in find_windows(where, backend, spread=0, reach=reach):
        r, c = (backend.gaussian_blur(picture[outer], sigma) for picture in (reference, candidate))
        left = unexplained(r, c, tolerance, wander, backend)
        if np.any(least):
            left = left * (left >= backend.against(least, left))
        scores[inner] = metric.score(r, c, left, backend)[kept] * where[inner]
    return scores  # type: ignore[no-any-return]
