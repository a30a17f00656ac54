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
from numpy.lib.stride_tricks import sliding_window_view

from diffspot.pipeline.sampling import median, medians
from diffspot.pipeline.verdict.tiles import brightness

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.model import Box

CONTRAST, BODY = 40, 0.25
"""Grey levels from the ground of a word to its ink at least, and the share of that from which a px is of a letter."""
LOWEST, WIDEST = 5, 3
"""Px, the height of the lowest letter, and how many times as wide as tall one may be; letters that touch are one."""
FEWEST = 4
"""Places of a letter that tell which of them is unlike the others."""
EXEMPLARS = 8
"""Of a letter that a page has more often, places that the others are held to."""
SUBPIXELS = 4
"""Parts of a px at which a letter may begin: browsers round to quarters."""
NEAR, FAR = (2, 1), (5, 2)
"""Px, across and down, by which a letter may lie beside where its word was laid; the second where it is sought again
before it is said to have become another one."""
ALIKE, UNLIKE = 0.12, 0.25
"""Squares by which two drawings of one letter differ, of the squares of their ink: in seven hintings 99 in 100 of the
same letters leave 0.07 at most, and next to none more than 0.2; of digits a 3 that became an 8 leaves least, 0.27."""


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
    for back, (here, there, colours, laid) in enumerate(ways):
        for letters in _by_shape(here, laid):
            if len(letters) < 2:  # noqa: PLR2004  a pair
                continue
            away = _distances(there, letters, NEAR)
            known = len(letters) >= FEWEST and median(away) <= ALIKE
            if known and away.max() > UNLIKE:
                away = _distances(there, letters, FAR)
            inked = _other_inks(colours, letters) <= INK
            for ((x, y, w, h), (right, down)), nearest, same in zip(letters, away.tolist(), inked, strict=True):
                box = x + back * right, y + back * down, w, h
                if nearest <= ALIKE and same:
                    alike.append(box)
                elif nearest > UNLIKE and known:
                    unlike.append(box)
    covered = np.zeros(planes[0].shape, bool)
    for x, y, w, h in alike:
        covered[y : y + h, x : x + w] = True
    return Twins(alike, [box for box in unlike if _share(covered, box) <= MOSTLY])


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
            own = np.where(labels[place] == number, ink[place], 0)
            aside = int(word.columns[min(left + width // 2, w - 1)]), word.down
            box = x + left, y + top, width, height
            shapes[ground, own.shape, own.tobytes()].append(_Letter(box, aside))
    yield from shapes.values()


def _distances(plane: NDArray[np.uint8], letters: list[_Letter], reach: tuple[int, int]) -> NDArray[np.float32]:
    """(N,) how unlike each drawing of a letter is to the most alike of the others.

    Args:
        plane: (H, W) brightness in which they lie aside.
        letters: of one shape.
        reach: px, across and down, by which they may lie further aside.
    """
    (across, down), (*_, w, h) = reach, letters[0].box
    drawn = np.stack([_cut(plane, letter, (across + 1, down)) for letter in letters]).astype(np.float32)
    drawn -= median(drawn[:, [0, -1]].ravel())  # the ground around all of them
    still = drawn[:, down : down + h, across + 1 : across + 1 + w].reshape(len(letters), -1)
    chosen = np.linspace(0, len(letters) - 1, min(EXEMPLARS, len(letters))).astype(np.intp)
    moved = _moved(drawn[chosen], (h, w))
    power, own = np.square(still).sum(axis=1), np.square(moved).sum(axis=2)
    shared = (still @ moved.reshape(-1, h * w).T).reshape(len(letters), *own.shape)
    both = power[:, None, None]
    least = ((both + own - 2 * shared) / np.maximum(np.maximum(both, own), 1)).min(axis=2)
    least[chosen, np.arange(len(chosen))] = np.inf  # none is its own twin
    return np.asarray(least.min(axis=1))


def _moved(drawn: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """(N, M, h * w) what N drawings show where they lie aside by each of M steps of a part of a px, across and down.

    Args:
        drawn: (N, h + 2 down, w + 2 (across + 1)) levels.
        size: (h, w).
    """
    steps = []
    for part in range(SUBPIXELS):
        share = np.float32(part / SUBPIXELS)
        between = drawn[:, :, 1:-1] * (1 - share) + drawn[:, :, 2:] * share if part else drawn[:, :, 1:-1]
        places = sliding_window_view(between, size, axis=(1, 2))
        steps.append(places[:, :, : places.shape[2] - bool(part)].reshape(len(drawn), -1, size[0] * size[1]))
    return np.concatenate(steps, axis=1)


def _other_inks(picture: NDArray[np.uint8], letters: list[_Letter]) -> NDArray[np.float64]:
    """(N,) part by which the ink of each drawing of a letter, of all channels, differs from that of most."""
    cut = np.stack([_cut(picture, letter, (1, 1)) for letter in letters]).astype(np.float64)
    inks = (cut - medians(cut[:, [0, -1]].reshape(-1, cut.shape[-1]))).sum(axis=(1, 2))
    usual = medians(inks)
    return np.asarray(np.linalg.norm(inks - usual, axis=1) / max(float(np.linalg.norm(usual)), 1.0))


def _cut(plane: NDArray[np.uint8], letter: _Letter, room: tuple[int, int]) -> NDArray[np.uint8]:
    """What (H, W, ...) levels show where a letter lies aside, with so many px around it, or at the edge beside it."""
    (x, y, w, h), (right, down) = letter
    width, height = w + 2 * room[0], h + 2 * room[1]
    left = max(min(x + right - room[0], plane.shape[1] - width), 0)
    top = max(min(y + down - room[1], plane.shape[0] - height), 0)
    inside = plane[top : top + height, left : left + width]
    short = height - inside.shape[0], width - inside.shape[1]
    if not any(short):
        return inside
    return np.pad(inside, ((0, short[0]), (0, short[1]), *[(0, 0)] * (plane.ndim - 2)), mode="edge")
