"""Changes below the threshold of a noisy pair, in places where noise is weaker than at its edges.

The threshold has to keep out what noise does at strong edges. It hides changes of even areas and soft drawings, where
noise does far less. So candidates below it are held to what noise does at the contrast around them; and only in pairs
that are quiet, where next to nothing comes near that: then what exceeds it is no tail of the noise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diffspot.pipeline.batch import Batch
from diffspot.pipeline.segmentation import MIN_WEIGHT
from diffspot.pipeline.tolerance import shared_contrast
from diffspot.pipeline.verdict.groups import joined, overlap
from diffspot.pipeline.verdict.noisy import CANDIDATE_SHARE, UNMOVED, is_speck, match_surroundings
from diffspot.pipeline.verdict.proposal import propose
from diffspot.pipeline.windows import find_parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diffspot.backends.components import Component
    from diffspot.backends.device import Numbers
    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.batch import Found
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.parameters import Limits, Parameters
    from diffspot.pipeline.verdict.noisy import Candidate
    from diffspot.pipeline.verdict.proposal import Proposed

WORTHWHILE = 1.05
"""Times the threshold of even areas that the one of the pair has to be, or else nothing lies between them."""
AROUND = 3
"""Px around a pixel within which contrast lends it noise: blur and misfit reach as far."""
NEARLY = 0.7
"""Share of what noise does at such a place that the strongest noise reaches."""
MOST_NEAR = 5
"""Candidates of that strength that a quiet pair has at most, or else what exceeds them may be the tail of the noise."""
BEYOND = 1.2
"""Times what noise does at such a place that a change reaches."""
LEAST_AREA, LEAST_SIDE = 32, 5
"""Px that such a change covers, and that its box measures at the least: what is left along a border is thinner."""
FILLED = 0.5
"""Share of its box that it covers: what noise and light leave is ragged."""


class _Place(NamedTuple):
    """A candidate, and the score that noise reaches at the contrast around it."""

    candidate: Candidate
    noise: float


def find_quiet(
    pair: RegisteredPair,
    found: Found,
    parameters: Parameters,
    limits: Limits,
    backend: Backend,
) -> list[Component]:
    """The components of a noisy pair, and with them what differs by less than its threshold in quiet places.

    Args:
        pair: a single one.
        found: what passes the threshold, and all that came near to it.
        parameters: by which it was found.
        limits: of the pair, plain numbers.
        backend: what the pair lives on.
    """
    components = list(found.components)
    if limits.threshold < WORTHWHILE * limits.even_threshold:
        return components
    known = [box for box, *_ in (*found.components, *found.shadows)]
    # Most pairs end here: what exceeds noise has a core that does, and few px are as strong as that.
    if all(_meets(core, known) for core in _cores(pair, found, parameters, limits, backend)):
        return components
    return with_quiet_places(pair, found, parameters, limits, backend)


def with_quiet_places(
    pair: RegisteredPair, found: Found, parameters: Parameters, limits: Limits, backend: Backend
) -> list[Component]:
    """The components, and those that differ by less than the threshold in quiet places; see `find_quiet`."""
    components = list(found.components)
    known = [box for box, *_ in (*found.components, *found.shadows)]
    places, near = [], 0
    for place in _places(pair, parameters, limits, backend):
        if _meets(place.candidate.box, known):
            continue
        places.append(place)
        near += _is_near(place)
        if near > MOST_NEAR:
            return components
    more = [place.candidate for place in places if _is_change(place, pair, parameters, backend)]
    each = [(one.box, one.area, one.peak, one.weight / one.area) for one in more]
    return joined(components, each, parameters.join)


def _meets(one: Box, found: Sequence[Box]) -> bool:
    return any(overlap(one, box) for box in found)


def _cores(
    pair: RegisteredPair, found: Found, parameters: Parameters, limits: Limits, backend: Backend
) -> Iterator[Box]:
    """Boxes of what exceeds the noise of even areas as far as a change does: each change holds one of them."""
    least = BEYOND * limits.even_threshold
    if least >= CANDIDATE_SHARE * limits.threshold:  # then the candidates that there were have all of them
        yield from (box for box, peak in found.peaks if peak > least)
        return
    for one in _proposed(least / CANDIDATE_SHARE, pair, parameters, limits, backend):
        yield from (candidate.box for candidate, _ in one.candidates())


def _proposed(
    threshold: Numbers, pair: RegisteredPair, parameters: Parameters, limits: Limits, backend: Backend
) -> Iterator[Proposed]:
    """The candidates of a pair under another threshold."""
    share = threshold / limits.threshold
    low = limits._replace(threshold=threshold, least_difference=limits.least_difference * share)
    batch = Batch(pair, parameters, low)
    for part in find_parts(pair.difference, backend, parameters.reach):
        yield from propose(batch, part, backend)


def _places(pair: RegisteredPair, parameters: Parameters, limits: Limits, backend: Backend) -> Iterator[_Place]:
    """All candidates that pass the threshold of even areas, or come near to it."""
    for one in _proposed(limits.even_threshold, pair, parameters, limits, backend):
        r, c = (backend.gaussian_blur(side, parameters.sigma) for side in (one.cut.reference, one.cut.candidate))
        contrast = shared_contrast(r, c, AROUND, backend).astype(np.float32) / np.float32(255)
        most = backend.components(one.labels, len(one.weights), contrast).peaks
        for (candidate, _), near in zip(one.candidates(), most.tolist(), strict=True):
            noise = max(limits.even_threshold, limits.edge_noise * near)
            yield _Place(candidate, min(noise, limits.threshold))


def _is_near(place: _Place) -> bool:
    """Whether a candidate is as strong as the strongest noise."""
    candidate, noise = place
    return NEARLY * noise < candidate.peak <= noise


def _is_change(place: _Place, pair: RegisteredPair, parameters: Parameters, backend: Backend) -> bool:
    """Whether a candidate of a quiet pair is a change."""
    candidate, noise = place
    width, height = candidate.box[2:]
    if candidate.peak <= BEYOND * noise or candidate.weight <= MIN_WEIGHT * noise:
        return False
    if min(width, height) < LEAST_SIDE or candidate.area < max(LEAST_AREA, FILLED * width * height):
        return False
    if is_speck(pair, candidate, backend):
        return False
    return match_surroundings(pair, candidate.box, backend, sigma=parameters.sigma).left > UNMOVED
