"""THE pipeline: names the stages in order."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.backends.groups import ALL
from diffspot.model import IgnoredAreas, Registration
from diffspot.pipeline.comparison import Comparison
from diffspot.pipeline.ignored import equal_outside, exclude_ignored
from diffspot.pipeline.layout import looks_rendered
from diffspot.pipeline.placement import add_excess, describe_motion, find_motion, place
from diffspot.pipeline.preparation import common_form
from diffspot.pipeline.registered import in_one_light
from diffspot.pipeline.scoring import blurred_difference, score
from diffspot.pipeline.segmentation import deciding, find_components, make_mask, sorted_regions, to_regions
from diffspot.pipeline.stack import Asked, Found, make_stack, numbers
from diffspot.pipeline.terms import find_terms
from diffspot.pipeline.threshold import find_threshold
from diffspot.pipeline.windows import find_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.device import Numbers
    from diffspot.backends.groups import Group
    from diffspot.backends.interface import Backend
    from diffspot.model import Image, Region
    from diffspot.options.options import Options
    from diffspot.pipeline.layout import Bands
    from diffspot.pipeline.stack import Stack

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
    motion = find_motion(first, second, align=options.align, rendered=any(rendered))
    lit = options.normalize == "auto" and not all(rendered)
    compared = partial(_compared, first, second, motion, options, backend, ignored=ignored, lit=lit)
    comparison = backend.on_device(compared, max(first[..., 0].size, second[..., 0].size))
    return replace(comparison, notes=(*notes, *comparison.notes), ignored=share)


def _compared(
    first: NDArray[Any],
    second: NDArray[Any],
    motion: Registration | Bands,
    options: Options,
    backend: Backend,
    *,
    ignored: NDArray[np.bool_] | None,
    lit: bool,
) -> Comparison:
    """What there is to find out about two pictures in one form, on the device, once it is known how they moved."""
    size = (first.shape[1], first.shape[0])
    placement = place(second, motion, first.shape[:2], backend)
    if ignored is not None:
        placement = exclude_ignored(placement, ignored, backend)
    pair, light = in_one_light(first, placement, backend, ignored=ignored, lit=lit)
    terms, noise = find_terms(pair, options, backend, step=1 / np.iinfo(first.dtype).max, resampled=placement.resampled)
    asked = Asked(pair, terms, noise, options, placement.to_candidate)
    found = backend.together(partial(find_differences, backend=backend), asked, asked.alike)
    return Comparison(
        size,
        placement.registration,
        describe_motion(placement.registration),
        light,
        terms.tolerance,
        round(found.threshold, 6),
        sorted_regions(add_excess([*found.regions, *placement.shifts], placement, size, most=options.max_shift)),
        hidden=None if ignored is None else IgnoredAreas(ignored, placement.mask_to_candidate(ignored)),
    )


def find_differences(asked: Sequence[Asked], backend: Backend) -> list[Found]:
    """Stages 2 to 6, from the blur to the regions, for a stack of pairs that are alike."""
    stack = make_stack(asked, backend)
    parts = [_scored(stack, part, backend) for part in find_parts(stack.pair.differs, backend, stack.terms.reach)]
    thresholds = list(_thresholds(stack, parts, backend))
    regions: list[list[Region]] = [[] for _ in asked]
    for part in parts:
        mask = _mask(stack, part, numbers(thresholds), backend)
        if not mask.any():
            continue
        table = find_components(mask, part.scores, backend, stack.terms.join)
        for number, (one, threshold) in enumerate(zip(asked, thresholds, strict=True)):
            regions[number] += _regions(one, table.of(number), part.group.origin, threshold)
    return list(map(Found, thresholds, regions))


class _Scored(NamedTuple):
    """A part of a pair or of a stack, its scores and its plain differences, (..., H, W)."""

    group: Group
    scores: NDArray[Any]
    plain: NDArray[Any]


def _scored(stack: Stack, part: Group, backend: Backend) -> _Scored:
    """Blur, tolerance and score map of a part, the latter only where it can decide anything."""
    pair, terms = stack.pair, stack.terms
    r, c, differs, valid = (plane[part.place] for plane in (pair.reference, pair.candidate, pair.differs, pair.valid))
    plain = blurred_difference(r, c, differs, valid, backend, sigma=terms.sigma)
    if terms.every_score:
        where = plain > 0
    else:
        where = deciding(plain >= backend.against(stack.gate, plain), backend, terms.morphology)
    scores = score(
        r,
        c,
        backend.xp.logical_and(where, valid),
        terms.metric,
        backend,
        sigma=terms.sigma,
        tolerance=terms.tolerance,
        wander=stack.wander,
        least=stack.least,
    )
    return _Scored(part, scores, plain)


def _thresholds(stack: Stack, parts: Sequence[_Scored], backend: Backend) -> Iterator[float]:
    """The threshold of each pair; where it depends on scores, there is one part, or none as nothing differs."""
    if parts:
        scores, valid = parts[0].scores, stack.pair.valid[parts[0].group.place]
    else:
        scores, valid = backend.xp.zeros(0, np.float32), backend.xp.zeros(0, bool)
    for number, one in enumerate(stack.asked):
        own = number if len(stack.asked) > 1 else ...
        yield find_threshold(
            scores[own],
            valid[own],
            backend,
            quantile=one.options.quantile,
            floor=one.options.floor,
            ceiling=one.options.ceiling,
            noise_floor=one.terms.metric.floor(one.noise),
        )


def _mask(stack: Stack, part: _Scored, threshold: Numbers, backend: Backend) -> NDArray[Any]:
    """The mask of a part, less what belongs to others or is ignored."""
    mask = make_mask(part.scores, part.plain, threshold, backend, stack.terms.morphology)
    if stack.pair.ignored is not None:
        mask &= ~stack.pair.ignored[part.group.place]
    return mask if part.group is ALL else backend.xp.logical_and(mask, part.group.own)


def _regions(asked: Asked, components: Iterable[Component], origin: tuple[int, int], threshold: float) -> list[Region]:
    """The regions of one pair in one part that starts at (x, y)."""
    height, width = asked.pair.valid.shape
    return to_regions(
        components,
        origin=origin,
        size=(width, height),
        min_area=min(asked.options.min_area, width * height),
        min_weight=MIN_WEIGHT * threshold if asked.options.floor == "auto" else 0,
        padding=asked.options.padding,
        to_candidate=asked.to_candidate,
    )
