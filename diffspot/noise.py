"""What the pair itself says about its noise: is it grainy at all, and how far equal edges differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

DITHER = 1
"""Grey levels: what rounding leaves of a gradient that is drawn a few px further on."""
WEAK = 6
"""Grey levels: sensor and JPEG noise mostly stay below, redrawn content mostly above."""
INCOHERENT = 0.5
"""Noise keeps less than this share of its size in a 3 x 3 mean; a shade changed as a whole keeps all of it."""
GRAINY = 0.10
"""Share of weak, incoherent differences: rendered pages stay under 0.07, photos and JPEG start at 0.15."""
EVERYWHERE = 0.001
"""Weak differences for each pixel compared: noise is all over a picture, not in a few hundred samples."""
EDGE_RANGE = 20
"""Grey levels in 3 x 3: noise, JPEG and sub-pixel misfit live on edges, flat areas hide them."""
MIN_EDGES = 100
"""Px: fewer edge pixels have no meaningful median."""


def is_grainy(reference: NDArray[Any], candidate: NDArray[Any], valid: NDArray[Any], backend: Backend) -> bool:
    """Whether (H, W, C) pictures differ by noise, as photos and JPEG files do and rendered pages do not."""
    difference = reference.astype(np.float32) - candidate
    size = abs(difference)
    differing = (size > DITHER) & valid[..., None]
    count = int(differing.sum())
    weak = (size <= WEAK) & (abs(backend.box_mean(difference, 1)) < INCOHERENT * size)
    return int((weak & differing).sum()) > max(GRAINY * count, EVERYWHERE * int(valid.sum()))


def noise_level(difference: NDArray[Any], contrast: NDArray[Any], valid: NDArray[Any], backend: Backend) -> float:
    """How far the pictures typically differ, a score in [0, 1]: the median on edges or over all, if that is larger.

    A median stands until half of the edges changed.

    Args:
        difference: (H, W) levels.
        contrast: (H, W) levels, the local range of the reference.
        valid: (H, W) bool.
        backend: what the arrays live on.
    """
    scores = difference.astype(np.float32) / np.float32(255)
    overall = backend.quantile(scores[valid], 0.5)
    edges = valid & (contrast > EDGE_RANGE)
    if int(edges.sum()) < MIN_EDGES:
        return overall
    return max(overall, backend.quantile(scores[edges], 0.5))
