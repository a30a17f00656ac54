"""On what terms a pair is compared: the options, and what the pair itself says where they say `auto`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from diffspot.backends.interface import blur_radius
from diffspot.pipeline.metrics import METRICS
from diffspot.pipeline.noise import is_grainy, measure_noise
from diffspot.pipeline.segmentation import Morphology, growth
from diffspot.pipeline.tolerance import estimate_tolerance, tolerance_reach

if TYPE_CHECKING:
    from diffspot.backends.interface import Backend
    from diffspot.options.options import Options
    from diffspot.pipeline.metrics.interface import Metric
    from diffspot.pipeline.noise import Noise
    from diffspot.pipeline.registered import Registered

GRAINY_BLUR = 1.0
"""Px: cuts white noise to a quarter and costs a 3 x 3 px spot a third of its height."""
GRAINY_TOLERANCE = 0.5
"""Px: what resampling leaves of registration; a whole pixel would swallow thin strokes."""
SPECK_OPENING = 3
"""Px: what noise and wandering edges leave above the threshold is thinner than that."""
JOIN_SHARE = 0.018
"""Of the picture's width: parts of one changed object lie closer together than that."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How pairs are compared; those of equal terms can be compared together.

    Attributes:
        sigma: of the blur, px.
        tolerance: px.
        metric: what scores.
        morphology: what makes the mask.
        join: px.
        every_score: whether the threshold asks for all scores, so that none may be left out and nothing parted.
    """

    sigma: float
    tolerance: float
    metric: Metric
    morphology: Morphology
    join: float
    every_score: bool

    @property
    def reach(self) -> float:
        """Px around a differing pixel that its region can reach, or that its scores depend on."""
        if self.every_score:
            return math.inf
        spread = blur_radius(self.sigma)
        depends = spread + max(tolerance_reach(self.tolerance), self.metric.reach)
        return spread + max(depends, growth(self.morphology) + self.join / 2)


def find_terms(
    pair: Registered, options: Options, backend: Backend, *, step: float, resampled: bool
) -> tuple[Terms, Noise]:
    """The terms for a pair of pictures, and its noise.

    Args:
        pair: on the backend.
        options: how to compare.
        backend: what does the array work.
        step: of the pictures' depth, a score.
        resampled: see `Placement`; at crisp edges that leaves as much as noise does.
    """
    r, c, valid = pair.reference, pair.candidate, pair.valid
    grainy = resampled or is_grainy(r, c, pair.differs, valid, backend, step=step)
    if options.tolerance == "auto":
        # Noise and resampling always leave some doubt about an edge.
        tolerance = max(float(estimate_tolerance(r, c, pair.differs, valid, backend)), GRAINY_TOLERANCE * grainy)
    else:
        tolerance = options.tolerance
    sigma = GRAINY_BLUR * grainy if options.blur == "auto" else options.blur
    opening = options.opening
    if opening == "auto":
        opening = SPECK_OPENING if grainy or tolerance > 1 else 1
    terms = Terms(
        sigma=sigma,
        tolerance=tolerance,
        metric=METRICS[options.metric],
        morphology=Morphology(math.ceil(tolerance), opening, options.closing, options.dilation),
        join=JOIN_SHARE * r.shape[1] if options.join == "auto" else options.join,
        every_score=options.ceiling != "auto",
    )
    return terms, measure_noise(r, c, valid, backend, sigma=sigma, grainy=grainy, step=step)
