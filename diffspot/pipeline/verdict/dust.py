"""Dust on scans: dark dots of a few px, each of which lies alone on paper, as no stop and no dot of a letter does.

Where dust is, there are several specks of it. One dot alone is a change: a hole in a label, an eye in a puzzle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.pipeline.verdict.interface import Tally
from diffspot.pipeline.verdict.tiles import brightness

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Box, Cause
    from diffspot.pipeline.pair import RegisteredPair

LARGEST = 16
"""Px that the box of such a component measures at most: its rim is 4 px wide, see `segmentation.REACH`."""
DOT = 5
"""Px, sides of a dot at half its depth: three and what resampling adds. A full stop is as large, but not alone."""
ALONE = 5
"""Px around the dot without any ink: the letters of a word, their marks and the stops behind them lie closer."""
PAPER = 0.6
"""Share of the full range that paper is brighter than."""
SPECKS = 5
"""Places, of dots and of what was noise by itself, from which dots are dust: fainter specks are that noise."""
FAINT = 0.25
"""Share of the dot's depth that the rest of the place stays below in both scans."""


def without_dust(
    components: Sequence[Component],
    pair: RegisteredPair,
    backend: Backend,
    explained: Iterable[tuple[Cause, Box, int]],
) -> tuple[list[Component], Tally]:
    """The components that are no dust, and the count of the others as noise.

    Args:
        components: of the mask of a noisy pair.
        pair: a single one.
        backend: what the pair lives on.
        explained: what was no component of it.
    """
    specks = [one for one in components if max(one[0][2:]) <= LARGEST and _is_dust(one, pair, backend)]
    fainter = sum(cause == "noise" and max(box[2:]) <= LARGEST for cause, box, _ in explained)
    if len(specks) + fainter < SPECKS:
        return list(components), Tally()
    return [one for one in components if one not in specks], Tally([("noise", *one[:2]) for one in specks])


def _is_dust(component: Component, pair: RegisteredPair, backend: Backend) -> bool:
    """Whether one scan shows a dark dot alone on paper there, and the other nothing but paper."""
    x, y, w, h = component[0]
    inner = backend.to_host(pair.difference[y : y + h, x : x + w])
    rows, columns = np.nonzero(inner > inner.max() / 2)
    if max(np.ptp(rows), np.ptp(columns)) >= DOT:
        return False
    (top, bottom), (left, right) = ((int(each.min()), int(each.max()) + 1) for each in (y + rows, x + columns))
    first = max(0, top - ALONE), max(0, left - ALONE)
    place = slice(first[0], bottom + ALONE), slice(first[1], right + ALONE)
    one, other = (_depth(backend.to_host(picture[place])) for picture in (pair.reference, pair.candidate))
    if one is None or other is None:
        return False
    limit = FAINT * max(one.max(), other.max())
    rim = (
        slice(max(0, top - 1 - first[0]), bottom + 1 - first[0]),
        slice(max(0, left - 1 - first[1]), right + 1 - first[1]),
    )
    dots = [bool(np.abs(depth[rim]).max() > limit) for depth in (one, other)]
    for depth in (one, other):
        depth[rim] = 0
    return dots[0] != dots[1] and max(float(np.abs(depth).max()) for depth in (one, other)) <= limit


def _depth(picture: NDArray[Any]) -> NDArray[np.float32] | None:
    """(h, w) levels by which a place is darker than its ground; None where that is no paper."""
    light = brightness(picture).astype(np.float32)
    ground = float(np.median(light))
    return ground - light if ground > PAPER * 255 else None  # levels of 16 bits are fractions of these
