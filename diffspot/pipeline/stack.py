"""Stacks: registered pairs of one shape and on the same terms, in which differences are looked for together."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.pipeline.registered import Registered

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diffspot.backends.device import Numbers
    from diffspot.backends.interface import Backend
    from diffspot.model import Box, Region
    from diffspot.options.options import Options
    from diffspot.pipeline.noise import Noise
    from diffspot.pipeline.terms import Terms


class Asked(NamedTuple):
    """The question where a registered pair differs, its arrays on the backend."""

    pair: Registered
    terms: Terms
    noise: Noise
    options: Options
    to_candidate: Callable[[Box], Box]

    @property
    def alike(self) -> tuple[object, ...]:
        """Equal for pairs that can be stacked."""
        pair = self.pair
        return pair.reference.shape, pair.reference.dtype, pair.ignored is None, self.terms, self.options


class Found(NamedTuple):
    """The answer: the threshold, a score, and the regions."""

    threshold: float
    regions: list[Region]


@dataclass(frozen=True, slots=True)
class Stack:
    """Pairs to work on together; of a single pair the arrays have no axis for the stack, and numbers are plain.

    Attributes:
        asked: the pairs.
        pair: their arrays.
        terms: on which they are compared.
        gate: levels by which pictures differ wherever a score passes the threshold.
        wander: see `Noise`.
        least: unexplained levels below which the score is 0.
    """

    asked: Sequence[Asked]
    pair: Registered
    terms: Terms
    gate: Numbers
    wander: Numbers
    least: Numbers


def make_stack(asked: Sequence[Asked], backend: Backend) -> Stack:
    """The stack of pairs that are alike."""
    metric = asked[0].terms.metric
    floors = [metric.floor(one.noise) if one.options.floor == "auto" else one.options.floor for one in asked]
    return Stack(
        asked,
        _stacked([one.pair for one in asked], backend),
        asked[0].terms,
        gate=numbers([metric.gate(one.noise, floor) for one, floor in zip(asked, floors, strict=True)]),
        wander=numbers([one.noise.wander for one in asked]),
        least=numbers([metric.least(one.noise) for one in asked]),
    )


def numbers(values: Sequence[float]) -> Numbers:
    """One number each, to be set against the planes of a stack; of a single pair, the number."""
    return values[0] if len(values) == 1 else np.array(values, np.float64).reshape(-1, 1, 1)


def _stacked(pairs: Sequence[Registered], backend: Backend) -> Registered:
    if len(pairs) == 1:
        return pairs[0]
    columns = ([getattr(pair, field.name) for pair in pairs] for field in fields(Registered))
    planes: list[Any] = [None if column[0] is None else backend.xp.stack(column) for column in columns]
    return Registered(*planes)
