"""The pipeline: names its seven stages in order; each is in the file that it is imported from."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from diffspot.options.options import measured
from diffspot.options.types import split_filter
from diffspot.pipeline.batch import Request
from diffspot.pipeline.comparison import Comparison, unchanged
from diffspot.pipeline.compression import compressed_alike, with_compression
from diffspot.pipeline.deadline import check_deadline
from diffspot.pipeline.derived import kept
from diffspot.pipeline.detection import detect
from diffspot.pipeline.filtering import prepared
from diffspot.pipeline.ignored import equal_outside, exclude_ignored, ignored_share
from diffspot.pipeline.layout import looks_rendered
from diffspot.pipeline.maps import make_maps, unchanged_maps
from diffspot.pipeline.movement import with_movement
from diffspot.pipeline.normalization import normalize_pair
from diffspot.pipeline.palettes import in_one_palette
from diffspot.pipeline.parameters import describe_scores, estimate_parameters, tolerating
from diffspot.pipeline.placement import describe_motion, find_motion, place
from diffspot.pipeline.preparation import common_form, in_full_range
from diffspot.pipeline.regions import sorted_regions, to_regions, without_large
from diffspot.pipeline.shadows import even_light, forgiven_light
from diffspot.pipeline.verdict import judge

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Image, Normalization
    from diffspot.options.options import Options
    from diffspot.pipeline.compression import Alike
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.placement import Motion, Placement
    from diffspot.pipeline.preparation import CommonForm
    from diffspot.pipeline.shadows import Shadow
    from diffspot.pipeline.verdict import Verdict


class _Task(NamedTuple):
    """A pair and how it is compared; see `compare_images`. `rendered` is whether both look like rendered pages."""

    pair: CommonForm
    options: Options
    backend: Backend
    ignored: NDArray[np.bool_] | None
    spread: NDArray[np.uint8] | None
    rendered: bool
    keep: bool

    @property
    def normalizes(self) -> bool:
        """Whether another light is taken out; rendered pages have none."""
        return self.options.normalize == "auto" and not self.rendered


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
    pair = in_full_range(common_form(reference, candidate))
    if equal_outside(pair.reference, pair.candidate, ignored):
        return unchanged(pair.size, pair.notes, ignored, measured(options), unchanged_maps(pair) if keep else None)
    rendered = looks_rendered(pair.reference) and looks_rendered(pair.candidate)
    motion = find_motion(pair.reference, pair.candidate, align=options.align, rendered=rendered)  # 1 registration
    task = _Task(pair, options, backend, ignored, spread, rendered, keep)
    return backend.with_memory(partial(_compare_registered, motion, task), pair.pixels)


def _compare_registered(motion: Motion, task: _Task) -> Comparison:
    """The stages from the warp on, of a pair whose motion is known; runs on the device."""
    pair, options, backend, rendered = task.pair, task.options, task.backend, task.rendered
    check_deadline()
    whole = place(pair.candidate, motion, pair.reference.shape[:2], backend)  # 1 registration, warped
    placement = exclude_ignored(whole, task.ignored, backend)
    alike = _compressed_alike(task, placement)
    reference, laid = (alike.reference, alike.candidate) if alike else (pair.reference, placement.candidate)
    normalized, light = _normalized(reference, replace(placement, candidate=laid), task)
    with kept(normalized.reference, normalized.candidate, normalized.valid):
        registered, shadows = _in_one_light(normalized, task)
        as_it_was = alike and measured(options)
        plain = _in_one_light(_normalized(pair.reference, placement, task)[0], task)[0] if as_it_was else registered
        measures, told = _measure(plain, task)
        resampled = whole.resampled or bool(alike and alike.traces)
        numbers = estimate_parameters(
            registered, options, backend, step=pair.step, resampled=resampled, rendered=rendered, keep=task.keep
        )
        verdict = _find(Request(registered, *numbers), placement, task)  # 2 to 7
    parameters, threshold = verdict.request.parameters, verdict.found.threshold
    judged, too_large = without_large(verdict.judged, pair.size, options.max_box)
    placed, too_long = placement.limited(options.min_area, options.max_box)
    regions = to_regions(
        judged, pair.size, placed.to_candidate, min_area=options.min_area, least=verdict.least, padding=options.padding
    )
    movement = with_movement(
        regions, pair, placed, most=options.max_shift, least_confidence=options.min_confidence, rendered=rendered
    )
    stretched = options.normalize == "stretch"
    scores = describe_scores(threshold, parameters, pair, stretched=stretched) if movement.lined_up else ()
    notes = (*pair.notes, *describe_motion(placement.registration), *movement.notes, *told, *scores)
    explained = verdict.explained
    if alike:
        before = backend.absdiff(backend.from_host(pair.reference), placement.candidate)
        explained = with_compression(explained, before, registered, threshold, backend)
    forgiven = (*explained, *forgiven_light(shadows, 255 * threshold), *placement.forgiven, *movement.forgiven)
    return Comparison(
        size=pair.size,
        registration=placement.registration,
        notes=tuple(dict.fromkeys(notes)),  # a metric and a measure may have the same to say
        normalization=light,
        tolerance=parameters.tolerance,
        threshold=round(threshold, 6),
        regions=sorted_regions(movement.regions),
        forgiven=forgiven if movement.lined_up else (),  # of two pictures that are no pair it says nothing
        over_max_box=too_large + too_long,
        lined_up=movement.lined_up,
        maps=make_maps(pair, whole, verdict, movement.regions, backend) if task.keep else None,
        ignored=ignored_share(placement.ignored),
        measures=measures,
        ignored_areas=placement.ignored_areas,
    )


def _compressed_alike(task: _Task, placement: Placement) -> Alike | None:
    """Both pictures in one compression or palette, unless options ask for the scores of the pictures as they are."""
    options = task.options
    automatic = options.normalize == "auto" and options.threshold == "auto" and options.filter == "none"
    if not automatic or task.spread is not None:  # a mean of captures is smooth, as what was compressed hard
        return None
    pictures = task.pair.reference, placement, task.backend
    return compressed_alike(*pictures) or in_one_palette(*pictures)


def _normalized(
    reference: NDArray[Any], placement: Placement, task: _Task
) -> tuple[RegisteredPair, Normalization | None]:
    return normalize_pair(reference, placement, task.backend, normalize=task.normalizes)


def _in_one_light(pair: RegisteredPair, task: _Task) -> tuple[RegisteredPair, list[Shadow]]:
    """The pair without soft shadows, stretched or filtered where that is asked for; and the shadows."""
    options, backend = task.options, task.backend
    evened, shadows = even_light(pair, backend) if task.normalizes else (pair, [])
    stretch = options.normalize == "stretch"
    return prepared(evened, backend, stretch=stretch, passing=split_filter(options.filter)), shadows


def _measure(registered: RegisteredPair, task: _Task) -> tuple[dict[str, float], tuple[str, ...]]:
    """The measures that are asked for, and notes on them."""
    if not (names := measured(task.options)):
        return {}, ()
    from diffspot.pipeline.measures import describe_measures, measure_pair  # noqa: PLC0415  most runs ask for none

    measures = measure_pair(registered, names, task.backend, model=task.options.lpips_model)
    return measures, describe_measures(measures, task.pair.size)


def _find(request: Request, placement: Placement, task: _Task) -> Verdict:
    """Stages 2 to 7; once more, with a tolerance, where the edges of a crisp pair wander all over."""
    found = detect(request, task.backend)  # 2 blur to 6 components
    verdict = judge(request, found, placement, task.backend, candidate=task.pair.candidate, spread=task.spread)
    if verdict is not None:
        return verdict
    tolerant = tolerating(request.parameters, request.pair, task.options, task.backend, step=task.pair.step)
    return _find(Request(request.pair, *tolerant), placement, task)
