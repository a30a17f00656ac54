"""What the same letters say that stand elsewhere on a page: a rasteriser draws each letter in the same way.

Where one picture shows a letter equal to the bit in several places, the other one shows it in as many. There these are
alike too, but for the part of a px at which each begins, whatever rasteriser or hinting drew them. So one that is like
others was drawn anew, and one that is unlike all others while these are alike became another letter.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
from numpy.lib.stride_tricks import as_strided

from diffspot.pipeline.sampling import median, medians
from diffspot.pipeline.verdict.tiles import brightness

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.model import Box


class _Reach(NamedTuple):
    """Where a letter is sought: px across and down, and the parts of a px, across and down, that a step is."""

    across: int
    down: int
    parts: tuple[int, int]


CONTRAST, BODY = 40, 0.25
"""Grey levels from the ground of a word to its ink at least, and the share of that from which a px is of a letter."""
LOWEST, TALLEST, WIDEST = 5, 24, 3
"""Px, the height of the lowest letter and that of the tallest one that can be said to have become another one: what is
taller is mostly a drawing of thin lines. And how many times as wide as tall one may be; letters that touch are one."""
FEWEST = 4
"""Places of a letter that tell which of them is unlike the others."""
EXEMPLARS = 8
"""Of a letter that a page has more often, places that the others are held to."""
SUBPIXELS = 4
"""Parts of a px at which a letter may begin: browsers round to quarters."""
NEAR, FAR = _Reach(2, 1, (SUBPIXELS, 1)), _Reach(5, 2, (SUBPIXELS, SUBPIXELS))
"""Where a letter is sought beside where its word was laid; the second where it is sought again before it is said to
have become another one: most rasterisers draw all lines on whole rows, some do not."""
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
MOSTLY = 0.5
"""Share of a letter that letters of the other picture cover which are drawn as others are: then it is, too."""


class Twins(NamedTuple):
    """What the letters of a page say, each of its like elsewhere.

    Attributes:
        alike: boxes, in the first picture, of the letters that are drawn as others are.
        unlike: the same of those that became others.
    """

    alike: list[Box]
    unlike: list[Box]


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

    def back(self) -> Laid:
        """The same as seen from the other picture."""
        own = np.arange(len(self.columns))
        columns = -np.rint(np.interp(own, own + self.columns, self.columns)).astype(np.intp)
        return Laid(self.box, -self.down, columns)


class _Letter(NamedTuple):
    """A letter: its box in one picture, and by how many px, across and down, it lies aside in the other one."""

    box: Box
    aside: tuple[int, int]


class _Held(NamedTuple):
    """N letters of one shape, held to each other.

    Attributes:
        boxes: in the first picture.
        away: (N,) see `_distances`.
        inked: (N,) bool, whether each has the ink of most.
        known: whether they tell which of them is unlike the others.
    """

    boxes: list[Box]
    away: NDArray[np.float32]
    inked: NDArray[np.bool_]
    known: bool


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
    ways = (planes[0], planes[1], other, words), (planes[1], planes[0], one, [word.back() for word in words])
    held = [
        _held(group, there, colours, back=bool(back))
        for back, (here, there, colours, laid) in enumerate(ways)
        for group in _by_shape(here, laid)
        if len(group) >= 2  # noqa: PLR2004  a pair
    ]
    bar = _least_unlike([each.away for each in held if each.known])
    covered = np.zeros(planes[0].shape, bool)
    for each in held:
        # Of few one may begin at a part of a px at which no other does.
        least = bar if len(each.boxes) > EXEMPLARS else UNLIKE
        for box, nearest, same in zip(each.boxes, each.away.tolist(), each.inked.tolist(), strict=True):
            if nearest <= ALIKE and same:
                alike.append(box)
                x, y, w, h = box
                covered[y : y + h, x : x + w] |= each.known  # two that became the same other one are alike, too
            elif nearest > least and each.known:
                unlike.append(box)
    return Twins(alike, [box for box in unlike if _share(covered, box) <= MOSTLY])


def _held(letters: list[_Letter], there: NDArray[np.uint8], colours: NDArray[np.uint8], *, back: bool) -> _Held:
    """Letters of one shape, held to each other in the picture `there`; `back` where that is the first one."""
    away = _distances(there, letters, NEAR)
    known = len(letters) >= FEWEST and letters[0].box[3] <= TALLEST and bool(median(away) <= ALIKE)
    if known and away.max() > LEAST_UNLIKE:
        away = _distances(there, letters, FAR)
    boxes = [(x + back * right, y + back * down, w, h) for (x, y, w, h), (right, down) in letters]
    return _Held(boxes, away, _other_inks(colours, letters) <= INK, known)


def _least_unlike(away: list[NDArray[np.float32]]) -> float:
    """From how far away a letter is another one: further than nearly all are, but for a few that may have changed."""
    every = np.concatenate([np.zeros(MAY_CHANGE + 1, np.float32), *away])
    usual = float(np.partition(every, -MAY_CHANGE - 1)[-MAY_CHANGE - 1])
    return min(max(LEAST_UNLIKE, BEYOND * usual), UNLIKE)


def _share(mask: NDArray[np.bool_], box: Box) -> float:
    x, y, w, h = box
    inside = mask[max(y, 0) : y + h, max(x, 0) : x + w]
    return float(inside.mean()) if inside.size else 1.0


def _by_shape(plane: NDArray[np.uint8], words: Sequence[Laid]) -> Iterator[list[_Letter]]:
    """The letters of some words, those together that are equal to the bit."""
    shapes = defaultdict[tuple[Any, ...], list[_Letter]](list)
    for word in words:
        x, y, w, h = word.box
        inside = plane[y : y + h, x : x + w]
        rim = np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]])
        ground = int(median(rim.astype(np.float32)))
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
            shapes[ground, own.shape, own.tobytes()].append(_Letter(box, aside))
    yield from shapes.values()


def _distances(plane: NDArray[np.uint8], letters: list[_Letter], reach: _Reach) -> NDArray[np.float32]:
    """(N,) how unlike each drawing of a letter is to the most alike of the others.

    Args:
        plane: (H, W) brightness in which they lie aside.
        letters: of one shape.
        reach: by which they may lie further aside.
    """
    (across, down, parts), (*_, w, h) = reach, letters[0].box
    away = np.zeros(len(letters), np.float32)
    chosen = np.linspace(0, len(letters) - 1, min(EXEMPLARS, len(letters))).astype(np.intp)
    alone = _without_copy(_cuts(plane, letters, (0, 0)), chosen)  # as few are: the others are as near as can be
    if not alone.any():
        return away
    looked = np.union1d(chosen, np.flatnonzero(alone))
    drawn = _cuts(plane, [letters[index] for index in looked.tolist()], (across + 1, down)).astype(np.float32)
    drawn -= median(drawn[:, [0, -1]].ravel())  # the ground around all of them
    still = drawn[:, down : down + h, across + 1 : across + 1 + w].reshape(len(looked), -1)
    exemplars = np.searchsorted(looked, chosen)
    moved = _moved(drawn[exemplars], (h, w), parts)
    power, own = np.square(still).sum(axis=1), np.square(moved).sum(axis=2)
    shared = (still @ moved.reshape(-1, h * w).T).reshape(len(looked), *own.shape)
    both = power[:, None, None]
    least = ((both + own - 2 * shared) / np.maximum(np.maximum(both, own), 1)).min(axis=2)
    least[exemplars, np.arange(len(chosen))] = np.inf  # none is its own twin
    away[looked] = np.where(alone[looked], least.min(axis=1), 0)
    return away


def _without_copy(drawn: NDArray[np.uint8], chosen: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(N,) bool, which of N drawings no chosen one but itself is equal to."""
    shown = [each.tobytes() for each in drawn]
    copies = Counter(shown[index] for index in chosen.tolist())
    own = np.zeros(len(drawn), np.intp)
    own[chosen] = 1
    return np.array([copies[each] for each in shown]) <= own


def _moved(drawn: NDArray[np.float32], size: tuple[int, int], parts: tuple[int, int]) -> NDArray[np.float32]:
    """(N, M, h * w) what N drawings show where they lie aside by each of M steps of a part of a px, across and down.

    Args:
        drawn: (N, h + 2 down, w + 2 (across + 1)) levels.
        size: (h, w).
        parts: of a px, across and down, that a step is.
    """
    steps = []
    for lower, part in product(range(parts[1]), range(parts[0])):
        between = _between(drawn, 1, lower / parts[1])
        between = _between(between[:, :, 1:-1], 2, part / parts[0])
        places = [_windows(each, size).reshape(-1, size[0] * size[1]) for each in between]
        steps.append(np.stack(places))
    return np.concatenate(steps, axis=1)


def _between(drawn: NDArray[np.float32], axis: int, share: float) -> NDArray[np.float32]:
    """What lies so far from each px to the next one along an axis; one px fewer, unless it is each px."""
    if not share:
        return drawn
    first, after = (drawn[:, :-1], drawn[:, 1:]) if axis == 1 else (drawn[:, :, :-1], drawn[:, :, 1:])
    return np.asarray(first * np.float32(1 - share) + after * np.float32(share))


def _other_inks(picture: NDArray[np.uint8], letters: list[_Letter]) -> NDArray[np.float64]:
    """(N,) part by which the ink of each drawing of a letter, of all channels, differs from that of most."""
    cut = _cuts(picture, letters, (1, 1)).astype(np.float64)
    inks = (cut - medians(cut[:, [0, -1]].reshape(-1, cut.shape[-1]))).sum(axis=(1, 2))
    usual = medians(inks)
    return np.asarray(np.linalg.norm(inks - usual, axis=1) / max(float(np.linalg.norm(usual)), 1.0))


def _cuts(plane: NDArray[np.uint8], letters: list[_Letter], room: tuple[int, int]) -> NDArray[np.uint8]:
    """(N, ...) what (H, W, ...) levels show where letters of one size lie aside, with so many px around each.

    At the edge of the picture it is what lies beside the edge.
    """
    *_, w, h = letters[0].box
    width, height = w + 2 * room[0], h + 2 * room[1]
    short = max(height - plane.shape[0], 0), max(width - plane.shape[1], 0)
    if any(short):
        plane = np.pad(plane, ((0, short[0]), (0, short[1]), *[(0, 0)] * (plane.ndim - 2)), mode="edge")
    at = np.array([(y + down - room[1], x + right - room[0]) for (x, y, _, _), (right, down) in letters])
    rows, columns = at.clip(0, (plane.shape[0] - height, plane.shape[1] - width)).T
    return np.asarray(_windows(plane, (height, width))[rows, columns])


def _windows(plane: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """(rows, columns, h, w, ...) all windows of a size of an (H, W, ...) plane; NumPy's own checks for longer."""
    (height, width, *channels), (down, across, *rest) = plane.shape, plane.strides
    shape = height - size[0] + 1, width - size[1] + 1, *size, *channels
    return as_strided(plane, shape, (down, across, down, across, *rest), writeable=False)
