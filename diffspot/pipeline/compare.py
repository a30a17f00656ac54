"""The pipeline: names its seven stages in order."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from diffspot.model import IgnoredAreas
from diffspot.options.options import measured
from diffspot.options.types import split_filter
from diffspot.pipeline.comparison import Comparison, unchanged
from diffspot.pipeline.deadline import check_deadline
from diffspot.pipeline.derived import once
from diffspot.pipeline.detection import detect
from diffspot.pipeline.filtering import prepared
from diffspot.pipeline.ignored import equal_outside, exclude_ignored, ignored_share
from diffspot.pipeline.layout import looks_rendered
from diffspot.pipeline.maps import make_maps, unchanged_maps
from diffspot.pipeline.movement import with_movement
from diffspot.pipeline.normalization import normalize_pair
from diffspot.pipeline.parameters import describe_threshold, estimate_parameters, tolerating
from diffspot.pipeline.placement import describe_motion, find_motion, place
from diffspot.pipeline.preparation import common_form, to_levels
from diffspot.pipeline.regions import sorted_regions, to_regions, with_stretches, without_large
from diffspot.pipeline.shadows import even_light, forgiven_light
from diffspot.pipeline.verdict import Drift, judge, without_varying

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
    reference: Image,
    candidate: Image,
    options: Options,
    backend: Backend,
    ignored: NDArray[np.bool_] | None = None,
    *,
    keep: bool = False,
    spread: NDArray[np.uint8] | None = None,
) -> Comparison:
    """Finds where two pictures differ.

    Args:
        reference: what ought to be there.
        candidate: what is there; it is registered onto the reference.
        options: how to compare.
        backend: what does the array work.
        ignored: (H, W) bool, true where the reference is not compared; None compares all of it.
        keep: whether what the stages make is kept, see `Comparison.maps`.
        spread: (H, W) grey levels by which the reference varies among good captures; None where nobody knows.

    Raises:
        OptionError: nothing is left to compare.
    """
    pair = common_form(reference, candidate)
    if equal_outside(pair.reference, pair.candidate, ignored):
        maps = unchanged_maps(pair) if keep else None
        return unchanged(pair.size, pair.notes, ignored, measured(options), maps)
    sides = pair.reference, pair.candidate
    rendered = all(once(pixels, "rendered", partial(looks_rendered, pixels)) for pixels in sides)
    motion = find_motion(pair.reference, pair.candidate, align=options.align, rendered=rendered)  # 1 registration
    work = partial(
        _compare_registered,
        pair,
        motion,
        options,
        backend,
        ignored=ignored,
        spread=spread,
        rendered=rendered,
        keep=keep,
    )
    return backend.with_memory(work, pair.pixels)


def _compare_registered(
    pair: CommonForm,
    motion: Registration | Bands,
    options: Options,
    backend: Backend,
    *,
    ignored: NDArray[np.bool_] | None,
    spread: NDArray[np.uint8] | None,
    rendered: bool,
    keep: bool,
) -> Comparison:
    """Stages 1 (warp) to 7 for a pair whose motion is known; runs on the device."""
    check_deadline()
    laid_over = placement = place(pair.candidate, motion, pair.reference.shape[:2], backend)  # 1 registration, warped
    if ignored is not None:
        placement = exclude_ignored(placement, ignored, backend)
    normalize = options.normalize == "auto" and not rendered
    registered, light = normalize_pair(pair.reference, placement, backend, normalize=normalize, ignored=ignored)
    registered, shadows = even_light(registered, backend) if normalize else (registered, [])
    registered = prepared(
        registered, backend, stretch=options.normalize == "stretch", passing=split_filter(options.filter)
    )
    measures, told = _measure(registered, pair.size, options, backend)
    parameters, limits = estimate_parameters(
        registered, options, backend, step=pair.step, resampled=placement.resampled, rendered=rendered
    )
    parameters = replace(parameters, keep=keep)
    drift = None
    if placement.drifts:
        drift = Drift(to_levels(pair.candidate), placement.to_candidate, placement.rounded)
    laid = placement.registration.method != "none"
    parameters, found, judged, explained = _find(  # 2 to 7
        registered, parameters, limits, options, backend, laid=laid, drift=drift, step=pair.step
    )
    judged, varying = without_varying(judged, registered, spread, backend)
    judged, large = without_large(judged, pair.size, options.max_box)
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
    notes = (*pair.notes, *describe_motion(placement.registration), *movement.notes, *told)
    forgiven: tuple[Forgiven, ...] = ()
    if movement.lined_up:  # of two pictures that are no pair the rest says nothing
        notes = (*notes, *describe_threshold(found.threshold, parameters), *parameters.metric.describe(pair.size))
        shaded = forgiven_light(shadows, 255 * found.threshold)
        forgiven = (*explained, *found.explained, *varying, *shaded, *placement.forgiven, *movement.forgiven)
    maps = None
    if keep:
        maps = make_maps(
            pair,
            laid_over,
            registered,
            found=found,
            regions=movement.regions,
            parameters=parameters,
            limits=limits,
            backend=backend,
        )
    return Comparison(
        size=pair.size,
        registration=placement.registration,
        notes=tuple(dict.fromkeys(notes)),  # a metric and a measure may have the same to say
        normalization=light,
        tolerance=parameters.tolerance,
        threshold=round(found.threshold, 6),
        regions=sorted_regions(movement.regions),
        forgiven=forgiven,
        over_max_box=large,
        lined_up=movement.lined_up,
        maps=maps,
        ignored=ignored_share(ignored),
        measures=measures,
        ignored_areas=None if ignored is None else IgnoredAreas(ignored, placement.mask_to_candidate(ignored)),
    )


def _measure(
    registered: RegisteredPair, size: tuple[int, int], options: Options, backend: Backend
) -> tuple[dict[str, float], tuple[str, ...]]:
    """The measures of a pair of that size, and notes on them."""
    if not (names := measured(options)):
        return {}, ()
    from diffspot.pipeline.measures import describe_measures, measure_pair  # noqa: PLC0415  most runs ask for none

    measures = measure_pair(registered, names, backend, model=options.lpips_model)
    return measures, describe_measures(measures, size)


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
