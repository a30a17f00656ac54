"""Stages 2 and 3: blur, tolerance and metric, worked out only where the pictures differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.backends.interface import blur_radius
from diffspot.segmentation import deciding
from diffspot.tolerance import tolerance_reach, unexplained
from diffspot.windows import find_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.metrics.interface import Metric
    from diffspot.segmentation import Morphology


class Differences(NamedTuple):
    """How far two pictures differ, pixel by pixel; 0 outside the valid area.

    Attributes:
        unexplained: (H, W) float32, levels that movement within the tolerance leaves.
        plain: (H, W) levels, the difference of the blurred pictures.
    """

    unexplained: NDArray[Any]
    plain: NDArray[Any]


def find_differences(
    reference: NDArray[Any],
    candidate: NDArray[Any],
    differs: NDArray[Any],
    valid: NDArray[Any],
    backend: Backend,
    *,
    sigma: float,
    tolerance: float,
    wander: float,
) -> Differences:
    """Blur and tolerance, in windows around what differs: the same to the last bit as on the whole.

    Args:
        reference: (H, W, C) levels.
        candidate: likewise; the reference's own outside the valid area.
        differs: (H, W) levels, their plain difference.
        valid: (H, W) bool.
        backend: what the arrays live on.
        sigma: of the blur, px.
        tolerance: px.
        wander: see `unexplained`.
    """
    left = backend.xp.zeros(differs.shape, np.float32)
    plain = differs if sigma == 0 else backend.xp.zeros_like(differs)
    spread = blur_radius(sigma)
    for outer, inner, kept in find_windows(differs, backend, spread=spread, reach=spread + tolerance_reach(tolerance)):
        r, c = (backend.gaussian_blur(picture[outer], sigma) for picture in (reference, candidate))
        counted = valid[inner].view(np.uint8)
        left[inner] = unexplained(r, c, tolerance, wander, backend)[kept] * counted
        if sigma:
            plain[inner] = backend.absdiff(r, c)[kept] * counted
    return Differences(left, plain)


def score(
    reference: NDArray[Any],
    candidate: NDArray[Any],
    left: NDArray[Any],
    metric: Metric,
    backend: Backend,
    *,
    sigma: float,
    least: float,
    morphology: Morphology | None,
) -> NDArray[Any]:
    """The score map, (H, W) float32 in [0, 1].

    Args:
        reference: (H, W, C) levels.
        candidate: likewise; the reference's own outside the valid area.
        left: (H, W) float32, the unexplained levels.
        metric: what turns differences into scores.
        backend: what the arrays live on.
        sigma: of the blur, px.
        least: unexplained levels from which on a metric that looks around a pixel is asked.
        morphology: what will be made of the scores; pixels that cannot count then are not scored either. None scores
            them all.
    """
    if not metric.reach:
        return metric.score(reference, candidate, left, backend)
    where = left >= least if morphology is None else deciding(left >= least, backend, morphology)
    scores = backend.xp.zeros(left.shape, np.float32)
    reach = blur_radius(sigma) + metric.reach
    for outer, inner, kept in find_windows(where, backend, spread=0, reach=reach):
        r, c = (backend.gaussian_blur(picture[outer], sigma) for picture in (reference, candidate))
        scores[inner] = metric.score(r, c, left[outer], backend)[kept] * where[inner]
    return scores  # type: ignore[no-any-return]
