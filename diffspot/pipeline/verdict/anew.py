"""The verdict on a page that was drawn anew as a whole: by its words, and apart from them by its lines and areas.

A rasteriser, another hinting or subpixel text moves letters and blends their edges anew. It leaves the strokes of each
word where its letters went, the hue of its ink and, but for what all words of the page have in common, how much of it
there is; areas keep their colour, and boxes and lines their place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diffspot.pipeline.areas import covering
from diffspot.pipeline.verdict.edges import touching
from diffspot.pipeline.verdict.groups import overlap
from diffspot.pipeline.verdict.inks import other_inks
from diffspot.pipeline.verdict.restyled import find_restyled
from diffspot.pipeline.verdict.ruled import STEP
from diffspot.pipeline.verdict.slanted import slanted
from diffspot.pipeline.verdict.tiles import EXACT
from diffspot.pipeline.verdict.twins import find_twins
from diffspot.pipeline.verdict.words import LOWEST, REACH, TALLEST, count_near, find_words, highest, lay_words

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.restyled import Restyled
    from diffspot.pipeline.verdict.twins import Twins
    from diffspot.pipeline.verdict.words import Counts, Edges, Word

DOUBTFUL_STRAY = 0.03
"""Px of strokes from which a letter beside such a one may be another one, too: drawn anew they leave 0.02 (`STRAY`)."""
WEAK, REST = 0.6, 0.1
"""Px of strokes that letters leave which are drawn so all over a page, at most: other letters leave more. And the share
of what differs that may lie beside such letters."""
SPECK = 8
"""Px of a component that is less than a letter became: a stop or a dot that is gone leaves a stroke."""
SAME_STROKES = 0.7
"""Share of the words that leave no stroke, and of those that keep their ink, where a page was drawn anew: three in ten
may change. Pages with another text leave strokes in most of theirs."""
LEAST_WORDS, MOST_WORDS = 4, 0.6
"""Words of usual height that differ, at least; fewer say nothing about the page, nor do signs and icons, none of which
is long. And the share of the long words of a page: some sizes of type look alike in two rasterisers, and where a page
was changed more than half of them stay."""
FURTHER = 1.5
"""Px by which a word lies further aside than twice what `NEARLY_ALL` of the words lie at most: then it was moved.
Rounding to whole px leaves a px, and the mean over a word's columns half of one more."""
NEARLY_ALL = 0.8
"""Share of the words whose place another hinting says: one in five may be elsewhere."""


class Anew(NamedTuple):
    """A page that was drawn anew as a whole, as its words say.

    Attributes:
        changed: (H, W) bool, what another rasteriser does not explain in words, and areas of another colour.
        told: (H, W) bool, the same with strokes that are more than letters drawn anew leave elsewhere, but no more than
            twice what nine in ten words of this page do, and `WEAK`: a change where tiles say so too.
        text: (H, W) bool, words with the px around them.
        same: (H, W) bool, letters that are drawn as the same ones elsewhere, with a px around them.
        words: those of usual height that differ.
        restyled: what of them the same rasteriser drew elsewhere.
    """

    changed: NDArray[np.bool_]
    told: NDArray[np.bool_]
    text: NDArray[np.bool_]
    same: NDArray[np.bool_]
    words: list[Word]
    restyled: Restyled

    def explains(self, component: Component, mask: NDArray[np.bool_], *, certain: bool) -> bool:
        """Whether what tiles find on such a page are words drawn anew.

        Args:
            component: what they find.
            mask: (h, w) bool of its box, the pixels that differ.
            certain: whether it is no colour, of which words know more: of one word that lies where it lay, tiles see
                more than its strokes. Of one that lies a px aside or lower they see strokes beside each other.
        """
        (x, y, w, h), area, *_ = component
        place = np.s_[y : y + h, x : x + w]
        if 2 * np.count_nonzero(mask & ~self.text[place]) >= area or (mask & self.told[place]).any():
            return False
        if np.count_nonzero(mask & ~self.same[place]) <= REST * area:
            return True
        own = [word for word in self.words if overlap(word.box, (x, y, w, h))]
        return not (certain and area > SPECK and len(own) == 1 and own[0].lies_still)


def drawn_anew(pair: RegisteredPair, differing: NDArray[np.bool_], edges: Edges, stray: float) -> Anew | None:
    """What words say of a page that was drawn anew as a whole; None of any other page.

    Args:
        pair: on the host, levels.
        differing: (H, W) bool.
        edges: of its pictures.
        stray: px of strokes that make a letter another one.
    """
    # which tells of most pages with few changes
    near = count_near(pair.reference, pair.candidate, differing, _are_most)
    if near and not _are_most(near):
        return None
    found = find_words(edges, differing)
    if not _are_most(found.counts()):
        return None
    texts = [number for number, box in enumerate(found.boxes) if box[3] <= TALLEST]
    words = lay_words(pair.reference, pair.candidate, found)
    own = [words.words[number] for number in texts]
    twins = find_twins(pair.reference, pair.candidate, [word.laid for word in own])
    strokes, same = _without_twins(words.strokes, twins)
    own = [word._replace(stray=highest(strokes, word.box)) for word in own]
    others = (1 - SAME_STROKES) * len(own)
    if sum(word.stray > stray for word in own) > others:
        return None
    inks = other_inks(pair, [word.box for word in own])
    if len(inks) > others:
        return None
    most = max(stray, min(2 * float(np.quantile([word.stray for word in own], 0.9)), WEAK))
    text = np.zeros_like(differing)
    for word in own:
        x, y, w, h = word.box
        text[max(y - 1, 0) : y + h + 1, max(x - 1, 0) : x + w + 1] = True
    told = other_letters(strokes, stray) & words.inside
    changed = told.copy() if most == stray else other_letters(strokes, most) & words.inside
    aslant = slanted(pair.reference, pair.candidate, [word.laid for word in own])
    changed |= covering([*inks, *moved_words(own), *twins.unlike, *aslant], changed.shape)
    areas = _areas(pair, differing & text & (np.maximum(*edges.ranges) <= EXACT))
    restyled = find_restyled(own, twins.shared, pair, differing)
    changed = (changed | restyled.mask | touching(areas, differing)) & differing
    return Anew(changed, told | changed, text, same & ~changed, own, restyled)


def _without_twins(strokes: NDArray[np.float32], twins: Twins) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """The strokes of words without the weak ones of letters that are drawn as others are, and where those letters are.

    Another letter leaves more, were it drawn so all over the page.
    """
    left, same = strokes.copy(), np.zeros(strokes.shape, bool)
    for x, y, w, h in twins.alike:
        place = np.s_[max(y - 1, 0) : y + h + 1, max(x - 1, 0) : x + w + 1]
        if strokes[place].max(initial=0) <= WEAK:
            left[place], same[place] = 0, True
    return left, same


def _are_most(words: Counts) -> bool:
    """Whether enough words differ, and of long ones most."""
    texts, long, still = words
    return texts >= LEAST_WORDS and bool(long) and long >= MOST_WORDS * (long + still)


def moved_words(words: list[Word]) -> list[Box]:
    """Boxes of words that lie further aside than nearly all."""
    letters = [word for word in words if word.box[3] >= LOWEST]  # corners of frames say nothing of where words lie
    if not letters:
        return []
    most = FURTHER + 2 * float(np.quantile([abs(word.aside) for word in letters], NEARLY_ALL))
    return [word.box for word in letters if abs(word.aside) > most]


def _areas(pair: RegisteredPair, flat: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of what is of one colour in both pictures, that whose colour is not near by in the other one."""
    changed, signed = np.zeros_like(flat), np.result_type(pair.reference, np.int16)  # float32 of 16 bits stays
    other_there = np.nonzero(flat & (pair.difference > STEP))
    for here, there in ((pair.reference, pair.candidate), (pair.candidate, pair.reference)):
        rows, columns = other_there
        own = here[rows, columns].astype(signed)
        for by in sorted(range(-REACH[0], REACH[0] + 1), key=abs)[1:]:  # most have their colour a few px beside
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
