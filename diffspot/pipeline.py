"""THE pipeline: names the stages in order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.backends.interface import blur_radius
from diffspot.comparison import Comparison
from diffspot.hiding import Hidden, equal_outside, without
from diffspot.layout import looks_rendered
from diffspot.metrics import METRICS
from diffspot.model import Registration
from diffspot.noise import measure_noise
from diffspot.placement import find_excess, place
from diffspot.preparation import common_form
from diffspot.registered import in_one_light
from diffspot.scoring import blurred_difference, score
from diffspot.segmentation import Morphology, deciding, find_regions, growth, make_mask, sorted_regions
from diffspot.threshold import find_threshold
from diffspot.tolerance import estimate_tolerance, tolerance_reach
from diffspot.windows import find_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.groups import Group
    from diffspot.metrics.interface import Metric
    from diffspot.model import Image, Normalization, Region
    from diffspot.noise import Noise
    from diffspot.options import Options
    from diffspot.placement import Placement
    from diffspot.registered import Registered

GRAINY_BLUR = 1.0
"""Px: cuts white noise to a quarter and costs a 3 x 3 px spot a third of its height."""
GRAINY_TOLERANCE = 0.5
"""Px: what resampling leaves of registration; a whole pixel would swallow thin strokes."""
SPECK_OPENING = 3
"""Px: what noise and wandering edges leave above the threshold is thinner than that."""
JOIN_SHARE = 0.018
"""Of the picture's width: parts of one changed object lie closer together than that."""

MIN_WEIGHT = 8
"""Pixels just above the threshold that a region must be worth: a few scattered faint ones are no change."""


def compare_images(
    reference: Image,
    candidate: Image,
    options: Options,
    backend: Backend,
    ignored: NDArray[np.bool_] | None = None,
) -> Comparison:
    """Finds where two pictures differ.

    Args:
        reference: what ought to be there.
        candidate: what is there; it is registered onto the reference.
        options: how to compare.
        backend: what does the array work.
        ignored: (H, W) bool, true where the reference is not compared; None compares all of it.

    Raises:
        OptionError: nothing is left to compare.
    """
    first, second, notes = common_form(reference, candidate)
    size = (first.shape[1], first.shape[0])
    share = None if ignored is None else round(float(ignored.mean()), 6)
    if equal_outside(first, second, ignored):
        return Comparison(size, Registration(), notes, ignored=share)
    rendered = looks_rendered(first), looks_rendered(second)
    placement = place(first, second, backend, align=options.align, rendered=any(rendered))
    lit = options.normalize == "auto" and not all(rendered)
    with backend.turn():
        if ignored is not None:
            placement = without(placement, ignored, backend)
        found = _find(first, placement, options, backend, ignored, lit=lit)
        hidden = None if ignored is None else Hidden(ignored, placement.mask_to_candidate(ignored))
    return Comparison(
        size,
        placement.registration,
        notes,
        found.light,
        found.tolerance,
        round(found.threshold, 6),
        sorted_regions([*found.regions, *placement.shifts, *find_excess(placement, size, most=options.max_shift)]),
        share,
        hidden,
    )


class _Found(NamedTuple):
    """What two registered pictures show: see `Comparison`."""

    light: Normalization | None
    tolerance: float
    threshold: float
    regions: list[Region]


def _find(
    first: NDArray[Any],
    placement: Placement,
    options: Options,
    backend: Backend,
    ignored: NDArray[np.bool_] | None,
    *,
    lit: bool,
) -> _Found:
    """Everything from the light to the regions, on the backend."""
    size = (first.shape[1], first.shape[0])
    pair, light = in_one_light(first, placement, backend, lit=lit)
    terms = _terms(pair, options, backend)
    parts = [_scored(pair, group, terms, backend) for group in find_parts(pair.differs, backend, terms.reach)]
    threshold = find_threshold(
        parts[0].scores if parts else backend.xp.zeros(0, np.float32),
        pair.valid[parts[0].place] if parts else backend.xp.zeros(0, bool),
        backend,
        quantile=options.quantile,
        floor=options.floor,
        ceiling=options.ceiling,
        noise_floor=terms.metric.floor(terms.noise),
    )
    regions = [
        region
        for part in parts
        for region in find_regions(
            _mask(part, threshold, terms, backend, ignored),
            part.scores,
            backend,
            origin=(part.place[1].start, part.place[0].start),
            size=size,
            join=terms.join,
            min_area=min(options.min_area, size[0] * size[1]),
            min_weight=MIN_WEIGHT * threshold if options.floor == "auto" else 0,
            padding=options.padding,
            to_candidate=placement.to_candidate,
        )
    ]
    return _Found(light, terms.tolerance, threshold, regions)


@dataclass(frozen=True, slots=True)
class _Terms:
    """On what terms two pictures are compared: the options, and what the pair itself says where they say `auto`.

    Attributes:
        sigma: of the blur, px.
        tolerance: px.
        noise: of the blurred pair.
        metric: what scores.
        morphology: what makes the mask.
        join: px.
        gate: levels by which pictures differ wherever a score passes the threshold.
        every_score: whether the threshold asks for all scores, so that none may be left out and nothing parted.
    """

    sigma: float
    tolerance: float
    noise: Noise
    metric: Metric
    morphology: Morphology
    join: float
    gate: float
    every_score: bool

    @property
    def reach(self) -> float:
        """Px around a differing pixel that its region can reach, or that its scores depend on."""
        if self.every_score:
            return math.inf
        spread = blur_radius(self.sigma)
        depends = spread + max(tolerance_reach(self.tolerance), self.metric.reach)
        return spread + max(depends, growth(self.morphology) + self.join / 2)


def _terms(pair: Registered, options: Options, backend: Backend) -> _Terms:
    r, c, valid, grainy = pair.reference, pair.candidate, pair.valid, pair.grainy
    if options.tolerance == "auto":
        # Noise and resampling always leave some doubt about an edge.
        tolerance = max(float(estimate_tolerance(r, c, pair.differs, valid, backend)), GRAINY_TOLERANCE * grainy)
    else:
        tolerance = options.tolerance
    sigma = GRAINY_BLUR * grainy if options.blur == "auto" else options.blur
    opening = options.opening
    if opening == "auto":
        opening = SPECK_OPENING if grainy or tolerance > 1 else 1
    noise = measure_noise(r, c, valid, backend, sigma=sigma, grainy=grainy, step=pair.step)
    metric = METRICS[options.metric]
    return _Terms(
        sigma=sigma,
        tolerance=tolerance,
        noise=noise,
        metric=metric,
        morphology=Morphology(math.ceil(tolerance), opening, options.closing, options.dilation),
        join=JOIN_SHARE * r.shape[1] if options.join == "auto" else options.join,
        gate=metric.gate(noise, metric.floor(noise) if options.floor == "auto" else options.floor),
        every_score=options.ceiling != "auto",
    )


class _Scored(NamedTuple):
    """A part of a pair: where it lies, what of it counts, and its scores and plain differences, (H, W)."""

    place: tuple[slice, slice]
    own: NDArray[np.bool_]
    scores: NDArray[Any]
    plain: NDArray[Any]


def _scored(pair: Registered, part: Group, terms: _Terms, backend: Backend) -> _Scored:
    """Blur, tolerance and score map of a part, the latter only where it can decide anything."""
    r, c, differs, valid = (plane[part.place] for plane in (pair.reference, pair.candidate, pair.differs, pair.valid))
    plain = blurred_difference(r, c, differs, valid, backend, sigma=terms.sigma)
    where = plain > 0 if terms.every_score else deciding(plain >= terms.gate, backend, terms.morphology)
    scores = score(
        r,
        c,
        backend.xp.logical_and(where, valid),
        terms.metric,
        backend,
        sigma=terms.sigma,
        tolerance=terms.tolerance,
        wander=terms.noise.wander,
        least=terms.metric.least(terms.noise),
    )
    return _Scored(*part, scores, plain)


def _mask(
    part: _Scored, threshold: float, terms: _Terms, backend: Backend, ignored: NDArray[np.bool_] | None
) -> NDArray[Any]:
    """The mask of a part, less what belongs to others or is ignored."""
    counted = part.own if ignored is None else part.own & ~ignored[part.place]
    mask = make_mask(part.scores, part.plain, threshold, backend, terms.morphology)
    return backend.xp.logical_and(mask, backend.from_host(counted))  # type: ignore[no-any-return]
