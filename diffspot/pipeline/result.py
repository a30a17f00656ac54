"""Puts together what the stages found in a pair."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from diffspot.model import HIDES
from diffspot.pipeline.comparison import Comparison
from diffspot.pipeline.explained import one_each
from diffspot.pipeline.ignored import ignored_share
from diffspot.pipeline.placement import describe_motion
from diffspot.pipeline.regions import sorted_regions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.harmonization import Harmonized
    from diffspot.pipeline.movement import Movement
    from diffspot.pipeline.parameters import Parameters
    from diffspot.pipeline.placement import Placement
    from diffspot.pipeline.preparation import CommonForm
    from diffspot.pipeline.verdict import Verdict

NARROW = 0.5
"""Share of the range of levels below which pictures use little of it, as 12 bits of a camera in 16 do."""


def compared(
    pair: CommonForm,
    placement: Placement,
    even: Harmonized,
    verdict: Verdict,
    movement: Movement,
    *,
    told: Sequence[str],
    backend: Backend,
) -> Comparison:
    """The comparison, but for measures and maps, of two pictures that went through all stages.

    Args:
        pair: both pictures, in one form.
        placement: how the candidate was laid over the reference.
        even: both in one compression, light and sharpness.
        verdict: on what differs.
        movement: its regions, and what moved.
        told: notes on the measures.
        backend: what the arrays live on.
    """
    parameters, threshold, lined_up = verdict.request.parameters, verdict.found.threshold, movement.lined_up
    scores = describe_scores(threshold, parameters, pair, stretched=even.leeway.stretch) if lined_up else ()
    sharpness = (even.kernel.note,) if even.kernel and lined_up else ()
    notes = (*pair.notes, *describe_motion(placement), *sharpness, *movement.notes, *told, *scores)
    # Of two pictures that are no pair, what was explained says nothing.
    explained = even.explained(verdict.explained, threshold, backend) if lined_up else ()
    if any(one.pixels >= math.prod(pair.size) for one in movement.forgiven):  # that is all of what movement took
        explained = tuple(one for one in explained if one.cause != "movement")
    return Comparison(
        size=pair.size,
        registration=placement.registration,
        notes=tuple(dict.fromkeys(notes)),  # a metric and a measure may have the same to say
        normalization=even.light,
        tolerance=parameters.tolerance,
        threshold=round(threshold, 6),
        regions=sorted_regions(movement.regions),
        forgiven=one_each((*explained, *placement.forgiven, *movement.forgiven)) if lined_up else (),
        lined_up=lined_up,
        ignored=ignored_share(placement.ignored),
        ignored_areas=placement.ignored_areas,
    )


def describe_scores(threshold: float, parameters: Parameters, pair: CommonForm, *, stretched: bool) -> tuple[str, ...]:
    """Notes on what scores mean.

    One says where noise drove the threshold so high that clear changes can pass for noise.

    Args:
        threshold: of the pair, a score.
        parameters: of the pair.
        pair: both pictures, before registration.
        stretched: whether they were stretched over the whole range of levels since.
    """
    notes, most = parameters.metric.describe(pair.size), parameters.metric.high_threshold
    if parameters.fixed:
        return notes
    if threshold > most:
        way_out = "try --blur 3 or a lower --threshold"
        return (f"{HIDES}noise hides differences that score less than {threshold:.2f}; {way_out}", *notes)
    used = 1.0 if stretched or parameters.crisp else pair.used  # crisp pairs are judged place by place
    if not 0 < used < NARROW or threshold <= most * used:
        return notes
    narrow = f"a change must reach {255 * threshold:.2g} levels of 255, and the pictures use {255 * used:.2g}"
    return (f"{HIDES}{narrow}; try --normalize stretch", *notes)
