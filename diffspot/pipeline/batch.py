"""Batches: requests of equal parameters, whose pairs go through the stages on the device together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.pipeline.pair import stack_pairs
from diffspot.pipeline.parameters import Limits

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.device import Numbers
    from diffspot.backends.interface import Backend
    from diffspot.model import Box, Cause
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.parameters import Parameters


class Request(NamedTuple):
    """One request to the batched stages: a registered pair, its parameters and its limits.

    Attributes:
        rims: boxes, px, of the borders of light that was evened out place by place.
    """

    pair: RegisteredPair
    parameters: Parameters
    limits: Limits
    rims: Sequence[Box] = ()

    @property
    def batch_key(self) -> Hashable:
        """Equal for requests that can share a batch."""
        pair = self.pair
        return pair.reference.shape, pair.reference.dtype, pair.ignored is None, self.parameters


class Found(NamedTuple):
    """What the batched stages found in one pair.

    Attributes:
        threshold: the score above which a pixel differs.
        components: connected components of the mask, boxes in px of the reference.
        explained: cause, box and px of the places that pass the threshold and are no component.
        mask: (H, W) bool on the host, what the components are of; None unless the parameters keep it.
        peaks: box and peak score of each candidate of a noisy pair, changes or not.
        shadows: components of it that are a shadow alone, which are explained.
    """

    threshold: float
    components: list[Component]
    explained: Sequence[tuple[Cause, Box, int]] = ()
    mask: NDArray[np.bool_] | None = None
    peaks: Sequence[tuple[Box, float]] = ()
    shadows: Sequence[Component] = ()


@dataclass(frozen=True, slots=True)
class Batch:
    """Requests that are worked on together.

    Of a single request the arrays have no batch axis and the limits are plain numbers; otherwise limits are (N, 1, 1).
    """

    pair: RegisteredPair
    parameters: Parameters
    limits: Limits


class KeptMask:
    """The mask of a batch, put together from its parts where the parameters ask for that."""

    def __init__(self, batch: Batch, backend: Backend) -> None:
        self._backend = backend
        self._mask = backend.xp.zeros(batch.pair.valid.shape, bool) if batch.parameters.keep else None

    def add(self, mask: NDArray[Any], origin: tuple[int, int]) -> None:
        """Takes in a part, (..., H, W) bool, whose first pixel lies at (x, y)."""
        if self._mask is not None:
            (x, y), (height, width) = origin, mask.shape[-2:]
            self._mask[..., y : y + height, x : x + width] |= mask

    def of_each(self, count: int) -> list[NDArray[np.bool_] | None]:
        """The mask of each of `count` pairs."""
        if self._mask is None:
            return [None] * count
        whole = self._backend.to_host(self._mask)
        return [whole] if count == 1 else list(whole)


def make_batch(requests: Sequence[Request], backend: Backend) -> Batch:
    """The batch of requests whose `batch_key` is equal."""
    limits = Limits(*map(per_picture, zip(*(request.limits for request in requests), strict=True)))
    return Batch(stack_pairs([request.pair for request in requests], backend), requests[0].parameters, limits)


def per_picture(values: Sequence[float]) -> Numbers:
    """One number for each picture of a batch, (N, 1, 1) to meet its planes; of a single picture, the number."""
    return values[0] if len(values) == 1 else np.array(values, np.float64).reshape(-1, 1, 1)


def per_request(numbers: Numbers) -> list[float]:
    """The numbers of a batch, one for each request; the inverse of `per_picture`."""
    return np.ravel(numbers).tolist()
