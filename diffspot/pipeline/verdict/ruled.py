"""Ruled lines and the sides of boxes on pages that another rasteriser drew: which it drew anew, and which changed.

Along such an edge all pixels are alike, so what lies across it tells of the whole. At another part of a px it gives the
rows that it touches other shares of its ink, but no more of it and no less, and lies less than a px aside.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.backends.channels import highest
from diffspot.pipeline.derived import once
from diffspot.pipeline.verdict.edges import planes
from diffspot.pipeline.verdict.tiles import EXACT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.pair import RegisteredPair

STRAIGHT = 56, 32
"""Px along a column and along a row over which an edge is that of a box or a line, not of a letter."""
PIECE, CROSSING = 8, 5
"""Px of the pieces of such an edge at least, and px between two of them at most, which something takes that crosses."""
FAINT = 20
"""Grey levels: a rim of a shadow that was laid by part of a px changes by less."""
ROUNDING, HAIR = 4.0, 12.0
"""Grey levels by which the moment of two or three px is off, and ink that any line may gain or lose: a twentieth of a
px of black, by which rasterisers round hairlines."""
STEP, MOST_CHANGED = 8, 0.6
"""Grey levels of such an edge, and the share of them all that can have changed; where more did, all were laid by parts
of a px, each as another rasteriser rounds it."""
REACHES = 2, 4
"""Px to either side of an edge that are held to those of the other picture: the fewer, the less of anything else lies
there; the more, the thicker a line may be."""
CROWDED = 4 * REACHES[-1]
"""Px that edges take together, each so close to the next that it is among what lies across it, from which they say
nothing: bars of a code and hatching, but no double line."""
AROUND = 3
"""Px around the px where two edges cross that tell of neither."""
MIDDLE, OTHER_INK = 0.75, 0.1
"""Px by which it may lie aside, and share of its ink that a thin line may gain or lose."""
LEAST_CHANGED = 8
"""Px of an edge that changed at least: what crosses it takes less."""
AT_ONCE = 1 << 17
"""Px that are looked across at a time: what is held of them stays within tens of MB."""
LEAST_LINES, MOSTLY = 4, 0.6
"""Edges drawn anew, and their share of all edges of the page, from which they say that the page was."""


class Ruled(NamedTuple):
    """What became of the ruled lines and sides of boxes that differ.

    Attributes:
        anew: (H, W) bool, px of those that were drawn anew.
        changed: (H, W) bool, px of those that changed.
        redrawn: whether so many were drawn anew that the page was.
    """

    anew: NDArray[np.bool_]
    changed: NDArray[np.bool_]
    redrawn: bool


def read_ruled(pair: RegisteredPair, differing: NDArray[np.bool_]) -> Ruled:
    """Reads the ruled lines of a page and the sides of its boxes.

    Args:
        pair: on the host, levels.
        differing: (H, W) bool.
    """
    runs = [_apart(_runs(pair, differing, axis, length), axis) for axis, length in enumerate(STRAIGHT)]
    changed = np.zeros_like(differing)
    if not any(own.any() for own in runs):  # as on most pages, where the edges need not be looked for
        return Ruled(changed, changed, redrawn=False)
    shared = [_bridged(_is_shared(pair, own, axis), LEAST_CHANGED, axis) & own for axis, own in enumerate(runs)]
    near = [cv2.dilate(own.view(np.uint8), np.ones((2 * AROUND + 1,) * 2, np.uint8)).view(bool) for own in shared]
    crossing, strong = near[0] & near[1], pair.difference > FAINT
    anew = crossing.copy()
    lines = drawn = edges = 0
    for axis, (own, same) in enumerate(zip(runs, shared, strict=True)):
        other = _long(own & strong & ~same & ~crossing, axis, LEAST_CHANGED)
        sides = sides_along(pair.reference, axis)
        count = int(np.count_nonzero(sides))
        if np.count_nonzero(other & sides) <= MOST_CHANGED * count:
            changed |= other
        beside = cv2.dilate(same.view(np.uint8), along(1 - axis, 3)).view(bool)
        edges, drawn = edges + count, drawn + int(np.count_nonzero(beside & sides))
        lines += cv2.connectedComponents(same.view(np.uint8), connectivity=8)[0] - 1
        anew |= cv2.dilate(same.view(np.uint8), along(axis, AROUND)).view(bool)
    return Ruled(anew & differing & ~changed, changed, redrawn=bool(lines >= LEAST_LINES and drawn > MOSTLY * edges))


def _apart(runs: NDArray[np.bool_], axis: int) -> NDArray[np.bool_]:
    """Runs along an axis without those that lie so close together that each is among what lies across the next.

    Where these are most, the others are their kind: none is left.
    """
    together = _bridged(runs, 2 * REACHES[-1] + 1, 1 - axis)
    apart = runs & ~_long(together, 1 - axis, CROWDED)
    return apart if 2 * np.count_nonzero(apart) > np.count_nonzero(runs) else np.zeros_like(runs)


def _bridged(mask: NDArray[np.bool_], length: int, axis: int) -> NDArray[np.bool_]:
    """A mask with its gaps of fewer px along an axis filled."""
    return cv2.morphologyEx(mask.view(np.uint8), cv2.MORPH_CLOSE, along(axis, length)).view(bool)


def along(axis: int, length: int) -> NDArray[np.uint8]:
    """A kernel of so many px along an axis."""
    return np.ones((length, 1) if axis == 0 else (1, length), np.uint8)


def _runs(pair: RegisteredPair, differing: NDArray[np.bool_], axis: int, length: int) -> NDArray[np.bool_]:
    """(H, W) bool: differing px of edges along an axis which go on for so many px in both pictures."""
    if differing.shape[axis] < length or differing.shape[1 - axis] == 1 or not _long(differing, axis, PIECE).any():
        return np.zeros_like(differing)
    pieces = differing.copy()
    for picture in (pair.reference, pair.candidate):
        even = np.zeros(differing.shape, bool)
        after, before, steps = _steps(picture, axis)
        even[after] = steps <= EXACT
        even[before] |= even[after]
        pieces &= even
    pieces = _long(pieces, axis, PIECE)
    return _long(_bridged(pieces, CROSSING + 1, axis), axis, length) & differing


def _is_shared(pair: RegisteredPair, runs: NDArray[np.bool_], axis: int) -> NDArray[np.bool_]:
    """(H, W) bool: px of edges along an axis that lie less than a px aside; false beside them.

    Px by px: of a page they are few, and all of it would be several planes of floats.
    """
    shared, steps = np.zeros_like(runs), np.arange(-REACHES[-1], REACHES[-1] + 1)[:, None]
    rows, columns = np.nonzero(runs)
    for begin in range(0, len(rows), AT_ONCE):
        own = rows[begin : begin + AT_ONCE], columns[begin : begin + AT_ONCE]
        across = list(own)
        across[1 - axis] = (own[1 - axis] + steps).clip(0, runs.shape[1 - axis] - 1)
        profiles = [picture[tuple(across)].astype(np.float32) for picture in (pair.reference, pair.candidate)]
        for reach in REACHES:
            inner = slice(REACHES[-1] - reach, REACHES[-1] + reach + 1)
            shared[own] |= _lies_near(*(profile[inner] for profile in profiles)).all(axis=1)
    return shared


def _lies_near(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(N, C) bool: where what lies across an edge in either picture is the same, less than a px aside.

    The levels to either side are the same; what is gained is the step between them times the px by which it moved, and
    of the ink of a thin line next to nothing; the moment is the ink times the px by which its middle moved, and that of
    the step.

    Args:
        one: (2 * reach + 1, N, C) levels, in the middle those of the edge.
        other: the same of the other picture.
    """
    reach, change = len(one) // 2, other - one
    ink = np.maximum(*(abs(side.sum(axis=0) - len(side) / 2 * (side[0] + side[-1])) for side in (one, other)))
    stepped = abs(one[-1] - one[0])
    steps = np.arange(-reach, reach + 1, dtype=np.float32)
    gained, moment = abs(change.sum(axis=0)), abs(np.tensordot(steps, change, 1))
    near = gained <= MIDDLE * stepped + np.maximum(OTHER_INK * ink, HAIR)
    near &= moment <= MIDDLE * ink + reach * np.minimum(gained, MIDDLE * stepped) + gained + ROUNDING
    return np.asarray(near & (abs(change[0]) + abs(change[-1]) <= 2 * EXACT))


def sides_along(picture: NDArray[Any], axis: int) -> NDArray[np.bool_]:
    """(H, W) bool: straight edges of an (H, W, C) picture along an axis, longer than those of letters."""
    return _long(straight(picture, axis) & _is_step(picture, 1 - axis), axis, STRAIGHT[axis])


def straight(picture: NDArray[Any], axis: int) -> NDArray[np.bool_]:
    """(H, W) bool: where an (H, W, C) picture is of one colour for so many px along an axis as no letter is."""
    return once(picture, f"straight along {axis}", partial(_straight, picture, axis))


def _straight(picture: NDArray[Any], axis: int) -> NDArray[np.bool_]:
    even = np.zeros(picture.shape[:2], bool)
    after, before, steps = _steps(picture, axis)
    even[after] = steps <= EXACT
    even = _long(even, axis, STRAIGHT[axis] - 1)
    even[before] |= even[after]
    return even


def _long(mask: NDArray[np.bool_], axis: int, length: int) -> NDArray[np.bool_]:
    """The runs of a mask of at least so many px along an axis.

    Eight lines at a time, as bits of a byte: a quarter of the time of OpenCV's opening, which moves runs of even
    lengths by a px.
    """
    plain = mask.view(np.uint8)
    lines = plain if axis == 0 else np.asarray(cv2.transpose(plain), np.uint8)
    if len(lines) < length:
        return np.zeros_like(mask)
    bits = np.packbits(lines, axis=1)
    for step in _doubling(length):
        bits = bits[:-step] & bits[step:]  # set where a run begins that is so long
    for step in _doubling(length):
        begun = bits
        bits = np.zeros((len(begun) + step, begun.shape[1]), np.uint8)
        bits[:-step] = begun
        bits[step:] |= begun
    found = np.unpackbits(bits, axis=1, count=lines.shape[1])
    return np.asarray(found if axis == 0 else cv2.transpose(found)).view(bool)


def _doubling(length: int) -> list[int]:
    """Steps of which each is no longer than all before it and one more, to `length` px in all."""
    steps: list[int] = []
    while (reached := 1 + sum(steps)) < length:
        steps.append(min(reached, length - reached))
    return steps


def _is_step(picture: NDArray[Any], axis: int) -> NDArray[np.bool_]:
    """(H, W) bool: where an (H, W, C) picture steps along an axis, on either side of it."""
    step = np.zeros(picture.shape[:2], bool)
    after, before, steps = _steps(picture, axis)
    step[after] |= steps > STEP
    step[before] |= steps > STEP
    return step


def _steps(picture: NDArray[Any], axis: int) -> tuple[Any, Any, NDArray[Any]]:
    """Where all pixels but the first along an axis lie, where all but the last, and the levels between the two."""
    after, before = (np.s_[1:], np.s_[:-1]) if axis == 0 else (np.s_[:, 1:], np.s_[:, :-1])
    return after, before, highest(cv2.absdiff(plane[after], plane[before]) for plane in planes(picture))
