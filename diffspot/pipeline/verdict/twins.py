"""What the same letters say that stand elsewhere on a page: a rasteriser draws each letter in the same way.

Where one picture shows a letter equal to the bit in several places, the other one shows it in as many. There these are
alike too, but for the part of a px at which each begins, whatever rasteriser or hinting drew them. So one that is like
others was drawn anew, and one that is unlike all others while these are alike became another letter.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.content import outermost
from diffspot.pipeline.sampling import median, medians
from diffspot.pipeline.verdict.drawings import EXEMPLARS, FAR, NEAR, Letter, cuts_of_each, distances, other_inks
from diffspot.pipeline.verdict.similar import NARROWEST, with_like_shapes
from diffspot.pipeline.verdict.tiles import brightness

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.model import Box

    Shapes = dict[tuple[Any, ...], list[Letter]]
    """Letters by their ground and their ink, to the bit."""

CONTRAST, BODY = 40, 0.25
"""Grey levels from the ground of a word to its ink at least, and the share of that from which a px is of a letter."""
LOWEST, TALLEST, WIDEST = 5, 24, 3
"""Px, the height of the lowest letter and that of the tallest one that can be said to have become another one: what is
taller is mostly a drawing of thin lines. And how many times as wide as tall one may be; letters that touch are one."""
FEWEST = 4
"""Places of a letter that tell which of them is unlike the others."""
ALIKE, UNLIKE = 0.12, 0.25
"""Squares by which two drawings of one letter differ, of the squares of their ink: in seven hintings 99 in 100 of the
same letters leave 0.07 at most, and next to none more than 0.2."""
LEAST_UNLIKE, BEYOND, MAY_CHANGE = 0.14, 3.0, 4
"""Where all of a page leave so little, a letter is unlike the others from so many times of it, but not from less than
the least: an 8 that became a 6 leaves 0.16, in small type a 3 that became an 8 only 0.11. And how many drawings, of
both pictures, may be other letters that say nothing of the rest."""


INK = 0.2
"""Part by which the ink of one may differ from that of most: where a letter begins at a part of a px a neighbour can
reach in; black that became red differs by half."""
FEWEST_TOLD = 20
"""Letters of both pictures, at least, of which it is asked whether the other one shows them equal to the bit."""
MOSTLY = 0.5
"""Share of a letter that letters of the other picture cover which are drawn as others are: then it is, too."""


class Twins(NamedTuple):
    """What the letters of a page say, each of its like elsewhere.

    Attributes:
        alike: boxes, in the first picture, of the letters that are drawn as others are.
        unlike: the same of those that became others.
        shared: share, in [0, 1], of the letters of either picture that the other one shows equal to the bit anywhere.
    """

    alike: list[Box]
    unlike: list[Box]
    shared: float


class Laid(NamedTuple):
    """How a word lies in the other picture.

    Attributes:
        box: of the word.
        down: px by which it lies lower there.
        columns: (w,) px by which each of its columns lies further right.
    """

    box: Box
    down: int
    columns: NDArray[np.intp]

    @classmethod
    def at_rest(cls, box: Box) -> Laid:
        """A word that lies where it lay."""
        return cls(box, 0, np.zeros(box[2], np.intp))

    def back(self) -> Laid:
        """The same as seen from the other picture."""
        own = np.arange(len(self.columns))
        columns = -np.rint(np.interp(own, own + self.columns, self.columns)).astype(np.intp)
        return Laid(self.box, -self.down, columns)


class _Held(NamedTuple):
    """N letters of one shape, held to each other.

    Attributes:
        boxes: in the first picture.
        away: (N,) see `distances`.
        inked: (N,) bool, whether each has the ink of most.
        known: whether they tell which of them is unlike the others.
        many: whether they are more than are held to each other.
    """

    boxes: list[Box]
    away: NDArray[np.float32]
    inked: NDArray[np.bool_]
    known: bool
    many: bool

    def first(self) -> _Held:
        """The same of the first letter alone."""
        return self._replace(boxes=self.boxes[:1], away=self.away[:1], inked=self.inked[:1])


def find_twins(one: NDArray[np.uint8], other: NDArray[np.uint8], words: Sequence[Laid]) -> Twins:
    """Holds each letter of some words to the same letter elsewhere.

    Args:
        one: (H, W, C) levels.
        other: (H, W, C) levels.
        words: of both pictures, as they lie in `other`.
    """
    alike: list[Box] = []
    unlike: list[Box] = []
    planes = [brightness(picture) for picture in (one, other)]
    shapes = [_by_shape(planes[0], words), _by_shape(planes[1], [word.back() for word in words])]
    ways = (planes[0], planes[1], other, shapes[0]), (planes[1], planes[0], one, shapes[1])
    held = [
        each
        for back, (here, there, colours, letters) in enumerate(ways)
        for each in _all_held(here, there, colours, list(letters.values()), back=bool(back))
    ]
    bar = _least_unlike([each.away for each in held if each.known])
    covered = np.zeros(planes[0].shape, bool)
    for each in held:
        # Of few one may begin at a part of a px at which no other does.
        least = bar if each.many else UNLIKE
        for box, nearest, same in zip(each.boxes, each.away.tolist(), each.inked.tolist(), strict=True):
            if nearest <= ALIKE and same:
                alike.append(box)
                x, y, w, h = box
                covered[y : y + h, x : x + w] |= each.known  # two that became the same other one are alike, too
            elif nearest > least and each.known:
                unlike.append(box)
    return Twins(alike, [box for box in unlike if _share(covered, box) <= MOSTLY], _shared(*shapes))


def _shared(one: Shapes, other: Shapes) -> float:
    """See `Twins.shared`; letters as narrow as bars are alike in all rasterisers, and say nothing."""
    told, found = 0, 0
    for here, there in ((one, other), (other, one)):
        for shape, letters in here.items():
            if letters[0].box[2] >= NARROWEST:
                told += len(letters)
                found += len(letters) * (shape in there)
    return found / max(told, FEWEST_TOLD)


def _all_held(
    here: NDArray[np.uint8],
    there: NDArray[np.uint8],
    colours: NDArray[np.uint8],
    shapes: list[list[Letter]],
    *,
    back: bool,
) -> Iterator[_Held]:
    """The letters of `here`, shape by shape, each of its like; see `_held`."""
    held = list(_held([letters for letters in shapes if len(letters) > 1], there, colours, back=back))
    yield from held
    several, rest = iter(held), list[Letter]()
    for letters in shapes:
        known = len(letters) > 1 and next(several).known
        if not known and letters[0].box[3] <= TALLEST:
            rest += letters
    like = [letters for letters in with_like_shapes(here, there, shapes, rest) if len(letters) >= FEWEST]
    for one in _held(like, there, colours, back=back):
        yield one.first()


def _held(
    shapes: list[list[Letter]], there: NDArray[np.uint8], colours: NDArray[np.uint8], *, back: bool
) -> Iterator[_Held]:
    """Letters, shape by shape, held to each other in the picture `there`; `back` where that is the first one."""
    shown, inks = cuts_of_each(there, shapes, (0, 0)), cuts_of_each(colours, shapes, (1, 1))
    for letters, own, coloured in zip(shapes, shown, inks, strict=True):
        away = distances(there, letters, own, NEAR)
        known = len(letters) >= FEWEST and letters[0].box[3] <= TALLEST and bool(median(away) <= ALIKE)
        if known and away.max() > LEAST_UNLIKE:
            away = distances(there, letters, own, FAR)
        boxes = [(x + back * right, y + back * down, w, h) for (x, y, w, h), (right, down), _ in letters]
        yield _Held(boxes, away, other_inks(coloured) <= INK, known, len(letters) > EXEMPLARS)


def _least_unlike(away: list[NDArray[np.float32]]) -> float:
    """From how far away a letter is another one: further than nearly all are, but for a few that may have changed."""
    every = np.concatenate([np.zeros(MAY_CHANGE + 1, np.float32), *away])
    usual = float(np.partition(every, -MAY_CHANGE - 1)[-MAY_CHANGE - 1])
    return min(max(LEAST_UNLIKE, BEYOND * usual), UNLIKE)


def _share(mask: NDArray[np.bool_], box: Box) -> float:
    x, y, w, h = box
    inside = mask[max(y, 0) : y + h, max(x, 0) : x + w]
    return float(inside.mean()) if inside.size else 1.0


def _by_shape(plane: NDArray[np.uint8], words: Sequence[Laid]) -> Shapes:
    """The letters of some words, those together that are equal to the bit."""
    shapes: Shapes = defaultdict(list)
    for word in words:
        x, y, w, h = word.box
        inside = plane[y : y + h, x : x + w]
        rim = outermost(inside)
        ground = int(medians(rim[:, None])[0])
        ink = cv2.absdiff(inside, np.full_like(inside, ground))
        strongest = int(ink.max())
        if strongest < CONTRAST:
            continue
        count, labels, boxes, _ = cv2.connectedComponentsWithStats(
            (ink > BODY * strongest).view(np.uint8), connectivity=8
        )
        for number, (left, top, width, height, _) in enumerate(boxes[1:count].tolist(), start=1):
            if height < LOWEST or width > WIDEST * height:
                continue
            place = np.s_[top : top + height, left : left + width]
            own = ink[place] * (labels[place] == number)
            aside = int(word.columns[min(left + width // 2, w - 1)]), word.down
            box = x + left, y + top, width, height
            shapes[ground, own.shape, own.tobytes()].append(Letter(box, aside, ground))
    return shapes
