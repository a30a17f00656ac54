"""What differs by more than the threshold and that neither a region holds nor a cause explains: tolerance took it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from diffspot.backends.interface import blur_radius
from diffspot.model import Forgiven
from diffspot.pipeline.areas import covering
from diffspot.pipeline.boxes import widened
from diffspot.pipeline.difference import blurred_difference
from diffspot.pipeline.explained import places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.interface import Tally


def find_untold(
    pair: RegisteredPair,
    regions: Iterable[Box],
    told: Tally,
    limit: float,
    backend: Backend,
    *,
    sigma: float,
    still: bool,
) -> tuple[Forgiven, ...]:
    """The px of a pair with a tolerance that differ without a word, counted by cause; none where there are none.

    Args:
        pair: a single one.
        regions: boxes, px, of what nothing explains.
        told: what was explained, place by place.
        limit: levels above which a pixel differs, once both pictures are blurred.
        backend: what the pair lives on.
        sigma: of the blur, px.
        still: whether the candidate was compared where it lay, or moved by whole px.
    """
    if not backend.exceeding(pair.difference, limit).any():  # a blur brings nothing above its highest
        return ()
    blurred = blurred_difference(pair, backend, sigma=sigma, least=limit)
    strong = backend.to_host(backend.exceeding(blurred, limit))  # nothing is outside the valid area
    size, rim = (strong.shape[1], strong.shape[0]), blur_radius(sigma)  # a blur carries a difference beyond its box
    strong = strong & ~covering((widened(box, rim, size) for box in regions), strong.shape)
    explained = told.forgiven()
    held = covering((widened(box, rim, size) for _, box, _ in told.places), strong.shape)
    return (*_beside(strong & ~held, still=still), *_within(strong & held, explained))


def _within(strong: NDArray[np.bool_], explained: Sequence[Forgiven]) -> Iterator[Forgiven]:
    """The px in and at the boxes of places that were explained, beyond as many as these places have; one of a cause."""
    pixels = int(np.count_nonzero(strong)) - sum(one.pixels for one in explained)
    if pixels > 0:
        most = max(explained, key=lambda one: one.pixels)
        yield Forgiven(cause=most.cause, pixels=pixels, places=0, largest=most.largest)


def _beside(strong: NDArray[np.bool_], *, still: bool) -> Iterator[Forgiven]:
    """The px of places of their own."""
    if pixels := int(np.count_nonzero(strong)):
        count, largest = places(strong)
        # what is left of a motion moves edges as far as tolerance takes
        yield Forgiven(cause="noise" if still else "movement", pixels=pixels, places=count, largest=largest)
