"""What a camera or a program writes over its picture stays where it is when the scene behind it moves.

Crosshairs, clocks and scales are laid with the scene, as far as it moved, and differ then; where neither picture is
laid they agree.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.backends.channels import largest
from diffspot.model import IDENTITY
from diffspot.pipeline.verdict.interface import Tally

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.placement import Placement

MOVED = 0.25
"""Share of its sides by which a component is moved at most: what was added to one picture covers (3/4) ** 2 of its box
then in the pictures as they were, too, more than `LEFT`."""
LEFT = 0.5
"""Share of the px of a component that still differ in the pictures as they were, those of the scene behind it."""
AGREEING = 0.3
"""Share of its difference that is left of such a place in the pictures as they were, in the median: a mark has none of
the scene's light, and agrees to the noise; a thing in another colour may by chance, in another light, to half of it."""
SHOWN = 0.5
"""Share of the strongest difference by which such a place contrasts in each of the pictures as they were: both have the
mark. What was added to one of them has plain ground, or weaker structure, under it in the other."""


def without_overlays(
    components: Sequence[Component],
    pair: RegisteredPair,
    placement: Placement,
    candidate: NDArray[Any],
    *,
    threshold: float,
    backend: Backend,
) -> tuple[list[Component], Tally]:
    """The components that differ in the pictures as they were, too, and what was explained.

    Args:
        components: of a noisy pair.
        pair: a single one, registered.
        placement: how the candidate was laid over the reference.
        candidate: (h, w, C) uint8 or uint16, before it was laid; one of another size has another frame.
        threshold: a score.
        backend: what the pair lives on.
    """
    reference, tally = pair.reference, Tally()
    alike = candidate.shape == reference.shape and candidate.dtype == np.uint8 == reference.dtype
    if placement.registration.matrix == IDENTITY or not alike:
        return list(components), tally
    kept: list[Component] = []
    for component in components:
        (left, top, width, height), (right, down, *_) = component[0], placement.to_candidate(component[0])
        box = slice(top, top + height), slice(left, left + width)
        inner, here = backend.to_host(pair.difference[box]), backend.to_host(reference[box])
        differing = int(np.count_nonzero(inner > 255 * threshold))
        as_it_was = largest(cv2.absdiff(here, candidate[box]).reshape(here.shape))
        near = abs(right - left) <= MOVED * width and abs(down - top) <= MOVED * height
        agree = _agrees(as_it_was, inner, 255 * threshold)
        if near and agree and min(_contrast(here), _contrast(candidate[box])) >= SHOWN * inner.max():
            tally.add("movement", component[0], differing)
        else:
            kept.append(component)
    return kept, tally


def _agrees(as_it_was: NDArray[Any], laid: NDArray[Any], limit: float) -> bool:
    """Whether of a place that was laid, (h, w) levels, fewer px differ as it was, and those that do by far less."""
    differs = laid > limit
    if np.count_nonzero(as_it_was > limit) > LEFT * np.count_nonzero(differs):
        return False
    return not differs.any() or float(np.median(as_it_was[differs])) <= AGREEING * float(np.median(laid[differs]))


def _contrast(place: NDArray[Any]) -> int:
    """The most levels by which a channel of a place (h, w, C) varies in it."""
    return int(np.ptp(place.reshape(-1, place.shape[-1]), axis=0).max())
