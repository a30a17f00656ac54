"""Letters that have too few others equal to the bit on their page, each with those of like shape, wherever these begin.

A browser that begins letters at parts of a px draws one letter in several ways, so that each of these has few others;
so do smooth pages of few words. Of such letters those that two pictures show least alike are looked at.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diffspot.pipeline.verdict.drawings import (
    EXEMPLARS,
    NEAR,
    Letter,
    Reach,
    cuts,
    inked,
    moved_by,
    offsets,
    unlikeness,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SUSPECTS, LEAST_SUSPECT = 8, 0.12
"""Letters of a page that are looked at, one that changed is mostly the first of them; and squares by which the two
pictures' drawings of one differ, of those of its ink, at least: the same letters in seven hintings leave less of
each other."""
SHAPE = 0.06
"""The same of two drawings of one letter in one picture, at most: a 3 differs by 0.11 from an 8 in small type."""
BESIDE = Reach(1, 1, (2, 1))
"""Where the other picture's drawing of a letter is sought beside where its word was laid: enough to tell the least
alike, and all letters of a page are asked for it."""
ROUNDED = 4
"""Px to whose multiples the sizes of letters are rounded there, as letters of one size take as long as many."""
NARROWEST = 3
"""Px of a letter's width, at least: bars, which stems are, are all alike."""
LIKE_SIZE = 1
"""Px by which the sizes of two drawings of one letter differ."""


class _Suspect(NamedTuple):
    letter: Letter
    away: float


def with_like_shapes(
    here: NDArray[np.uint8], there: NDArray[np.uint8], shapes: Sequence[Sequence[Letter]], rest: Sequence[Letter]
) -> list[list[Letter]]:
    """The letters that two pictures show least alike, each followed by some of like shape, of boxes of its size.

    Args:
        here: (H, W) brightness.
        there: (H, W) brightness.
        shapes: letters of `here`, those together that are equal to the bit.
        rest: those of them that are asked for.
    """
    suspects = sorted(_suspects(here, there, rest), key=lambda one: -one.away)[:SUSPECTS]
    return [[one.letter, *_like(here, one.letter, shapes)] for one in suspects]


def _suspects(here: NDArray[np.uint8], there: NDArray[np.uint8], letters: Sequence[Letter]) -> list[_Suspect]:
    """The letters that two pictures do not show alike."""
    together = defaultdict[tuple[int, int], list[Letter]](list)
    for letter in letters:
        *_, w, h = letter.box
        if w >= NARROWEST:
            together[-(-w // ROUNDED) * ROUNDED, -(-h // ROUNDED) * ROUNDED].append(letter)
    found = []
    for (w, h), own in together.items():
        sized = [letter._replace(box=(*letter.box[:2], w, h)) for letter in own]
        still = _levelled(here, [letter.at_rest() for letter in sized])[:, 1 : 1 + h, 2 : 2 + w].reshape(len(own), -1)
        drawn = _levelled(there, sized)
        away = unlikeness(still[:, None], moved_by(drawn, (h, w), BESIDE.parts))[:, 0].min(axis=1)
        chosen = np.flatnonzero(away > LEAST_SUSPECT).tolist()
        found += [_Suspect(own[number], float(away[number])) for number in chosen]
    return found


def _levelled(plane: NDArray[np.uint8], letters: Sequence[Letter]) -> NDArray[np.float32]:
    """(N, h + 2, w + 4) what a picture shows within `BESIDE` of letters of one size, each less its own ground."""
    drawn = cuts(plane, letters, (BESIDE.across + 1, BESIDE.down)).astype(np.float32)
    return np.asarray(drawn - np.median(drawn[:, [0, -1]], axis=(1, 2), keepdims=True), np.float32)


def _like(plane: NDArray[np.uint8], letter: Letter, shapes: Sequence[Sequence[Letter]]) -> list[Letter]:
    """Letters of like shape, in boxes of its size that lie about them as its box lies about it."""
    (*_, w, h), at = letter.box, letter.at_rest()
    near = [
        shape
        for shape in shapes
        if shape[0].ground == letter.ground and max(abs(shape[0].box[2] - w), abs(shape[0].box[3] - h)) <= LIKE_SIZE
    ]
    sized = [shape[0]._replace(box=(*shape[0].box[:2], w, h)).at_rest() for shape in near]
    mine, _ = inked(plane, [at], NEAR)
    _, drawn = inked(plane, sized, NEAR)
    away = unlikeness(mine, moved_by(drawn, (h, w), NEAR.parts).reshape(-1, w * h)).reshape(len(near), -1)
    steps = offsets(NEAR)[away.argmin(axis=1)].tolist()
    found = []
    for shape, least, (right, down) in zip(near, away.min(axis=1).tolist(), steps, strict=True):
        if least <= SHAPE:
            found += [
                each._replace(box=(each.box[0] + right, each.box[1] + down, w, h))
                for each in shape
                if each is not letter
            ]
    chosen = np.linspace(0, len(found) - 1, min(len(found), 2 * EXEMPLARS)).astype(np.intp)
    return [found[index] for index in chosen.tolist()]
