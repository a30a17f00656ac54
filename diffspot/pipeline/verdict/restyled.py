"""Text of which the style changed: one rasteriser drew both pictures, and its words lie elsewhere or have a shadow.

Another rasteriser draws each letter anew. One that draws letters equal to the bit rounds no width of a letter anew
either: it may begin all of a page by a part of a px further on, which moves each letter by a px at most. What lies
further aside did so by its style: the space between letters or words, or what stands before it in its line. And where
letters lie as they lay, ink that was only added, and not on all sides, is drawn under them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.areas import covering, joined_areas
from diffspot.pipeline.sampling import median
from diffspot.pipeline.verdict.ruled import STEP
from diffspot.pipeline.verdict.tiles import AROUND, EXACT, brightness
from diffspot.pipeline.verdict.words import LOWEST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.words import Word

SAME_HAND = 0.15
"""Share of the letters that the other picture shows equal to the bit, anywhere, where one rasteriser drew both: 0.2 and
more, of two rasterisers 0.04 at most."""
ROUNDED = 1
"""Px by which letters lie aside at most where all of a page moved by less than one."""
NEARLY_ALL = 0.9
"""Share of the columns of a word that say how far it lies aside: fewer are a stroke that reached another one."""
APART = 2.0
"""Heights of a word by which words of a block of text lie apart at most: its lines, and the cells of a table."""
MOSTLY = 0.5
"""Share of the words of a block that moved where all of it was set anew; the first ones of a line move least."""
CONTRAST, BLENDED = 40, (0.2, 0.8)
"""Levels of brightness within a px at an edge of a letter, and between which shares of them ink and ground are blended
in a px there."""
ONE_WAY, KEPT = 0.99, 0.25
"""Share of the px of a word that went one way, brighter or darker, where ink was only added or taken, and share of the
blended px that stayed: 0.35 and more beside shadows, 0.15 at most where another rasteriser draws all letters bolder."""


class Restyled(NamedTuple):
    """What was set anew.

    Attributes:
        mask: (H, W) bool, its px.
        join: px; parts that lie closer are one block.
    """

    mask: NDArray[np.bool_]
    join: float


def find_restyled(words: list[Word], shared: float, pair: RegisteredPair, differing: NDArray[np.bool_]) -> Restyled:
    """Finds the words that one rasteriser drew elsewhere, or with a shadow in one of the two pictures.

    Args:
        words: that differ, laid.
        shared: see `Twins.shared`.
        pair: on the host, levels.
        differing: (H, W) bool.
    """
    every = covering((word.box for word in words), differing.shape)
    join = APART * float(median(np.array([word.box[3] for word in words])))
    if shared > SAME_HAND:
        found = _moved(words, every, join)
    else:
        found = every if _have_shadows(words, pair) else np.zeros_like(every)
    return Restyled(found & differing, join)


def _moved(words: list[Word], every: NDArray[np.bool_], join: float) -> NDArray[np.bool_]:
    """(H, W) bool, the words that moved with the rest of their blocks, of which `every` holds all, where most did."""
    moved = [word.box for word in words if word.box[3] >= LOWEST and _furthest(word) > ROUNDED]
    found = covering(moved, every.shape)
    if moved:
        for ((x, y, w, h), *_), own in joined_areas(every, every.view(np.uint8), join):
            place = np.s_[y : y + h, x : x + w]
            block = own & every[place]
            if np.count_nonzero(found[place] & block) > MOSTLY * np.count_nonzero(block):
                found[place] |= block
    return found


def _have_shadows(words: list[Word], pair: RegisteredPair) -> bool:
    """Whether words lie as they lay, to the bit in a fair part, with ink that was only added or only taken."""
    planes = brightness(pair.reference), brightness(pair.candidate)
    places = [np.s_[y : y + h, x : x + w] for x, y, w, h in (word.box for word in words)]
    counts = [_ink(*(plane[place] for plane in planes)) for place in places]
    most, every, kept, blended = np.sum(counts, axis=0).tolist()
    return bool(most > ONE_WAY * every and kept > KEPT * max(blended, 1))


def _ink(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> tuple[int, ...]:
    """Of two (h, w) planes of brightness: px that went the way of most and either way; blended ones, kept and all."""
    ways = [int(np.count_nonzero(cv2.subtract(*pair) > STEP)) for pair in ((one, other), (other, one))]
    blended = _blended(one)
    kept = blended & (cv2.absdiff(one, other) <= EXACT)
    return max(ways), sum(ways), int(np.count_nonzero(kept)), int(np.count_nonzero(blended))


def _blended(plane: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(h, w) bool: where ink and ground are blended, of (h, w) brightness."""
    low = cv2.erode(plane, AROUND)
    high = cv2.subtract(cv2.dilate(plane, AROUND), low)
    share = cv2.divide(cv2.subtract(plane, low), np.maximum(high, 1), dtype=cv2.CV_32F)
    return np.asarray((high > CONTRAST) & (share > BLENDED[0]) & (share < BLENDED[1]))


def _furthest(word: Word) -> float:
    """Px, across, by which nearly all of a word lies aside at most."""
    return float(np.quantile(np.abs(word.laid.columns), NEARLY_ALL))
