"""What a reference varies by among good captures: no component of it is a change, and what exceeds it is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.pipeline.verdict.interface import Judged, Tally

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

MARGIN, ROUNDING = 1.2, 1.0
"""Times the spread, and levels, that a pixel may differ by: the most of ten captures within 2 px is about 3 standard
deviations of noise, and the next capture may go a little farther."""
BEYOND = 0.2
"""Share of a component's px that differ by more, from which it is a change: of noise it is a hundredth, of what is 4
standard deviations off two thirds."""
WINDOW = 7
"""Px, side of the square in which px beyond the spread are counted where none stands out by itself."""
CROWDED = 0.35
"""Share of such a square that exceeds the spread, without margin, in a change: a px of noise exceeds the most of ten
captures within 2 px by chance in one of 250, of what is 4 standard deviations off two thirds do."""
LEAST_CROWD = 25
"""Px of a change that is found so."""
LEAST_SPREAD = 3
"""Levels: in flat blocks of a JPEG file no noise is left, and light that is a level off shows as a whole block."""
UNFIT = 0.02
"""Share of all px beyond the spread from which the captures do not stand for this one: another camera or light."""


def without_varying(
    judged: Iterable[Judged],
    pair: RegisteredPair,
    spread: NDArray[np.uint8] | None,
    backend: Backend,
    *,
    faint: bool,
) -> tuple[list[Judged], Tally]:
    """The components that the spread does not explain, those that it shows, and what it explains.

    Args:
        judged: what nothing else explains.
        pair: a single one.
        spread: (H, W) grey levels by which the reference varies; None where nobody knows.
        backend: what the arrays live on.
        faint: whether noise may hide a change of few levels, which then counts; not of drawn pages, of which every
            difference was judged, nor of a candidate that was resampled, whose edges are a few levels off everywhere.
    """
    if spread is None:
        return list(judged), Tally()
    judged, kept, tally = list(judged), [], Tally()
    for one in judged:
        x, y, w, h = one.box
        place = slice(y, y + h), slice(x, x + w)
        differing = backend.to_host(pair.difference[place])
        beyond = np.count_nonzero(differing > MARGIN * spread[place] + ROUNDING)
        if beyond > BEYOND * one.component[1]:
            kept.append(one)
        else:
            tally.add("varies", one.box, one.component[1])
    places = [one.box for one in judged]
    crowds = _crowds(pair.to_host(backend), spread, places) if faint else ()
    return [*kept, *crowds], tally


def _crowds(pair: RegisteredPair, spread: NDArray[np.uint8], judged: Sequence[Box]) -> Iterator[Judged]:
    """Where px beyond the spread crowd although none passes the threshold: in little noise a change may be as little.

    Args:
        pair: a single one, on the host.
        spread: (H, W) grey levels.
        judged: where something was found already.
    """
    beyond = (pair.difference > np.maximum(spread, LEAST_SPREAD)) & pair.valid
    if pair.ignored is not None:
        beyond &= ~pair.ignored
    if np.count_nonzero(beyond) > UNFIT * beyond.size:
        return
    for x, y, w, h in judged:
        beyond[max(y - WINDOW, 0) : y + h + WINDOW, max(x - WINDOW, 0) : x + w + WINDOW] = False
    share = cv2.boxFilter(beyond.astype(np.float32), -1, (WINDOW, WINDOW), borderType=cv2.BORDER_CONSTANT)
    count, labels, table, _ = cv2.connectedComponentsWithStats((share >= CROWDED).astype(np.uint8))
    for index in range(1, count):
        x, y, w, h, area = table[index].tolist()
        place = slice(y, y + h), slice(x, x + w)
        own = pair.difference[place][labels[place] == index]
        if area >= LEAST_CROWD:
            yield Judged(((x, y, w, h), area, float(own.max()) / 255, float(own.mean()) / 255))
