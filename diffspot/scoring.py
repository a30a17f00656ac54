"""Stages 2 and 3: blur, tolerance and metric, where the pictures differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.backends.interface import blur_radius
from diffspot.tolerance import tolerance_reach, unexplained
from diffspot.windows import find_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.metrics.interface import Metric


class Scored(NamedTuple):
    """How much two pictures differ, pixel by pixel.

    Attributes:
        scores: (H, W) float32 in [0, 1], the score map; 0 outside the valid area.
        plain: (H, W) levels, the difference of the blurred pictures without tolerance; likewise.
    """

    scores: NDArray[Any]
    plain: NDArray[Any]


def score(
    reference: NDArray[Any],
    candidate: NDArray[Any],
    valid: NDArray[Any],
    metric: Metric,
    backend: Backend,
    *,
    sigma: float,
    tolerance: float,
    wander: float,
) -> Scored:
    """Scores two pictures, in windows around what differs: the same to the last bit as scoring the whole.

    Args:
        reference: (H, W, C) levels.
        candidate: likewise; the reference's own outside the valid area.
        valid: (H, W) bool.
        metric: what turns differences into scores.
        backend: what the arrays live on.
        sigma: of the blur, px.
        tolerance: px.
        wander: see `unexplained`.
    """
    differs = backend.absdiff(reference, candidate)
    scores = backend.xp.zeros(differs.shape, np.float32)
    plain = differs if sigma == 0 else backend.xp.zeros_like(differs)
    spread = blur_radius(sigma)
    reach = spread + max(tolerance_reach(tolerance), metric.reach)
    for outer, inner, kept in find_windows(differs, backend, spread=spread, reach=reach):
        r, c = backend.gaussian_blur(reference[outer], sigma), backend.gaussian_blur(candidate[outer], sigma)
        counted = valid[inner]
        found = metric.score(r, c, unexplained(r, c, tolerance, wander, backend), backend)
        scores[inner] = found[kept] * counted
        if sigma:
            plain[inner] = backend.absdiff(r, c)[kept] * counted.view(np.uint8)
    return Scored(scores, plain)
