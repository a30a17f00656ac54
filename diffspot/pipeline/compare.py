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
from diffspot.pipeline.parameters import describe_threshold, estimate_parameters, tolerating
from diffspot.pipeline.placement import describe_motion, find_motion, place
from diffspot.pipeline.preparation import common_form, to_levels
from diffspot.pipeline.regions import sorted_regions, to_regions, with_stretches
from diffspot.pipeline.shadows import even_light, forgiven_light
from diffspot.pipeline.verdict import Drift, judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Forgiven, Image, Registration
    from diffspot.options.options import Options
    from diffspot.pipeline.batch import Found
    from diffspot.pipeline.layout import Bands
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.parameters import Limits, Parameters
    from diffspot.pipeline.preparation import CommonForm
    from diffspot.pipeline.verdict import Judged


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
    parameters, limits = estimate_parameters(
        registered, options, backend, step=pair.step, resampled=placement.resampled, rendered=rendered
    )
    drift = Drift(to_levels(pair.candidate), placement.to_candidate) if placement.forgiven else None
    laid = placement.registration.method != "none"
    parameters, found, judged, explained = _find(  # 2 to 7
        registered, parameters, limits, options, backend, laid=laid, drift=drift, step=pair.step
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
        ignored=ignored,
    )
    notes = (*pair.notes, *describe_motion(placement.registration), *movement.notes)
    forgiven: tuple[Forgiven, ...] = ()
    if movement.lined_up:  # of two pictures that are no pair the rest says nothing
        notes = (*notes, *describe_threshold(found.threshold, parameters))
        shaded = forgiven_light(shadows, 255 * found.threshold)
        forgiven = (*explained, *found.explained, *shaded, *placement.forgiven, *movement.forgiven)
    return Comparison(
        size=pair.size,
        registration=placement.registration,
        notes=notes,
        normalization=light,
        tolerance=parameters.tolerance,
        threshold=round(found.threshold, 6),
        regions=sorted_regions(movement.regions),
        forgiven=forgiven,
        lined_up=movement.lined_up,
        ignored=ignored_share(ignored),
        ignored_areas=None if ignored is None else IgnoredAreas(ignored, placement.mask_to_candidate(ignored)),
    )


def _find(
    registered: RegisteredPair,
    parameters: Parameters,
    limits: Limits,
    options: Options,
    backend: Backend,
    *,
    laid: bool,
    drift: Drift | None,
    step: float,
) -> tuple[Parameters, Found, list[Judged], tuple[Forgiven, ...]]:
    """Stages 2 to 7: by which parameters, what was found, what of it nothing explains, and what was explained."""
    found = detect(registered, parameters, limits, backend)  # 2 to 6
    verdict = judge(found.components, registered, parameters, found.threshold, backend, laid=laid, drift=drift)  # 7
    if verdict is None:
        parameters, limits = tolerating(parameters, registered, options, backend, step=step)
        return _find(registered, parameters, limits, options, backend, laid=laid, drift=drift, step=step)
    return parameters, found, *verdict
