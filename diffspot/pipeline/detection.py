"""Stages 2 to 6: where a registered pair differs."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from diffspot.pipeline.batch import Found, KeptMask, make_batch, per_request
from diffspot.pipeline.deadline import check_deadline
from diffspot.pipeline.difference import blurred_difference, score
from diffspot.pipeline.segmentation import (
    active_pixels,
    find_components,
    find_thresholds,
    make_mask,
)
from diffspot.pipeline.verdict.candidates import find_in_noise
from diffspot.pipeline.windows import find_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.device import Numbers
    from diffspot.backends.interface import Backend
    from diffspot.pipeline.batch import Batch, Request
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.parameters import Limits, Parameters


def detect(request: Request, backend: Backend) -> Found:
    """Stages 2 to 6 of one pair, alone or with others."""
    return backend.batched(partial(find_differences, backend=backend), request, request.batch_key)


def find_differences(requests: Sequence[Request], backend: Backend) -> list[Found]:
    """Stages 2 to 6, from the blur to the components, for requests whose `batch_key` is equal."""
    batch = make_batch(requests, backend)
    pair, parameters, limits = batch.pair, batch.parameters, batch.limits
    components: list[list[Component]] = [[] for _ in requests]
    if parameters.noisy:
        return find_in_noise(batch, backend)
    thresholds, kept = limits.threshold, KeptMask(batch, backend)
    for part in find_parts(pair.difference, backend, parameters.reach):
        check_deadline()
        near = pair.crop(part.place)
        plain = blurred_difference(near, backend, sigma=parameters.sigma, least=limits.least_plain)  # 2 blur
        active = part.owned(_active(plain, backend, parameters, limits) & near.valid)
        # Noise differs everywhere but passes the threshold in few places: scores, mask and labels are made for those.
        for spot in find_parts(active, backend, parameters.reach):
            cut = near.crop(spot.place), plain[spot.place], active[spot.place]
            thresholds, scores, mask = _make_mask(*cut, batch, backend)
            mask = spot.owned(mask)
            if mask.any():
                (x, y), (left, top) = part.origin, spot.origin
                kept.add(mask, (x + left, y + top))
                table = find_components(mask, scores, backend, parameters.join, (x + left, y + top))  # 6 components
                for index, found in enumerate(components):
                    found.extend(table.of(index))
    explained: list[list[Any]] = [[] for _ in requests]
    return list(map(Found, per_request(thresholds), components, explained, kept.of_each(len(requests))))


def _make_mask(
    pair: RegisteredPair, plain: NDArray[Any], active: NDArray[Any], batch: Batch, backend: Backend
) -> tuple[Numbers, NDArray[Any], NDArray[Any]]:
    """Stages 3 to 5 of a part of the pictures: thresholds, scores, and the mask without what is ignored."""
    parameters, limits = batch.parameters, batch.limits
    scores = score(pair, active, backend, parameters, limits)  # 3 difference
    # 4 threshold. A quantile is taken over all scores: then the whole is the only part, see `Parameters.reach`.
    thresholds = find_thresholds(scores, pair.valid, backend, quantile=parameters.quantile, threshold=limits.threshold)
    mask = make_mask(  # 5 morphology
        scores, plain, thresholds, backend, parameters.morphology, weak=not parameters.fixed
    )
    return thresholds, scores, mask if pair.ignored is None else mask & ~pair.ignored


def _active(plain: NDArray[Any], backend: Backend, parameters: Parameters, limits: Limits) -> NDArray[Any]:
    """(..., H, W) bool: pixels whose score can change the mask; under a fixed threshold, those that score at all."""
    if parameters.fixed:
        if math.isinf(parameters.spread):
            return backend.xp.ones(plain.shape, bool)  # type: ignore[no-any-return]
        return backend.dilate(plain > 0, 2 * int(parameters.spread) + 1)
    possible = backend.reaching(plain, limits.least_difference)
    return active_pixels(possible, backend, parameters.morphology)
