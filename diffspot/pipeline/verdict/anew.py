"""The verdict on a page that was drawn anew as a whole: by its words, and apart from them by its lines and areas.

A rasteriser, another hinting or subpixel text moves letters and blends their edges anew. It leaves the strokes of each
word where its letters went, the hue of its ink and, but for what all words of the page have in common, how much of it
there is; areas keep their colour, and boxes and lines their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.backends.channels import largest
from diffspot.pipeline.sampling import median, medians
from diffspot.pipeline.verdict.edges import STEP, touching
from diffspot.pipeline.verdict.groups import overlap
from diffspot.pipeline.verdict.tiles import EXACT
from diffspot.pipeline.verdict.words import LOWEST, REACH, TALLEST, count_near, find_words, lay_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.words import Counts, Edges, Word

DOUBTFUL_STRAY = 0.03
"""Px of strokes from which a letter beside such a one may be another one, too: drawn anew they leave 0.02 (`STRAY`)."""
SAME_STROKES = 0.7
"""Share of the words that leave no stroke, and of those that keep their ink, where a page was drawn anew: three in ten
may change. Pages with another text leave strokes in most of theirs."""
LEAST_WORDS, MOST_WORDS = 4, 0.6
"""Words of usual height that differ, at least; fewer say nothing about the page, nor do signs and icons, none of which
is long. And the share of the long words of a page: some sizes of type look alike in two rasterisers, and where a page
was changed more than half of them stay."""
RIM = 3
"""Px around a word that show its ground: beyond the px that blending reaches, within the margin of a button."""
EVEN = 0.9
"""Share of them that are of one colour where it is even: a letter of a neighbour may reach in, a frame may not."""
HUE = 2.0
"""Degrees between two inks; subpixel text leaves 1.5 of 99 words in 100, another colour mostly more."""
MASS = 0.2
"""Natural logarithm of the ratio of two inks, beside that of other words: bold adds 0.25, rasterisers 0.13 at most."""
FURTHER = 1.5
"""Px by which a word lies further aside than twice what `NEARLY_ALL` of the words lie at most: then it was moved.
Rounding to whole px leaves a px, and the mean over a word's columns half of one more."""
NEARLY_ALL = 0.8
"""Share of the words whose place another hinting says: one in five may be elsewhere."""
LIKE_HEIGHT = 1.3
"""Ratio of the heights of words of like size: letters with and without ascenders, 7 to 9 px, differ by 1.29."""


class Anew(NamedTuple):
    """A page that was drawn anew as a whole, as its words say.

    Attributes:
        changed: (H, W) bool, what another rasteriser does not explain in words, and areas of another colour.
        told: (H, W) bool, the same with strokes that are more than letters drawn anew leave elsewhere, but no more than
            twice what nine in ten words of this page do: a change where tiles say so too.
        text: (H, W) bool, words with the px around them.
        words: those of usual height that differ.
    """

    changed: NDArray[np.bool_]
    told: NDArray[np.bool_]
    text: NDArray[np.bool_]
    words: list[Word]

    def explains(self, component: Component, mask: NDArray[np.bool_], *, certain: bool) -> bool:
        """Whether what tiles find on such a page are words drawn anew.

        Args:
            component: what they find.
            mask: (h, w) bool of its box, the pixels that differ.
            certain: whether it is no colour, of which words know more: of one word that lies where it lay, tiles see
                more than its strokes.
        """
        (x, y, w, h), area, *_ = component
        place = np.s_[y : y + h, x : x + w]
        if 2 * np.count_nonzero(mask & ~self.text[place]) >= area or (mask & self.told[place]).any():
            return False
        own = [word for word in self.words if overlap(word.box, (x, y, w, h))]
        return not (certain and len(own) == 1 and not own[0].aside)


def drawn_anew(pair: RegisteredPair, differing: NDArray[np.bool_], edges: Edges, stray: float) -> Anew | None:
    """What words say of a page that was drawn anew as a whole; None of any other page.

    Args:
        pair: on the host, levels.
        differing: (H, W) bool.
        edges: of its pictures.
        stray: px of strokes that make a letter another one.
    """
    near = count_near(
        pair.reference, pair.candidate, differing, LEAST_WORDS
    )  # which tells of most pages with few changes
    if near and not _are_most(near):
        return None
    found = find_words(edges, differing)
    if not _are_most(found.counts()):
        return None
    texts = [number for number, box in enumerate(found.boxes) if box[3] <= TALLEST]
    words = lay_words(pair.reference, pair.candidate, found)
    own = [words.words[number] for number in texts]
    others = (1 - SAME_STROKES) * len(own)
    if sum(word.stray > stray for word in own) > others:
        return None
    inks = _other_inks(pair, [word.box for word in own])
    if len(inks) > others:
        return None
    most = max(stray, 2 * float(np.quantile([word.stray for word in own], 0.9)))
    text = np.zeros_like(differing)
    for word in own:
        x, y, w, h = word.box
        text[max(y - 1, 0) : y + h + 1, max(x - 1, 0) : x + w + 1] = True
    told = other_letters(words.strokes, stray) & words.inside
    changed = told.copy() if most == stray else other_letters(words.strokes, most) & words.inside
    for x, y, w, h in (*inks, *_moved(own)):
        changed[y : y + h, x : x + w] = True
    areas = _areas(pair, differing & text & (np.maximum(*edges.ranges) <= EXACT))
    changed = (changed | touching(areas, differing)) & differing
    return Anew(changed, told | changed, text, own)


def _are_most(words: Counts) -> bool:
    """Whether enough words differ, and of long ones most."""
    texts, long, still = words
    return texts >= LEAST_WORDS and bool(long) and long >= MOST_WORDS * (long + still)


def _moved(words: list[Word]) -> list[Box]:
    """Boxes of words that lie further aside than nearly all."""
    most = FURTHER + 2 * float(np.quantile([abs(word.aside) for word in words], NEARLY_ALL))
    return [word.box for word in words if abs(word.aside) > most and word.box[3] >= LOWEST]


def _areas(pair: RegisteredPair, flat: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of what is of one colour in both pictures, that whose colour is not near by in the other one."""
    changed, signed = np.zeros_like(flat), np.result_type(pair.reference, np.int16)  # float32 of 16 bits stays
    for here, there in ((pair.reference, pair.candidate), (pair.candidate, pair.reference)):
        rows, columns = np.nonzero(flat)
        own = here[rows, columns].astype(signed)
        for by in sorted(range(-REACH[0], REACH[0] + 1), key=abs):  # most have their colour a few px beside
            other = there[rows, np.clip(columns + by, 0, there.shape[1] - 1)]
            lost = (np.abs(own - other) > STEP).any(axis=1)
            rows, columns, own = rows[lost], columns[lost], own[lost]
        changed[rows, columns] = True
    return changed


def other_letters(strokes: NDArray[np.float32], stray: float) -> NDArray[np.bool_]:
    """(h, w) bool: around strokes that one picture alone has, with the fainter ones beside: words change as a whole."""
    if strokes.max(initial=0) <= stray:
        return np.zeros(strokes.shape, bool)
    return touching(strokes > stray, strokes > DOUBTFUL_STRAY)


def _other_inks(pair: RegisteredPair, boxes: list[Box]) -> list[Box]:
    """Boxes of words whose ink stands out from that of the other words."""
    measured = []
    for box in boxes:
        one, other = ink(pair.reference, box), ink(pair.candidate, box)
        if one and other and np.abs(one[0] - other[0]).max() <= EXACT and one[1].any() and other[1].any():
            measured.append((box, one[1].astype(float), other[1].astype(float)))
    found = []
    masses = np.array([np.log(np.abs(other).sum() / np.abs(one).sum()) for _, one, other in measured])
    heights = np.array([box[3] for box, *_ in measured], float)
    dark = np.array([one.sum() < 0 for _, one, _ in measured])
    for number, (box, mine, yours) in enumerate(measured):
        like = (np.abs(np.log(heights / heights[number])) <= np.log(LIKE_HEIGHT)) & (dark == dark[number])
        cosine = mine @ yours / np.sqrt((mine @ mine) * (yours @ yours))
        turned = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
        usual = median(masses[like])
        if turned > HUE or abs(masses[number] - usual) > MASS:
            found.append(_other_part(pair, box, np.exp(usual)))
    return found


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
