"""The pipeline: names its seven stages in order."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from diffspot.model import IgnoredAreas
from diffspot.pipeline.batch import Found, Request, make_batch, per_request
from diffspot.pipeline.comparison import Comparison, unchanged
from diffspot.pipeline.difference import blurred_difference, score
from diffspot.pipeline.ignored import equal_outside, exclude_ignored, ignored_share
from diffspot.pipeline.layout import looks_rendered
from diffspot.pipeline.movement import with_movement
from diffspot.pipeline.normalization import normalize_pair
from diffspot.pipeline.parameters import estimate_parameters
from diffspot.pipeline.placement import describe_motion, find_motion, place
from diffspot.pipeline.preparation import common_form
from diffspot.pipeline.regions import sorted_regions, to_regions, with_stretches
from diffspot.pipeline.segmentation import (
    active_pixels,
    find_components,
    find_thresholds,
    make_mask,
)
from diffspot.pipeline.shadows import even_light, forgiven_light
from diffspot.pipeline.verdict import judge
from diffspot.pipeline.verdict.candidates import find_in_noise
from diffspot.pipeline.windows import find_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Image, Registration
    from diffspot.options.options import Options
    from diffspot.pipeline.layout import Bands
    from diffspot.pipeline.parameters import Limits, Parameters
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
    placement = place(pair.candidate, motion, pair.reference.shape[:2], backend)  # 1 registration, warped
    if ignored is not None:
        placement = exclude_ignored(placement, ignored, backend)
    normalize = options.normalize == "auto" and not rendered
    registered, light = normalize_pair(pair.reference, placement, backend, normalize=normalize, ignored=ignored)
    registered, shadows = even_light(registered, backend) if normalize else (registered, [])
    parameters, limits = estimate_parameters(
        registered, options, backend, step=pair.step, resampled=placement.resampled, rendered=rendered
    )
    request = Request(registered, parameters, limits)
    found = backend.batched(partial(find_differences, backend=backend), request, request.batch_key)  # 2 to 6
    judged, explained = judge(  # 7 verdict
        found.components,
        registered,
        parameters,
        found.threshold,
        backend,
        laid=placement.registration.method != "none",
        drifted=bool(placement.forgiven),
    )
    regions = to_regions(  # 8 boxes
        judged,
        pair.size,
        placement.to_candidate,
        min_area=options.min_area,
        least_score=found.threshold if options.floor == "auto" else 0,
        padding=options.padding,
    )
    regions, moved, notes = with_movement(
        with_stretches(regions, placement.shifts), pair, placement, most=options.max_shift, rendered=rendered
    )
    return Comparison(
        size=pair.size,
        registration=placement.registration,
        notes=(*pair.notes, *describe_motion(placement.registration), *notes),
        normalization=light,
        tolerance=parameters.tolerance,
        threshold=round(found.threshold, 6),
        regions=sorted_regions(regions),
        forgiven=(
            *explained,
            *forgiven_light(shadows, 255 * found.threshold),
            *found.explained,
            *placement.forgiven,
            *moved,
        ),
        ignored=ignored_share(ignored),
        ignored_areas=None if ignored is None else IgnoredAreas(ignored, placement.mask_to_candidate(ignored)),
    )


def find_differences(requests: Sequence[Request], backend: Backend) -> list[Found]:
    """Stages 2 to 6, from the blur to the components, for requests whose `batch_key` is equal."""
    batch = make_batch(requests, backend)
    pair, parameters, limits = batch.pair, batch.parameters, batch.limits
    components: list[list[Component]] = [[] for _ in requests]
    if parameters.noisy:
        return find_in_noise(batch, backend)
    thresholds = limits.floor
    for part in find_parts(pair.difference, backend, parameters.reach):
        cut = pair.crop(part.place)
        plain = blurred_difference(cut, backend, sigma=parameters.sigma)  # 2 blur
        active = _active(plain, backend, parameters, limits) & cut.valid
        scores = score(cut, active, backend, parameters, limits)  # 3 difference
        # 4 threshold. A quantile is taken over all scores: then the whole is the only part, see `Parameters.reach`.
        thresholds = find_thresholds(
            scores, cut.valid, backend, quantile=parameters.quantile, floor=limits.floor, ceiling=parameters.ceiling
        )
        mask = make_mask(scores, plain, thresholds, backend, parameters.morphology)  # 5 morphology
        mask = part.owned(mask if cut.ignored is None else mask & ~cut.ignored)
        if mask.any():
            table = find_components(mask, scores, backend, parameters.join, part.origin)  # 6 components
            for index, found in enumerate(components):
                found.extend(table.of(index))
    return list(map(Found, per_request(thresholds), components))


def _active(plain: NDArray[Any], backend: Backend, parameters: Parameters, limits: Limits) -> NDArray[Any]:
    """(..., H, W) bool: pixels whose score can change the mask, or the quantile where one is taken."""
    if parameters.quantile is not None:
        return plain > 0
    possible = plain >= backend.as_scalars(limits.least_difference, plain)
    return active_pixels(possible, backend, parameters.morphology)
