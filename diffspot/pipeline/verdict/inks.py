"""The ink of words: how much a word adds to its ground, and which words have other ink than the rest of a page.

Another rasteriser keeps the hue of ink and, but for what all words of one size and shade have in common, how much of it
there is. Where it corrects for gamma, faint and coloured text become bolder, thinner and of a slightly other hue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.backends.channels import largest, tint
from diffspot.pipeline.sampling import median, medians
from diffspot.pipeline.verdict.tiles import EXACT
from diffspot.pipeline.verdict.words import LOWEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

RIM = 3
"""Px around a word that show its ground: beyond the px that blending reaches, within the margin of a button."""
EVEN = 0.9
"""Share of them that are of one colour where it is even: a letter of a neighbour may reach in, a frame may not."""
HUE, MOST_HUE = 2.0, 8.0
"""Degrees between two inks, and the most that a rasteriser turns all words of one: subpixel text leaves 1.5 of 99 words
in 100 on white, and of grey and coloured ones on dark ground 2 to 7, as it corrects each channel for gamma; another
colour mostly more."""
COLOURED = 0.8
"""Share of its strongest channel that the weakest one has in ink of a colour, of which each is corrected for itself."""
NEARLY_ALL_HUES = 0.9
"""Share of the words whose hue another rasteriser says, where too few have that of a word."""
MASS = 0.2
"""Natural logarithm of the ratio of two inks, beside that of other words: bold adds 0.25, rasterisers 0.13 at most."""
MOST_MASS = 0.3
"""The same of all words of like size, in the median: another rasteriser leaves 0.1 at most, and where it draws bolder
as a rule 0.2; bold faces add 0.4 to 0.6, monospaced ones 0.3 to 0.4."""
LEAST_TINT, UNEVEN_TINT = 20, 40
"""Levels of another colour at least: blending coloured marks of a few px anew tints them by half as much. And of a word
on uneven ground: a lone digit of subpixel text is tinted by 30, black text that became red by 85."""
LIKE_HEIGHT = 1.3
"""Ratio of the heights of words of like size: letters with and without ascenders, 7 to 9 px, differ by 1.29."""
LIKE_CONTRAST, LIKE_HUE = 1.3, 10.0
"""Ratio of the contrasts of words of one shade, and degrees between their inks: rasterisers that correct for gamma draw
faint text bolder or thinner than strong text."""
LEAST_LIKE = 4
"""Words of one size and shade that tell what a rasteriser makes of it."""


class _Inks(NamedTuple):
    """The ink of N words.

    Attributes:
        boxes: of the words.
        before: (N, C) levels that each adds to its ground in the reference.
        after: (N, C) the same in the candidate.
        contrast: (N,) levels between its ground and its strongest px.
    """

    boxes: list[Box]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    contrast: NDArray[np.float64]

    def alike(self) -> Iterator[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
        """(N,) bool for each, which words are of like size, bright or dark as it is, and which have its shade, too."""
        heights, contrast = np.log([box[3] for box in self.boxes]), np.log(self.contrast)
        dark, hues = self.before.sum(axis=1) < 0, _directions(self.before)
        for number in range(len(self.boxes)):
            like = (np.abs(heights - heights[number]) <= np.log(LIKE_HEIGHT)) & (dark == dark[number])
            shade = np.abs(contrast - contrast[number]) <= np.log(LIKE_CONTRAST)
            yield like, like & shade & (hues @ hues[number] >= np.cos(np.radians(LIKE_HUE)))


def _directions(inks: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, C) inks, of length 1 each."""
    return np.asarray(inks / np.maximum(np.linalg.norm(inks, axis=-1, keepdims=True), 1e-9))


def _angles(inks: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N,) degrees between (N, C) inks and others."""
    cosines = (_directions(inks) * _directions(others)).sum(axis=-1)
    return np.asarray(np.degrees(np.arccos(np.clip(cosines, -1, 1))))


def other_inks(pair: RegisteredPair, boxes: list[Box]) -> list[Box]:
    """Boxes of words, or of the part of one, whose ink stands out from that of the other words.

    Args:
        pair: on the host, levels.
        boxes: of its words.
    """
    inks, found = _measured(pair, boxes)
    if not inks.boxes:
        return found
    masses = np.log(np.abs(inks.after).sum(axis=1) / np.abs(inks.before).sum(axis=1))
    turned = _angles(inks.before, inks.after)
    usual = min(max(HUE, 3 * float(np.quantile(turned, NEARLY_ALL_HUES))), MOST_HUE)
    channels = np.abs(inks.before)
    bars = np.where(channels.min(axis=1) < COLOURED * channels.max(axis=1), MOST_HUE, usual)
    became = inks.after / np.where(inks.before == 0, 1, inks.before)
    for number, (box, (like, shade)) in enumerate(zip(inks.boxes, inks.alike(), strict=True)):
        told_by_shade = np.count_nonzero(shade) >= LEAST_LIKE
        if told_by_shade:
            told = inks.before[number] * medians(became[shade])
            if _angles(inks.before[number], told) <= MOST_HUE:  # a rasteriser turns no hue further
                turned[number], bars[number] = _angles(inks.after[number], told), HUE
        mass = median(masses[shade if told_by_shade else like])
        if turned[number] > bars[number] or abs(masses[number] - mass) > MASS or abs(mass) > MOST_MASS:
            found.append(_other_part(pair, box, np.exp(mass)))
    return found


def _measured(pair: RegisteredPair, boxes: list[Box]) -> tuple[_Inks, list[Box]]:
    """The ink of words on one even ground in both pictures, and which words on uneven ground have another colour."""
    measured, tinted = [], []
    for box in boxes:
        one, other = ink(pair.reference, box), ink(pair.candidate, box)
        if one is None or other is None:
            x, y, w, h = box
            changed = pair.difference[y : y + h, x : x + w] > EXACT
            if h >= LOWEST and is_tinted(pair, box, changed, least=UNEVEN_TINT):
                tinted.append(box)
        elif np.abs(one[0] - other[0]).max() <= EXACT and one[1].any() and other[1].any():
            measured.append((box, one[1], other[1], _contrast(pair.reference, box, one[0])))
    own, before, after, contrast = zip(*measured, strict=True) if measured else ((), (), (), ())
    return _Inks(list(own), *(np.array(each, float) for each in (before, after, contrast))), tinted


def is_tinted(pair: RegisteredPair, box: Box, mask: NDArray[np.bool_], *, least: float = LEAST_TINT) -> bool:
    """Whether some px changed their colour in the mean, on any ground; what blends edges anew adds no colour.

    Args:
        pair: on the host, levels.
        box: where they lie.
        mask: (h, w) bool of it.
        least: levels.
    """
    if not mask.any():
        return False
    x, y, w, h = box
    one, other = (side[y : y + h, x : x + w][mask].astype(np.float32) for side in (pair.reference, pair.candidate))
    return bool(tint(other - one) > least)


def _contrast(picture: NDArray[Any], box: Box, ground: NDArray[Any]) -> float:
    """Levels between the ground of a word and its strongest px, of the channel that has most."""
    x, y, w, h = box
    return max(float(np.abs(picture[y : y + h, x : x + w] - ground).max()), 1.0)


def _other_part(pair: RegisteredPair, box: Box, usual: float) -> Box:
    """The part of a word of another ink that has it, as an icon or a dot beside its label, which are one word.

    It is from the first to the last of the letters and marks that changed at least half as much as any of them.

    Args:
        pair: on the host, levels.
        box: of the word.
        usual: ratio of the inks of other words.
    """
    x, y, w, h = box
    one, other = (
        picture[y : y + h, x : x + w] - medians(_rim(picture, box)) for picture in (pair.reference, pair.candidate)
    )
    drawn = np.maximum(np.abs(one), np.abs(other)).max(axis=(0, 2)) > EXACT
    ends = np.flatnonzero(np.diff(drawn, prepend=False, append=False)).reshape(-1, 2).tolist()
    more = [float(np.linalg.norm((other - usual * one)[:, first:last].sum(axis=(0, 1)))) for first, last in ends]
    parts = [end for end, of in zip(ends, more, strict=True) if 2 * of > max(more)] or [[0, w]]
    return x + parts[0][0], y, parts[-1][1] - parts[0][0], h


def ink(picture: NDArray[Any], box: Box) -> tuple[NDArray[Any], NDArray[np.float64]] | None:
    """The ground of a word, and how much its ink adds to it, (C,) levels each; None where the ground is uneven."""
    around = _around(picture, box)
    ground = around[0, 0].astype(np.float64)
    if any((side != around[0, 0]).any() for side in _sides(around)):
        rim = _rim(picture, box)
        ground = medians(rim)
        if np.count_nonzero(largest(np.abs(rim - ground)[None]) <= EXACT) < EVEN * len(rim):
            return None
    total = np.array(cv2.sumElems(around)[: around.shape[2]])
    return ground, total - ground * around.shape[0] * around.shape[1]


def _around(picture: NDArray[Any], box: Box) -> NDArray[Any]:
    x, y, w, h = box
    return picture[max(y - RIM, 0) : y + h + RIM, max(x - RIM, 0) : x + w + RIM]


def _rim(picture: NDArray[Any], box: Box) -> NDArray[np.int16]:
    """(N, C) levels of the outermost px around a word."""
    return np.concatenate(_sides(_around(picture, box))).astype(np.int16)


def _sides(around: NDArray[Any]) -> list[NDArray[Any]]:
    return [around[0], around[-1], around[:, 0], around[:, -1]]
