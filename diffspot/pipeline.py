"""THE pipeline: names the stages in order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from msgspec.structs import replace

from diffspot.budgets import budget_note, is_within_budget
from diffspot.hiding import Hidden, equal_outside, without
from diffspot.layout import looks_rendered
from diffspot.metrics import METRICS
from diffspot.model import Registration, unseen
from diffspot.noise import is_grainy, measure_noise
from diffspot.normalization import fit_normalization, normalize
from diffspot.placement import find_excess, place
from diffspot.preparation import common_form, to_levels
from diffspot.scoring import find_differences, score
from diffspot.segmentation import Morphology, find_regions, make_mask, sorted_regions
from diffspot.threshold import find_threshold
from diffspot.tolerance import estimate_tolerance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Image, ImagePair, Normalization, PairResult, Region, Status
    from diffspot.options import Options
    from diffspot.placement import Placement

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


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the pipeline found out about two pictures; all fields but the last are those of `PairResult`.

    Attributes:
        hidden: the ignored area in the reference, (H, W) bool, and in the candidate, (h, w) bool; None without one.
    """

    size: tuple[int, int]
    registration: Registration
    notes: tuple[str, ...]
    normalization: Normalization | None = None
    tolerance: float | None = None
    threshold: float | None = None
    regions: tuple[Region, ...] = ()
    ignored: float | None = None
    hidden: Hidden | None = None

    def result(self, pair: ImagePair, options: Options) -> PairResult:
        """This, said of a pair and judged by the budgets of `options`."""
        same = is_within_budget(self.regions, self.size, options)
        status: Status = "same" if same else "different"
        found = {name: getattr(self, name) for name in self.__slots__ if name != "hidden"}
        if same and self.regions:
            found["notes"] = (*self.notes, budget_note(self.regions))
        return replace(unseen(pair), status=status, **found)


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
    if ignored is not None:
        placement = without(placement, ignored, backend)
    lit = options.normalize == "auto" and not all(rendered)
    pair, light = _in_one_light(first, placement, backend, lit=lit)
    tolerance = _tolerance(pair, options, backend)
    scores, threshold, mask = _differences(pair, tolerance, options, backend)
    regions = find_regions(
        mask if ignored is None else mask & ~backend.from_host(ignored),
        scores,
        backend,
        join=JOIN_SHARE * size[0] if options.join == "auto" else options.join,
        min_area=min(options.min_area, size[0] * size[1]),
        min_weight=MIN_WEIGHT * threshold if options.floor == "auto" else 0,
        padding=options.padding,
        to_candidate=placement.to_candidate,
    )
    return Comparison(
        size,
        placement.registration,
        notes,
        light,
        tolerance,
        round(threshold, 6),
        sorted_regions([*regions, *placement.shifts, *find_excess(placement, size, most=options.max_shift)]),
        share,
        None if ignored is None else Hidden(ignored, placement.mask_to_candidate(ignored)),
    )


@dataclass(frozen=True, slots=True)
class _Registered:
    """Two pictures in one frame and one light.

    Attributes:
        reference: (H, W, C) levels.
        candidate: likewise; the reference's own where it is not compared, so that nothing from there reaches in.
        valid: (H, W) bool, what is compared.
        step: of the pictures' depth, a score.
        grainy: whether they differ by noise.
    """

    reference: NDArray[Any]
    candidate: NDArray[Any]
    valid: NDArray[Any]
    step: float
    grainy: bool


def _in_one_light(
    first: NDArray[Any], placement: Placement, backend: Backend, *, lit: bool
) -> tuple[_Registered, Normalization | None]:
    r, c, valid = backend.from_host(to_levels(first)), placement.candidate, placement.valid
    light = fit_normalization(r, c, valid, backend) if lit else None
    if light:
        r, c = normalize(r, c, light)
    c = backend.select(valid, c, r)
    step = 1 / np.iinfo(first.dtype).max
    return _Registered(r, c, valid, step, is_grainy(r, c, valid, backend, step=step)), light


def _tolerance(pair: _Registered, options: Options, backend: Backend) -> float:
    """Px that an edge may move; noise and resampling always leave some doubt about it."""
    if options.tolerance != "auto":
        return options.tolerance
    wander = estimate_tolerance(pair.reference, pair.candidate, pair.valid, backend)
    return max(float(wander), GRAINY_TOLERANCE * pair.grainy)


def _differences(
    pair: _Registered, tolerance: float, options: Options, backend: Backend
) -> tuple[NDArray[Any], float, NDArray[Any]]:
    """Blur, score map, threshold and morphology: scores (H, W), the threshold, and the mask (H, W)."""
    r, c, valid, grainy = pair.reference, pair.candidate, pair.valid, pair.grainy
    sigma = GRAINY_BLUR * grainy if options.blur == "auto" else options.blur
    noise = measure_noise(r, c, valid, backend, sigma=sigma, grainy=grainy, step=pair.step)
    left, plain = find_differences(r, c, valid, backend, sigma=sigma, tolerance=tolerance, wander=noise.wander)
    morphology = _morphology(options, tolerance, grainy=grainy)
    metric = METRICS[options.metric]
    scores = score(
        r,
        c,
        left,
        metric,
        backend,
        sigma=sigma,
        least=metric.least(noise),
        morphology=morphology if options.ceiling == "auto" else None,  # else the quantile is asked for, of all scores
    )
    threshold = find_threshold(
        scores,
        valid,
        backend,
        quantile=options.quantile,
        floor=options.floor,
        ceiling=options.ceiling,
        noise_floor=metric.floor(noise),
    )
    return scores, threshold, make_mask(scores, plain, threshold, backend, morphology)


def _morphology(options: Options, tolerance: float, *, grainy: bool) -> Morphology:
    opening = options.opening
    if opening == "auto":
        opening = SPECK_OPENING if grainy or tolerance > 1 else 1
    return Morphology(math.ceil(tolerance), opening, options.closing, options.dilation)
