"""What the pair itself says about its noise: is it grainy at all, and how far equal places differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.tolerance import shared_contrast

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

DITHER = 1
"""Steps of the depth: what rounding leaves of a gradient that is drawn a few px further on."""
WEAK = 6
"""Grey levels: sensor and JPEG noise mostly stay below, redrawn content mostly above."""
WEAK_MULTIPLE = 2
"""Under heavy noise, what three quarters of all samples reach twice over is still weak."""
INCOHERENT = 0.5
"""Noise keeps less than this share of its size in a 3 x 3 mean; a shade changed as a whole keeps all of it."""
GRAINY = 0.10
"""Share of weak, incoherent differences: rendered pages stay under 0.07, photos and JPEG start at 0.12."""
EVERYWHERE = 0.001
"""Weak differences for each pixel compared: noise is all over a picture, not in a few hundred samples."""
EDGE_RANGE = 20
"""Grey levels in 3 x 3: noise, JPEG and sub-pixel misfit live on edges, flat areas hide them."""
MIN_EDGES = 100
"""Px: fewer edge pixels have no meaningful median."""


@dataclass(frozen=True, slots=True)
class Noise:
    """How far the two pictures differ where nothing changed.

    Attributes:
        grainy: whether they differ by noise, as photos and JPEG files do and rendered pages do not.
        level: median difference, a score.
        wander: median share, in [0, 1], of the local contrast by which equal edges differ.
        step: of the pictures' depth, a score: 1/255 for 8 bits.
    """

    grainy: bool
    level: float
    wander: float
    step: float


def is_grainy(
    reference: NDArray[Any], candidate: NDArray[Any], valid: NDArray[Any], backend: Backend, *, step: float = 1 / 255
) -> bool:
    """Whether (H, W, C) levels differ by noise over the (H, W) valid area; `step` of their depth is a score."""
    difference = reference.astype(np.float32) - candidate
    size = abs(difference)
    differing = (size > DITHER * step * 255) & valid[..., None]
    common = 255 * backend.quantile(to_scores(backend.absdiff(reference, candidate))[valid], 0.75)
    coherent = abs(backend.box_mean(difference, 1)) >= INCOHERENT * size
    weak = int(((size <= max(WEAK, WEAK_MULTIPLE * common)) & ~coherent & differing).sum())
    return weak > max(GRAINY * int(differing.sum()), EVERYWHERE * int(valid.sum()))


def measure_noise(
    reference: NDArray[Any],
    candidate: NDArray[Any],
    valid: NDArray[Any],
    backend: Backend,
    *,
    grainy: bool,
    step: float,
) -> Noise:
    """The noise of two (H, W, C) levels, blurred as they will be scored; medians stand until half has changed."""
    plain = backend.absdiff(reference, candidate)
    contrast = shared_contrast(reference, candidate, 1, backend)
    edges = valid & (contrast > EDGE_RANGE)
    wander = 0.0
    if int(edges.sum()) >= MIN_EDGES:
        wander = backend.quantile((plain[edges].astype(np.float32) / contrast[edges]).clip(0, 1), 0.5)
    return Noise(grainy, backend.quantile(to_scores(plain)[valid], 0.5), wander, step)


def to_scores(levels: NDArray[Any]) -> NDArray[Any]:
    """Levels as scores in [0, 1], float32."""
    return levels.astype(np.float32) / np.float32(255)
