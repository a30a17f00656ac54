"""The pipeline: names its seven stages in order; each is in the file that it is imported from."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from diffspot.options.options import measured
from diffspot.pipeline.batch import Request
from diffspot.pipeline.comparison import unchanged
from diffspot.pipeline.deadline import check_deadline
from diffspot.pipeline.detection import detect
from diffspot.pipeline.harmonization import harmonized
from diffspot.pipeline.ignored import equal_outside, exclude_ignored
from diffspot.pipeline.layout import looks_rendered
from diffspot.pipeline.maps import make_maps, unchanged_maps
from diffspot.pipeline.measures import measure
from diffspot.pipeline.movement import judge_parts, with_movement
from diffspot.pipeline.parameters import estimate_parameters, find_leeway, is_automatic, tolerating
from diffspot.pipeline.placement import find_motion, place, with_ends, with_parts
from diffspot.pipeline.preparation import common_form, in_brightness, in_full_range
from diffspot.pipeline.regions import to_regions, without_large
from diffspot.pipeline.result import compared
from diffspot.pipeline.stood import with_stood
from diffspot.pipeline.stripes import on_stripes
from diffspot.pipeline.verdict import find_drawing, judge, judge_drawing, judge_scans
from diffspot.pipeline.verdict.dust import may_be_dusty, without_dust
from diffspot.pipeline.verdict.interface import Tally
from diffspot.pipeline.verdict.strokes import is_bilevel

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Image
    from diffspot.options.options import Options
    from diffspot.pipeline.batch import Found
    from diffspot.pipeline.comparison import Comparison
    from diffspot.pipeline.harmonization import Harmonized
    from diffspot.pipeline.movement import Movement
    from diffspot.pipeline.parameters import Leeway
    from diffspot.pipeline.placement import Motion, Placement
    from diffspot.pipeline.preparation import CommonForm
    from diffspot.pipeline.verdict import Verdict
    from diffspot.pipeline.verdict.marks import Drawing


class _Task(NamedTuple):
    """A pair and how it is compared; see `compare_images`.

    Attributes:
        rendered: whether both look like rendered pages.
        bilevel: whether the candidate is in black and white.
        drawing: see `find_drawing`.
    """

    pair: CommonForm
    options: Options
    backend: Backend
    ignored: NDArray[np.bool_] | None
    spread: NDArray[np.uint8] | None
    rendered: bool
    bilevel: bool
    drawing: Drawing | None
    leeway: Leeway
    keep: bool


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
    bilevel = is_bilevel(pair.candidate)
    leeway = find_leeway(options, rendered=rendered, varies=spread is not None, bilevel=bilevel)
    pair = in_brightness(pair, ignored) if leeway.brightness else pair
    plain = spread is None and is_automatic(options) and not any(pair.compressions)
    drawing = find_drawing(pair.reference, pair.candidate) if plain else None
    align = "none" if drawing else options.align
    if drawing:  # once it is scaled or blurred a stroke of another width agrees
        leeway = leeway.nothing()
    motion = find_motion(pair.reference, pair.candidate, align=align, rendered=rendered)  # 1 registration
    task = _Task(pair, options, backend, ignored, spread, rendered, bilevel, drawing, leeway, keep)
    return backend.with_memory(partial(_compare_registered, motion, task), pair.pixels)


def _compare_registered(motion: Motion, task: _Task) -> Comparison:
    """The stages from the warp on, of a pair whose motion is known; runs on the device."""
    check_deadline()
    pair, backend = task.pair, task.backend
    whole = place(pair.candidate, motion, pair.reference.shape[:2], backend)  # 1 registration, warped
    whole = whole.with_drift(task.options.max_shift)
    if task.rendered and task.options.align == "auto":
        whole = with_ends(whole, pair.reference.shape[:2], pair.candidate.shape[:2])
    whole = on_stripes(pair.reference, whole, backend)
    if task.rendered:
        whole = with_stood(pair.reference, pair.candidate, whole, motion, backend)
    placement = exclude_ignored(whole, task.ignored, backend)
    if placement.resampled and not task.bilevel:  # paper is as even as a rendered page, but then it was scanned
        task = task._replace(
            leeway=find_leeway(task.options, rendered=False, varies=task.spread is not None, bilevel=False)
        )
    with harmonized(
        pair.reference, placement, backend, task.leeway, pair.compressions
    ) as even:  # one compression, light, sharpness
        names, model = measured(task.options), task.options.lpips_model
        measures, told = measure(even.plain, names, pair.size, backend, model=model)
        request = _request(even, placement, task)
        scanned = judge_scans(request, backend, spread=task.spread) if task.bilevel else None  # 7 verdict, of ink alone
        if task.drawing and (task.drawing.redrawn or not request.parameters.crisp) and not scanned:
            scanned = judge_drawing(request, task.drawing.marks, backend)
        laid = None if scanned else _with_parts(request, placement, task)
        if laid is None:
            verdict = scanned or _find(request, placement, task)  # 2 blur to 7 verdict
    if laid is not None:
        placement = laid
        with harmonized(pair.reference, placement, backend, task.leeway, pair.compressions) as even:
            verdict = _find(_request(even, placement, task), placement, task)
    movement, over_max_box = _regions(verdict, placement, task)  # 8 regions
    maps = make_maps(pair, whole, verdict, movement.regions, backend) if task.keep else None
    result = compared(pair, placement, even, verdict, movement, told=told, backend=backend)
    return replace(result, measures=measures, over_max_box=over_max_box, maps=maps)


def _with_parts(request: Request, placement: Placement, task: _Task) -> Placement | None:
    """The candidate with its parts laid back; None where none moved, and where the verdict can tell what did."""
    parameters = request.parameters
    if not (task.rendered and parameters.noisy) or placement.resampled or task.spread is not None:
        return None  # how far parts move among good captures is in the spread
    return with_parts(task.pair.reference, placement, task.backend, join=parameters.join)


def _request(even: Harmonized, placement: Placement, task: _Task) -> Request:
    """The pair with its parameters, in which every `auto` is a number."""
    numbers = estimate_parameters(
        even.pair,
        task.options,
        task.backend,
        step=task.pair.step,
        resampled=placement.resampled or even.traces or bool(placement.parts),
        rendered=task.rendered,
        sharpened=even.kernel is not None,
        keep=task.keep,
    )
    return Request(even.pair, *numbers, rims=[box for shadow in even.shadows for box in shadow.rim])


def _find(request: Request, placement: Placement, task: _Task) -> Verdict:
    """Stages 2 to 7; once more, with a tolerance, where the edges of a crisp pair wander all over."""
    candidate, spread = task.pair.candidate, task.spread
    found = detect(request, task.backend)  # 2 blur, 3 difference, 4 threshold, 5 morphology, 6 components
    request, found = _without_dust(request, found, placement, task)
    if task.pair.colours:
        found = found._replace(explained=[*found.explained, ("light", (0, 0, *task.pair.size), task.pair.colours)])
    verdict = judge(  # 7 verdict
        request, found, placement, task.backend, candidate=candidate, spread=spread, rendered=task.rendered
    )
    if verdict:
        return verdict
    tolerant = tolerating(request.parameters, request.pair, task.options, task.backend, step=task.pair.step)
    # Such a picture shows a thing that was made twice, and lies where it was put.
    return _find(Request(request.pair, *tolerant, rims=request.rims), placement, task)._replace(put=True)


def _without_dust(request: Request, found: Found, placement: Placement, task: _Task) -> tuple[Request, Found]:
    """The pair without the dust that lies on a scan, and what is found in it then; few pairs have any."""
    if (task.rendered and not placement.resampled) or not (request.parameters.noisy and may_be_dusty(found)):
        return request, found
    host, least = request.pair.to_host(task.backend), 255 * found.threshold
    pair, dust = without_dust(host, least, bilevel=task.bilevel, few=placement.resampled and not task.bilevel)
    if not dust.places:
        return request, found
    request = request._replace(pair=pair.from_host(task.backend))
    found = detect(request, task.backend)
    return request, found._replace(explained=[*found.explained, *dust.places])


def _regions(verdict: Verdict, placement: Placement, task: _Task) -> tuple[Movement, int]:
    """The regions of what nothing explains and of what moved, and how many are larger than `max_box`."""
    options, size = task.options, task.pair.size
    judged, too_large = without_large(verdict.judged, size, options.max_box)
    dropped = Tally([("small", one.bbox, one.area) for one in placement.shifts if one.area < options.min_area])
    placed, too_long = placement.limited(options.min_area, options.max_box)
    parts, within = judge_parts(placed.parts, most=options.max_shift)
    parts, too_wide = without_large(parts, size, options.max_box)
    least, padding, carry = verdict.least, options.padding, placed.whole_to_candidate or placed.to_candidate
    told = partial(to_regions, size=size, min_area=options.min_area, least=least, padding=padding, dropped=dropped)
    regions = told(judged, to_candidate=placed.to_candidate)
    most, confidence = options.max_shift, options.min_confidence
    rendered = task.rendered and not verdict.put
    movement = with_movement(regions, task.pair, placed, most=most, least_confidence=confidence, rendered=rendered)
    if not movement.lined_up:
        return movement, too_large + too_long
    regions = [*movement.regions, *told(parts, to_candidate=carry)]
    forgiven = *dropped.forgiven(), *movement.forgiven, *within.forgiven()
    return movement._replace(regions=regions, forgiven=forgiven), too_large + too_long + too_wide
