"""Stages 2 and 3: blur, tolerance and metric, worked out only where the pictures differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.backends.interface import blur_radius
from diffspot.pipeline.tolerance import residual, tolerance_reach
from diffspot.pipeline.windows import find_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.parameters import Limits, Parameters


def blurred_difference(pair: RegisteredPair, backend: Backend, *, sigma: float) -> NDArray[Any]:
    """(..., H, W) levels by which two pictures differ once they are blurred; 0 outside the valid area.

    Args:
        pair: or a batch of pairs.
        backend: what the arrays live on.
        sigma: px; 0 gives the plain difference.
    """
    if sigma == 0:
        return pair.difference
    blurred, spread = backend.xp.zeros_like(pair.difference), blur_radius(sigma)
    for source, target, crop in find_windows(pair.difference, backend, spread=spread, reach=spread):
        r, c = (backend.gaussian_blur(picture[source], sigma) for picture in (pair.reference, pair.candidate))
        blurred[target] = backend.absdiff(r, c)[crop] * pair.valid[target].view(np.uint8)
    return blurred  # type: ignore[no-any-return]


def score(
    pair: RegisteredPair, active: NDArray[Any], backend: Backend, parameters: Parameters, limits: Limits
) -> NDArray[Any]:
    """The score map, (..., H, W) float32 in [0, 1], worked out in windows: the same to the last bit as on the whole.

    Args:
        pair: or a batch of pairs.
        active: (..., H, W) bool; pixels outside it score 0 without being looked at.
        backend: what the arrays live on.
        parameters: of the blur, the tolerance and the metric.
        limits: of the residual.
    """
    sigma, tolerance, metric = parameters.sigma, parameters.tolerance, parameters.metric
    everywhere = parameters.fixed and not tolerance  # then nothing is explained, so nothing is left out
    scores = backend.xp.zeros(active.shape, np.float32)
    reach = blur_radius(sigma) + tolerance_reach(tolerance) + metric.reach
    for source, target, crop in find_windows(active, backend, spread=0, reach=reach):
        r, c = (backend.gaussian_blur(picture[source], sigma) for picture in (pair.reference, pair.candidate))
        left = residual(r, c, tolerance, limits.edge_noise, backend)
        if np.any(limits.noise_cutoff):
            left = left * (left >= backend.as_scalars(limits.noise_cutoff, left))
        scores[target] = metric.score(r, c, left, backend, everywhere=everywhere)[crop] * active[target]
    return scores  # type: ignore[no-any-return]
