"""Components that differ by no more than their place varies among good captures of the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from diffspot.pipeline.verdict.interface import Tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Forgiven
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.interface import Judged

MARGIN, ROUNDING = 1.2, 1.0
"""Times the spread, and levels, that a pixel may differ by: the most of ten captures within 2 px is about 3 standard
deviations of noise, and the next capture may go a little farther."""
BEYOND = 0.2
"""Share of a component's px that differ by more, from which it is a change: of noise it is a hundredth, of what is 4
standard deviations off two thirds."""


def without_varying(
    judged: Iterable[Judged], pair: RegisteredPair, spread: NDArray[np.uint8] | None, backend: Backend
) -> tuple[list[Judged], tuple[Forgiven, ...]]:
    """The components that the spread does not explain, and what it explains.

    Args:
        judged: what nothing else explains.
        pair: a single one.
        spread: (H, W) grey levels by which the reference varies; None where nobody knows.
        backend: what the arrays live on.
    """
    if spread is None:
        return list(judged), ()
    kept, tally = [], Tally()
    for one in judged:
        x, y, w, h = one.box
        place = slice(y, y + h), slice(x, x + w)
        differing = backend.to_host(pair.difference[place])
        beyond = np.count_nonzero(differing > MARGIN * spread[place] + ROUNDING)
        if beyond > BEYOND * one.component[1]:
            kept.append(one)
        else:
            tally.add("varies", one.box, one.component[1])
    return kept, tally.forgiven()
