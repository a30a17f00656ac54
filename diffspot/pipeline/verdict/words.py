"""Finds the words of a page that was drawn anew, and lays each over the same word of the other picture.

Another hinting rounds the width of each letter to whole pixels, so the columns of a word lie by more and more px aside.
Each is laid where it fits best (`aligned.py`): letters that were drawn anew leave nothing then, and what is left of a
word is what changed in it.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.verdict.aligned import align
from diffspot.pipeline.verdict.edges import STRAIGHT, range_within, straight
from diffspot.pipeline.verdict.tiles import brightness, lost, stray_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from diffspot.model import Box

EDGE = 24
"""Grey levels within a px that make an edge of a letter; frames of cards and shadows of our pages are fainter."""
GAP = 5
"""Px across which edges are one word: letters lie closer, words further apart, as spaces are a
quarter of the size of the type."""
TALLEST = 48
"""Px; what is taller is a drawing, which no hinting moves: twice the height of usual headings."""
REACH = 16, 1
"""Px, across and down, that a word may lie aside: letters rounded by up to half a px each add up along a line, to 16 px
over 32 letters that are all rounded one way; lines of text snap to rows, a px at most."""
TOGETHER = 64
"""Words that are laid at a time: fewer take longer, and many wide ones much memory."""
LOWEST = 8
"""Px, with the edges above and below, of the lowest letters; corners of frames and dashes are lower."""
LONG = 1.5
"""Width of a word, of its height, that an icon or a mark does not have: they are about as wide as tall."""


class Word(NamedTuple):
    """A word of either picture, and what is left of it.

    Attributes:
        box: around its pixels in both pictures.
        aside: px, across, by which it lies aside, in the mean.
        stray: px of strokes that one picture alone has, see `Tiles.stray`.
    """

    box: Box
    aside: float
    stray: float


class Found(NamedTuple):
    """The words of a page in which it differs, not laid yet.

    Attributes:
        boxes: of all of them, from top to bottom.
        own: (h, w) bool each, which pixels of its box are the word's.
        still: how many words longer than tall are equal in both.
    """

    boxes: list[Box]
    own: list[NDArray[np.bool_]]
    still: int


class Words(NamedTuple):
    """The words of a page in which it differs, after each was laid.

    Attributes:
        words: all of them, in the order in which they were found.
        inside: (H, W) bool, whether a pixel lies in one of them.
        strokes: (H, W) float32, see `Tiles.strokes`.
    """

    words: list[Word]
    inside: NDArray[np.bool_]
    strokes: NDArray[np.float32]


class Edges:
    """The edges of letters in either of two (H, W, C) pictures of uint8 levels, found when they are first asked for."""

    def __init__(self, *pictures: NDArray[Any]) -> None:
        """Takes both pictures, registered."""
        self.pictures = pictures

    @cached_property
    def ranges(self) -> list[NDArray[Any]]:
        """(H, W) levels of each, see `range_within`."""
        return [range_within(picture) for picture in self.pictures]

    @cached_property
    def either(self) -> NDArray[np.uint8]:
        """(H, W) 1 at edges of letters of either picture."""
        return np.asarray(np.bitwise_or(*map(_edges, self.pictures, self.ranges)), np.uint8)


def find_words(edges: Edges, differing: NDArray[np.bool_]) -> Found:
    """Finds the words that differ.

    Args:
        edges: of both pictures, registered.
        differing: (H, W) bool.
    """
    found = Found([], [], 0)
    still = 0
    for (x, y, w, h), own in connected(edges.either):
        if (differing[y : y + h, x : x + w] & own).any():
            found.boxes.append((x, y, w, h))
            found.own.append(own)
        else:
            still += is_long((x, y, w, h))
    return found._replace(still=still)


def lay_words(reference: NDArray[Any], candidate: NDArray[Any], found: Found) -> Words:
    """Lays each word over itself.

    Args:
        reference: (H, W, C) uint8 levels.
        candidate: (H, W, C) uint8 levels, registered.
        found: its words.
    """
    one, other = brightness(reference), brightness(candidate)
    gone, inside, at_rest = np.zeros_like(one), np.zeros(one.shape, bool), lost(one, other)
    asides, places = np.zeros(len(found.boxes)), [np.s_[y : y + h, x : x + w] for x, y, w, h in found.boxes]
    for place, own in zip(places, found.own, strict=True):
        inside[place] |= own
    # Nothing is less than nothing: what leaves none where it lies, as most words do, lies best there.
    aside = [number for number, place in enumerate(places) if at_rest[place].any()]
    for numbers, reach in _batches(found.boxes, aside):
        laid = align(one, other, [found.boxes[number] for number in numbers], reach)
        for number, (left, asides[number]) in zip(numbers, laid, strict=True):
            np.copyto(gone[places[number]], left, where=found.own[number])
    strokes = stray_of(gone, one, other)
    words = [Word(box, float(by), _highest(strokes, box)) for box, by in zip(found.boxes, asides, strict=True)]
    return Words(words, inside, strokes)


def _batches(boxes: list[Box], chosen: list[int]) -> Iterator[tuple[list[int], tuple[int, int]]]:
    """Numbers of those of the words that are laid at a time, the widest first, and how far they may lie aside."""
    order = sorted(chosen, key=lambda number: -boxes[number][2])
    for tall, reach in ((False, REACH), (True, (0, 0))):
        numbers = [number for number in order if (boxes[number][3] > TALLEST) == tall]
        for first in range(0, len(numbers), TOGETHER):
            yield numbers[first : first + TOGETHER], reach


def is_long(box: Box) -> bool:
    """Whether a box is longer than tall, and no taller than a line of text."""
    return LOWEST <= box[3] <= TALLEST and box[2] - GAP + 1 >= LONG * box[3]


def _highest(plane: NDArray[np.float32], box: Box) -> float:
    x, y, w, h = box
    return float(plane[y : y + h, x : x + w].max())


def _edges(picture: NDArray[Any], within: NDArray[Any]) -> NDArray[np.uint8]:
    """(H, W) 1 at edges of an (H, W, C) picture of that range, but not on lines and frames."""
    edges = within > EDGE
    for axis, length in enumerate(STRAIGHT):
        if edges.shape[axis] >= length:
            edges &= ~straight(picture, axis)
    return np.asarray(edges, np.uint8)


def connected(
    edges: NDArray[np.uint8], gap: int = GAP, tallest: float = np.inf
) -> Iterator[tuple[Box, NDArray[np.bool_]]]:
    """The words that edges make with so many px between them, and which pixels of its box are one's own."""
    close = cv2.dilate(edges, np.ones((1, gap), np.uint8))
    # OpenCV's usual algorithm takes three times as long to measure as this one.
    _, labels, boxes, _ = cv2.connectedComponentsWithStatsWithAlgorithm(close, 8, cv2.CV_32S, cv2.CCL_BBDT)
    for number, (x, y, w, h, _) in enumerate(boxes[1:].tolist(), start=1):
        if h > tallest:
            continue
        own = labels[y : y + h, x : x + w] == number
        # Letters have insides; a drawing has the whole page inside.
        yield (x, y, w, h), np.ones_like(own) if h <= TALLEST else own
