"""Lone places of noisy pairs that differ several times as much as any other: a digit became another one.

Compression and resampling leave much the same at all edges of a picture. Where little stands out from it, tolerance to
movement takes a letter that became another one for its edges, too, since each stroke has another one close by.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.segmentation import find_components
from diffspot.pipeline.verdict.hidden import BEYOND, PASSED_OVER, PLAIN
from diffspot.pipeline.verdict.noisy import PLACE, UNMOVED, match_surroundings
from diffspot.pipeline.verdict.tiles import brightness, cell_maximum

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

WINDOW = 7
"""Px, side of the windows in which differences count as one: a digit of 12 px type fills it."""
LOOKED_AT = 64
"""Squares with the strongest px that are looked at: more than enough to tell what is usual."""


def find_lone(
    pair: RegisteredPair,
    judged: Sequence[Box],
    threshold: float,
    backend: Backend,
    *,
    join: float,
    sigma: float | None,
) -> list[Component]:
    """Finds the lone places apart from what was judged before.

    A place counts by the root of the mean square of its difference in brightness over a window: colours alone differ
    all along coloured letters where JPEG and WebP keep half their resolution.

    Args:
        pair: a single one.
        judged: boxes of changes, of what was taken off them, and of what is seen to lie elsewhere or to be dust.
        threshold: a score.
        backend: what the pair lives on.
        join: px; what lies closer to such a box belongs to it.
        sigma: px, of the blur under which a movement may explain a place of a candidate that was resampled: what lies
            behind the rest, or was laid badly, moves by itself. None for one that was not.
    """
    least = PLAIN * 255 * threshold
    highest = cell_maximum(backend.to_host(pair.difference), PLACE)
    if highest.max(initial=0) < least:  # as of most photos
        return []
    around = math.ceil(join)
    hidden = [(x - around, y - around, w + 2 * around, h + 2 * around) for x, y, w, h in judged]
    order = np.argsort(highest, axis=None, kind="stable")[: -LOOKED_AT - 1 : -1]
    looked = [_look(pair, divmod(int(index), highest.shape[1]), hidden, backend) for index in order]
    bar = max(BEYOND * _usual(looked), least)
    changed = np.zeros(pair.difference.shape, np.float32)
    for square in looked:
        if square.strongest >= bar:
            near_by = cv2.dilate((square.strength >= bar).astype(np.uint8), np.ones((WINDOW, WINDOW), np.uint8)) > 0
            lit = near_by & (square.levels > 255 * threshold)
            changed[square.place][lit] = square.levels[lit] / 255
    scores = backend.from_host(changed)
    found = list(find_components(scores > 0, scores, backend, join).of(0)) if changed.any() else []
    if sigma is None:
        return found
    return [one for one in found if match_surroundings(pair, one[0], backend, sigma=sigma).left > UNMOVED]


class _Square(NamedTuple):
    """A square of PLACE px with WINDOW px around it.

    Attributes:
        at: its row and column.
        place: what it covers.
        levels: (h, w) float32, the difference in brightness.
        strength: (h, w) float32, the root of its mean square over windows.
        strongest: the highest of it within the square.
    """

    at: tuple[int, int]
    place: tuple[slice, slice]
    levels: NDArray[np.float32]
    strength: NDArray[np.float32]
    strongest: float


def _look(pair: RegisteredPair, at: tuple[int, int], hidden: list[Box], backend: Backend) -> _Square:
    """A square without what lies in the hidden boxes."""
    top, left = (PLACE * index for index in at)
    above, before = max(top - WINDOW, 0), max(left - WINDOW, 0)
    place = slice(above, top + PLACE + WINDOW), slice(before, left + PLACE + WINDOW)
    one, other = (
        brightness(np.ascontiguousarray(backend.to_host(picture[place]))).astype(np.float32)
        for picture in (pair.reference, pair.candidate)
    )
    levels = np.abs(one - other) * backend.to_host(pair.valid[place])
    for x, y, w, h in hidden:
        levels[max(y - above, 0) : max(y + h - above, 0), max(x - before, 0) : max(x + w - before, 0)] = 0
    strength = np.sqrt(cv2.blur(levels * levels, (WINDOW, WINDOW)).clip(0))  # running sums come out below 0
    own = strength[top - above :, left - before :][:PLACE, :PLACE]
    return _Square(at, place, levels, strength, float(own.max()))


def _usual(looked: list[_Square]) -> float:
    """The strength that all but PASSED_OVER places reach at most; squares that touch a stronger one belong to it."""
    places: list[tuple[int, int]] = []
    for square in sorted(looked, key=lambda one: -one.strongest):
        row, column = square.at
        if all(abs(row - other_row) > 1 or abs(column - other) > 1 for other_row, other in places):
            if len(places) == PASSED_OVER:
                return square.strongest
            places.append(square.at)
    return 0.0
