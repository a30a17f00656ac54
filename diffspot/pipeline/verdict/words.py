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
from diffspot.pipeline.verdict.edges import range_within
from diffspot.pipeline.verdict.groups import holds
from diffspot.pipeline.verdict.ruled import STRAIGHT, straight
from diffspot.pipeline.verdict.tiles import brightness, lost, stray_of
from diffspot.pipeline.verdict.twins import Laid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        laid: around its pixels in both pictures, and how it lies in the other one.
        stray: px of strokes that one picture alone has, see `Tiles.stray`.
    """

    laid: Laid
    stray: float

    @property
    def box(self) -> Box:
        """Around its pixels in both pictures."""
        return self.laid.box

    @property
    def aside(self) -> float:
        """Px, across, by which it lies aside, in the mean."""
        return float(self.laid.columns.mean())

    @property
    def lies_still(self) -> bool:
        """Whether it lies where it lay, or within a px along its line where that runs up or down."""
        return not self.aside and not (self.laid.down and is_long(self.box))


class Counts(NamedTuple):
    """How many words a page has that say whether it was drawn anew.

    Attributes:
        texts: those of usual height that differ.
        long: those of them that are longer than tall.
        still: words longer than tall that are equal in both; of a page of which only a part was looked at, at least.
    """

    texts: int
    long: int
    still: int


class Found(NamedTuple):
    """The words of a page in which it differs, not laid yet.

    Attributes:
        boxes: of all of them, from top to bottom.
        own: (h, w) bool each, which pixels of its box are the word's.
        still: boxes of words longer than tall that are equal in both.
    """

    boxes: list[Box]
    own: list[NDArray[np.bool_]]
    still: list[Box]

    def counts(self, within: Box | None = None) -> Counts:
        """How many there are, of the still ones those in a box alone."""
        texts = [box for box in self.boxes if box[3] <= TALLEST]
        still = self.still if within is None else [box for box in self.still if holds(within, box)]
        return Counts(len(texts), sum(map(is_long, texts)), len(still))


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


class Connected:
    """The words that edges make, from top to bottom.

    Attributes:
        boxes: of each.
    """

    def __init__(self, edges: NDArray[np.uint8], gap: int = GAP) -> None:
        """Takes (H, W) 1 at edges, and across how many px they are one word."""
        self._close = cv2.dilate(edges, np.ones((1, gap), np.uint8))
        # Contours take a seventh of the time of components with their boxes, and most words are told by their boxes.
        contours, tree = cv2.findContours(self._close, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        parents = tree[0, :, 3].tolist() if contours else []
        outer = [contour for contour, parent in zip(contours, parents, strict=True) if parent < 0]
        first = np.array([contour[0, 0] for contour in outer], np.intp).reshape(-1, 2)
        order = np.lexsort(first.T)
        self._first = first[order]
        around = (cv2.boundingRect(outer[index]) for index in order.tolist())
        self.boxes: list[Box] = [(x, y, w, h) for x, y, w, h in around]

    @cached_property
    def _labels(self) -> NDArray[np.int32]:
        return np.asarray(cv2.connectedComponents(self._close, connectivity=8)[1], np.int32)

    def own(self, number: int) -> NDArray[np.bool_]:
        """(h, w) bool, which pixels of its box are a word's; of letters all, as they have insides."""
        x, y, w, h = self.boxes[number]
        if h <= TALLEST:
            return np.ones((h, w), bool)
        column, row = self._first[number]
        return np.asarray(self._labels[y : y + h, x : x + w] == self._labels[row, column])  # not all that is inside


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
    parts = Connected(edges.either)
    first, size = np.hsplit(np.array(parts.boxes, np.intp).reshape(-1, 4), 2)
    (left, top), (right, bottom) = first.T, (first + size).T
    sums = cv2.integral(differing.view(np.uint8))
    holding = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left] > 0
    still = [box for box, some in zip(parts.boxes, holding.tolist(), strict=True) if not some and is_long(box)]
    found = Found([], [], still)
    for number in np.flatnonzero(holding).tolist():
        box, own = parts.boxes[number], parts.own(number)
        x, y, w, h = box
        if (differing[y : y + h, x : x + w] & own).any():  # of a taller one not all is its own, but that is never long
            found.boxes.append(box)
            found.own.append(own)
    return found


def count_near(
    reference: NDArray[Any],
    candidate: NDArray[Any],
    differing: NDArray[np.bool_],
    may_be: Callable[[Counts], bool],
) -> Counts | None:
    """Counts words in the rows around what differs alone; None where these are most of the page.

    Words of usual height that differ lie in these rows as a whole, and what is taller is taller there, too.

    Args:
        reference: (H, W, C) uint8 levels.
        candidate: (H, W, C) uint8 levels, registered.
        differing: (H, W) bool.
        may_be: whether the page may be what is looked for, when so many words differ at most, and so many are still at
            least; where it is not, no others are counted.
    """
    room = TALLEST + 2 + STRAIGHT[0]
    bands = _spans(differing, 1, room)
    if 2 * sum(bottom - top for top, bottom in bands) > len(differing):
        return None
    parts = [(slice(*band), slice(*span)) for band in bands for span in _spans(differing[slice(*band)], 0, room)]
    near = _counted(reference, candidate, differing, parts)
    if not may_be(near):  # a word that differs may be in two parts, but no two words are in one
        return near
    return _counted(reference, candidate, differing, [(slice(*band), slice(0, differing.shape[1])) for band in bands])


def _counted(
    reference: NDArray[Any], candidate: NDArray[Any], differing: NDArray[np.bool_], parts: list[tuple[slice, slice]]
) -> Counts:
    """How many words some parts of a page have, of the still ones those that it has as well."""
    total = Counts(0, 0, 0)
    for part in parts:
        found = find_words(Edges(reference[part], candidate[part]), differing[part])
        total = Counts(*map(sum, zip(total, found.counts(_uncut(part, differing.shape)), strict=True)))
    return total


def _uncut(part: tuple[slice, slice], shape: tuple[int, ...]) -> Box:
    """What of a part of a page has the words of the page: so near to where it is cut, lines may not look straight."""
    (top, bottom), (left, right) = (
        ((STRAIGHT[0] + 1) * (cut.start > 0), cut.stop - cut.start - (STRAIGHT[0] + 1) * (cut.stop < side))
        for cut, side in zip(part, shape, strict=True)
    )
    return left, top, right - left, bottom - top


def _spans(mask: NDArray[np.bool_], along: int, room: int) -> list[tuple[int, int]]:
    """Rows, or columns, around what is set in any px `along` the other axis, with so many around; what meets is one."""
    line = np.asarray(mask.any(axis=along))
    places = np.flatnonzero(line)
    runs = np.split(places, np.flatnonzero(np.diff(places) > 2 * room) + 1)
    return [(max(int(run[0]) - room, 0), min(int(run[-1]) + room + 1, len(line))) for run in runs if len(run)]


def lay_words(reference: NDArray[Any], candidate: NDArray[Any], found: Found) -> Words:
    """Lays each word over itself.

    Args:
        reference: (H, W, C) uint8 levels.
        candidate: (H, W, C) uint8 levels, registered.
        found: its words.
    """
    one, other = brightness(reference), brightness(candidate)
    gone, inside, at_rest = np.zeros_like(one), np.zeros(one.shape, bool), lost(one, other)
    places = [np.s_[y : y + h, x : x + w] for x, y, w, h in found.boxes]
    words = [Laid.at_rest(box) for box in found.boxes]
    for place, own in zip(places, found.own, strict=True):
        inside[place] |= own
    # Nothing is less than nothing: what leaves none where it lies, as most words do, lies best there.
    aside = [number for number, place in enumerate(places) if at_rest[place].any()]
    for numbers, reach in _batches(found.boxes, aside):
        laid = align(one, other, [found.boxes[number] for number in numbers], reach)
        for number, (left, lower, columns) in zip(numbers, laid, strict=True):
            words[number] = Laid(found.boxes[number], lower, columns)
            np.copyto(gone[places[number]], left, where=found.own[number])
    strokes = stray_of(gone, one, other)
    return Words([Word(laid, highest(strokes, laid.box)) for laid in words], inside, strokes)


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


def highest(plane: NDArray[np.float32], box: Box) -> float:
    """The highest value of an (H, W) plane in a box."""
    x, y, w, h = box
    return float(plane[y : y + h, x : x + w].max())


def _edges(picture: NDArray[Any], within: NDArray[Any]) -> NDArray[np.uint8]:
    """(H, W) 1 at edges of an (H, W, C) picture of that range, but not on lines and frames."""
    edges = within > EDGE
    for axis, length in enumerate(STRAIGHT):
        if edges.shape[axis] >= length:
            edges &= ~straight(picture, axis)
    return np.asarray(edges, np.uint8)
