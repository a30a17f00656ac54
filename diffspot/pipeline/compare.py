"""The pipeline: names its seven stages in order."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from diffspot.model import IgnoredAreas
from diffspot.options.options import measured
from diffspot.options.types import split_filter
from diffspot.pipeline.comparison import Comparison, unchanged
from diffspot.pipeline.deadline import check_deadline
from diffspot.pipeline.derived import kept, once
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
    from diffspot.pipeline.movement import Movement
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.parameters import Limits, Parameters
    from diffspot.pipeline.placement import Placement
    from diffspot.pipeline.preparation import CommonForm
    from diffspot.pipeline.verdict import Judged


@dataclass(frozen=True, slots=True)
class _Task:
    """A pair and how it is compared; see `compare_images`. `rendered` is whether both look like rendered pages."""

    pair: CommonForm
    options: Options
    backend: Backend
    ignored: NDArray[np.bool_] | None
    spread: NDArray[np.uint8] | None
    rendered: bool
    keep: bool


class _Differences(NamedTuple):
    """What differs, by which numbers it was found, what of it nothing explains, and what was explained."""

    parameters: Parameters
    limits: Limits
    found: Found
    judged: list[Judged]
    explained: tuple[Forgiven, ...]


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
    task = _Task(pair, options, backend, ignored, spread, rendered, keep)
    return backend.with_memory(partial(_compare_registered, motion, task), pair.pixels)


def _compare_registered(motion: Registration | Bands, task: _Task) -> Comparison:
    """Stages 1 (warp) to 8 for a pair whose motion is known; runs on the device."""
    pair, options, backend, ignored = task.pair, task.options, task.backend, task.ignored
    check_deadline()
    whole = placement = place(pair.candidate, motion, pair.reference.shape[:2], backend)  # 1 registration, warped
    if ignored is not None:
        placement = exclude_ignored(placement, ignored, backend)
    normalize = options.normalize == "auto" and not task.rendered
    registered, light = normalize_pair(pair.reference, placement, backend, normalize=normalize, ignored=ignored)
    with kept(registered.reference, registered.candidate, registered.valid):
        registered, shadows = even_light(registered, backend) if normalize else (registered, [])
        registered = prepared(
            registered, backend, stretch=options.normalize == "stretch", passing=split_filter(options.filter)
        )
        measures, told = _measure(registered, pair.size, options, backend)
        parameters, limits = estimate_parameters(
            registered, options, backend, step=pair.step, resampled=placement.resampled, rendered=task.rendered
        )
        differences = _find(registered, replace(parameters, keep=task.keep), limits, placement, task)  # 2 to 7
    judged, varying = without_varying(differences.judged, registered, task.spread, backend)
    judged, large = without_large(judged, pair.size, options.max_box)
    movement = _boxes(judged, differences, placement, task)  # 8 boxes
    parameters, threshold = differences.parameters, differences.found.threshold
    notes = (*pair.notes, *describe_motion(placement.registration), *movement.notes, *told)
    forgiven: tuple[Forgiven, ...] = ()
    if movement.lined_up:  # of two pictures that are no pair the rest says nothing
        notes = (*notes, *describe_threshold(threshold, parameters), *parameters.metric.describe(pair.size))
        shaded = forgiven_light(shadows, 255 * threshold)
        explained = (*differences.explained, *differences.found.explained)
        forgiven = (*explained, *varying, *shaded, *placement.forgiven, *movement.forgiven)
    maps = None
    if task.keep:
        maps = make_maps(
            pair,
            whole,
            registered,
            found=differences.found,
            regions=movement.regions,
            parameters=parameters,
            limits=differences.limits,
            backend=backend,
        )
    return Comparison(
        size=pair.size,
        registration=placement.registration,
        notes=tuple(dict.fromkeys(notes)),  # a metric and a measure may have the same to say
        normalization=light,
        tolerance=parameters.tolerance,
        threshold=round(threshold, 6),
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
    registered: RegisteredPair, parameters: Parameters, limits: Limits, placement: Placement, task: _Task
) -> _Differences:
    """Stages 2 to 7."""
    found = detect(registered, parameters, limits, task.backend)  # 2 to 6
    method = placement.registration.method
    bands, drift = placement.bands, None
    if bands and bands.drifts:
        drift = Drift(to_levels(task.pair.candidate), placement.to_candidate, bands.rounded)
    verdict = judge(found.components, registered, parameters, found.threshold, task.backend, method=method, drift=drift)
    if verdict is None:
        tolerant = tolerating(parameters, registered, task.options, task.backend, step=task.pair.step)
        return _find(registered, *tolerant, placement, task)
    return _Differences(parameters, limits, found, *verdict)


def _boxes(judged: list[Judged], differences: _Differences, placement: Placement, task: _Task) -> Movement:
    """Stage 8: the regions, those of movement among them, and what there is to say of movement."""
    options, parameters = task.options, differences.parameters
    regions = to_regions(
        judged,
        task.pair.size,
        placement.to_candidate,
        min_area=options.min_area,
        least_score=0 if parameters.fixed else differences.found.threshold,
        padding=options.padding,
        nested=parameters.fixed,
    )
    return with_movement(
        with_stretches(regions, placement.shifts),
        task.pair,
        placement,
        most=options.max_shift,
        least_confidence=options.min_confidence,
        rendered=task.rendered,
        ignored=task.ignored,
    )
