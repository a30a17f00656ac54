"""The pipeline: names its seven stages in order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from diffspot.model import IgnoredAreas
from diffspot.pipeline.comparison import Comparison, unchanged
from diffspot.pipeline.deadline import check_deadline
from diffspot.pipeline.detection import detect
from diffspot.pipeline.ignored import equal_outside, exclude_ignored, ignored_share
from diffspot.pipeline.layout import looks_rendered
from diffspot.pipeline.movement import with_movement
from diffspot.pipeline.normalization import normalize_pair
from diffspot.pipeline.parameters import describe_threshold, estimate_parameters
from diffspot.pipeline.placement import describe_motion, find_motion, place
from diffspot.pipeline.preparation import common_form, to_levels
from diffspot.pipeline.regions import sorted_regions, to_regions, with_stretches
from diffspot.pipeline.shadows import even_light, forgiven_light
from diffspot.pipeline.verdict import Drift, judge
from diffspot.pipeline.verdict.rendered import edges_wander

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Image, Registration
    from diffspot.options.options import Options
    from diffspot.pipeline.layout import Bands
    from diffspot.pipeline.preparation import CommonForm


def compare_images(
    reference: Image, candidate: Image, options: Options, backend: Backend, ignored: NDArray[np.bool_] | None = None
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
    pair = common_form(reference, candidate)
    if equal_outside(pair.reference, pair.candidate, ignored):
        return unchanged(pair.size, pair.notes, ignored)
    rendered = looks_rendered(pair.reference) and looks_rendered(pair.candidate)
    motion = find_motion(pair.reference, pair.candidate, align=options.align, rendered=rendered)  # 1 registration
    work = partial(_compare_registered, pair, motion, options, backend, ignored=ignored, rendered=rendered)
    return backend.with_memory(work, pair.pixels)


def _compare_registered(
    pair: CommonForm,
    motion: Registration | Bands,
    options: Options,
    backend: Backend,
    *,
    ignored: NDArray[np.bool_] | None,
    rendered: bool,
) -> Comparison:
    """Stages 1 (warp) to 7 for a pair whose motion is known; runs on the device."""
    check_deadline()
    placement = place(pair.candidate, motion, pair.reference.shape[:2], backend)  # 1 registration, warped
    if ignored is not None:
        placement = exclude_ignored(placement, ignored, backend)
    normalize = options.normalize == "auto" and not rendered
    registered, light = normalize_pair(pair.reference, placement, backend, normalize=normalize, ignored=ignored)
    registered, shadows = even_light(registered, backend) if normalize else (registered, [])
    estimate = partial(
        estimate_parameters,
        registered,
        options,
        backend,
        step=pair.step,
        resampled=placement.resampled,
        rendered=rendered,
    )
    parameters, found = detect(registered, *estimate(), backend)  # 2 to 6
    if parameters.crisp and edges_wander(registered.to_host(backend), 255 * found.threshold):
        parameters, found = detect(registered, *estimate(wandering=True), backend)
    judged, explained = judge(  # 7 verdict
        found.components,
        registered,
        parameters,
        found.threshold,
        backend,
        laid=placement.registration.method != "none",
        drift=Drift(to_levels(pair.candidate), placement.to_candidate) if placement.forgiven else None,
    )
    regions = to_regions(  # 8 boxes
        judged,
        pair.size,
        placement.to_candidate,
        min_area=options.min_area,
        least_score=0 if parameters.fixed else found.threshold,
        padding=options.padding,
        nested=parameters.fixed,
    )
    movement = with_movement(
        with_stretches(regions, placement.shifts),
        pair,
        placement,
        most=options.max_shift,
        least_confidence=options.min_confidence,
        rendered=rendered,
    )
    return Comparison(
        size=pair.size,
        registration=placement.registration,
        notes=(
            *pair.notes,
            *describe_motion(placement.registration),
            *movement.notes,
            *(describe_threshold(found.threshold, parameters) if movement.lined_up else ()),
        ),
        normalization=light,
        tolerance=parameters.tolerance,
        threshold=round(found.threshold, 6),
        regions=sorted_regions(movement.regions),
        forgiven=(
            *explained,
            *found.explained,
            *forgiven_light(shadows, 255 * found.threshold),
            *placement.forgiven,
            *movement.forgiven,
        )
        if movement.lined_up
        else (),
        lined_up=movement.lined_up,
        ignored=ignored_share(ignored),
        ignored_areas=None if ignored is None else IgnoredAreas(ignored, placement.mask_to_candidate(ignored)),
    )
