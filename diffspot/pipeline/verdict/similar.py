"""Letters that have too few others equal to the bit on their page, each with those of like shape, wherever these begin.

A browser that begins letters at parts of a px draws one letter in several ways, so that each of these has few others;
so do smooth pages of few words. Of such letters those that two pictures show least alike are looked at.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.pipeline.verdict.drawings import (
    EXEMPLARS,
    NEAR,
    Letter,
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
LOOKED_AT = 16
"""Letters that differ most where their words were laid, which are sought beside it: all of a page would take long."""
ROUNDED = 4
"""Px to whose multiples the sizes of letters are rounded there, as letters of one size take as long as many."""
NARROWEST = 3
"""Px of a letter's width, at least: bars, which stems are, are all alike."""
LIKE_SIZE = 1
"""Px by which the sizes of two drawings of one letter differ."""


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
    away = [(_away(here, there, letter), letter) for letter in _least_equal(here, there, rest)]
    suspects = sorted((one for one in away if one[0] > LEAST_SUSPECT), key=lambda one: -one[0])[:SUSPECTS]
    return [[letter, *_like(here, letter, shapes)] for _, letter in suspects]


def _least_equal(here: NDArray[np.uint8], there: NDArray[np.uint8], letters: Sequence[Letter]) -> list[Letter]:
    """The letters of which most differs where their words were laid."""
    together = defaultdict[tuple[int, int], list[Letter]](list)
    for letter in letters:
        *_, w, h = letter.box
        if w >= NARROWEST:
            together[-(-w // ROUNDED) * ROUNDED, -(-h // ROUNDED) * ROUNDED].append(letter)
    found: list[tuple[float, Letter]] = []
    for size, own in together.items():
        sized = [letter._replace(box=(*letter.box[:2], *size)) for letter in own]
        still, drawn = cuts(here, [letter.at_rest() for letter in sized], (0, 0)), cuts(there, sized, (0, 0))
        apart = cv2.absdiff(still, drawn).reshape(len(own), -1)
        found += zip(np.square(apart, dtype=np.float32).sum(axis=1).tolist(), own, strict=True)
    found.sort(key=lambda one: -one[0])
    return [letter for _, letter in found[:LOOKED_AT]]


def _away(here: NDArray[np.uint8], there: NDArray[np.uint8], letter: Letter) -> float:
    """How unlike two pictures show a letter."""
    *_, w, h = letter.box
    still, _ = inked(here, [letter.at_rest()], NEAR)
    _, drawn = inked(there, [letter], NEAR)
    return float(unlikeness(still, moved_by(drawn, (h, w), NEAR.parts)[0]).min())


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
