"""Lone places of noisy pairs that differ several times as much as any other: a digit became another one.

Tolerance to movement takes a letter that became another one for its edges, too, since each stroke has another one close
by. But what compression and resampling leave at edges fits a small movement and a little blur of what lies around
(`refitted.py`), and what is left then is much the same all over a picture; other strokes stand out from it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.segmentation import find_components
from diffspot.pipeline.verdict.hidden import BEYOND, PASSED_OVER, PLAIN
from diffspot.pipeline.verdict.noisy import CANDIDATE_SHARE, PLACE, UNMOVED, match_surroundings
from diffspot.pipeline.verdict.refitted import FIT_REACH, refitted
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
REACH = WINDOW + FIT_REACH
"""Px around a square that what is left of it depends on."""
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
    flat: bool,
) -> list[Component]:
    """Finds the lone places apart from what was judged before.

    A place counts by the root of the mean square, over a window, of its difference in brightness: colours alone differ
    all along coloured letters where JPEG and WebP keep half their resolution. Of a flat candidate that was resampled it
    is what no fit explains; that may stay below the threshold, as that of small soft letters does, but no lower than
    candidates are looked at.

    Args:
        pair: a single one.
        judged: boxes of changes, of what was taken off them, and of what is seen to lie elsewhere or to be dust.
        threshold: a score.
        backend: what the pair lives on.
        join: px; what lies closer to such a box belongs to it.
        sigma: px, of the blur under which a movement may explain a place of a candidate that was resampled: what lies
            behind the rest, or was laid badly, moves by itself. None for one that was not.
        flat: whether what it shows is flat, as scans are: what stands up hides other parts of what lies behind it, and
            no fit explains those.
    """
    least = PLAIN * 255 * threshold
    highest = cell_maximum(backend.to_host(pair.difference), PLACE)
    if highest.max(initial=0) < least:  # as of most photos
        return []
    around = math.ceil(join)
    hidden = [(x - around, y - around, w + 2 * around, h + 2 * around) for x, y, w, h in judged]
    order = np.argsort(highest, axis=None, kind="stable")[: -LOOKED_AT - 1 : -1]
    fits = flat and sigma is not None
    looked = [_look(pair, divmod(int(index), highest.shape[1]), hidden, backend, fits=fits) for index in order]
    changed = _changed(looked, 255 * threshold, pair.difference.shape, fits=fits)
    scores = backend.from_host(changed)
    found = list(find_components(scores > 0, scores, backend, join).of(0)) if changed.any() else []
    if sigma is None:
        return found
    return [one for one in found if match_surroundings(pair, one[0], backend, sigma=sigma).left > UNMOVED]


def _changed(looked: list[_Square], threshold: float, shape: tuple[int, ...], *, fits: bool) -> NDArray[np.float32]:
    """(H, W) the scores of what is lone, 0 elsewhere.

    Of what was fitted, as many levels as candidates have must be left of a px, and in a window; where places are so few
    that nobody knows what is usual, as many as the threshold.
    """
    usual = _usual(looked)
    least, lowest = (CANDIDATE_SHARE * threshold, threshold) if fits else (threshold, PLAIN * threshold)
    bar = lowest if usual is None else max(BEYOND * usual, least if fits else lowest)
    changed = np.zeros(shape, np.float32)
    for square in looked:
        if square.strongest >= bar:
            near_by = cv2.dilate((square.strength >= bar).astype(np.uint8), np.ones((WINDOW, WINDOW), np.uint8)) > 0
            telling = square.counted & ~near_by  # what changed tells no fit
            levels = _left(square.pictures, telling, square.counted, fits=fits)
            lit = near_by & (levels > least)
            changed[square.place][lit] = levels[lit] / 255
    return changed


class _Square(NamedTuple):
    """A square of PLACE px with what its fit depends on around it.

    Attributes:
        at: its row and column.
        place: what it covers.
        pictures: (h, w) uint8, the brightness of both.
        counted: (h, w) bool, what is looked at.
        strength: (h, w) float32, the root of the mean square over windows of what no fit explains.
        strongest: the highest of it within the square.
    """

    at: tuple[int, int]
    place: tuple[slice, slice]
    pictures: tuple[NDArray[Any], NDArray[Any]]
    counted: NDArray[np.bool_]
    strength: NDArray[np.float32]
    strongest: float


def _look(pair: RegisteredPair, at: tuple[int, int], hidden: list[Box], backend: Backend, *, fits: bool) -> _Square:
    """A square without what lies in the hidden boxes."""
    top, left = (PLACE * index for index in at)
    above, before = max(top - REACH, 0), max(left - REACH, 0)
    place = slice(above, top + PLACE + REACH), slice(before, left + PLACE + REACH)
    one, other = (
        brightness(np.ascontiguousarray(backend.to_host(picture[place])))
        for picture in (pair.reference, pair.candidate)
    )
    counted = np.array(backend.to_host(pair.valid[place]), bool)
    for x, y, w, h in hidden:
        counted[max(y - above, 0) : max(y + h - above, 0), max(x - before, 0) : max(x + w - before, 0)] = False
    levels = _left((one, other), counted, counted, fits=fits)
    strength = np.sqrt(cv2.blur(levels * levels, (WINDOW, WINDOW)).clip(0))  # running sums come out below 0
    own = strength[top - above :, left - before :][:PLACE, :PLACE]
    return _Square(at, place, (one, other), counted, strength, float(own.max()))


def _left(
    pictures: tuple[NDArray[Any], NDArray[Any]], telling: NDArray[np.bool_], counted: NDArray[np.bool_], *, fits: bool
) -> NDArray[Any]:
    """(h, w) float32 levels that differ where it counts; where `fits`, beyond what a fit to what tells explains."""
    left = refitted(*pictures, telling) if fits else cv2.absdiff(*pictures).astype(np.float32)
    return np.asarray(np.abs(left) * counted)


def _usual(looked: list[_Square]) -> float | None:
    """The strength that all but PASSED_OVER places reach at most; None of fewer.

    Squares that touch a stronger one belong to it.
    """
    places: list[tuple[int, int]] = []
    for square in sorted(looked, key=lambda one: -one.strongest):
        row, column = square.at
        if all(abs(row - other_row) > 1 or abs(column - other) > 1 for other_row, other in places):
            if len(places) == PASSED_OVER:
                return square.strongest
            places.append(square.at)
    return None
