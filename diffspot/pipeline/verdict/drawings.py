"""How pictures show letters: cut out where each lies, laid aside by parts of a px, and held to each other."""

from __future__ import annotations

from collections import defaultdict
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.lib.stride_tricks import as_strided

from diffspot.pipeline.sampling import median, medians

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.model import Box


class Reach(NamedTuple):
    """Where a letter is sought: px across and down, and the parts of a px, across and down, that a step is."""

    across: int
    down: int
    parts: tuple[int, int]


class Letter(NamedTuple):
    """A letter.

    Attributes:
        box: in one picture.
        aside: px, across and down, by which it lies aside in the other one.
        ground: levels around it in the first.
    """

    box: Box
    aside: tuple[int, int]
    ground: int

    def at_rest(self) -> Letter:
        """The same, to be looked at where it lies in the first picture."""
        return self._replace(aside=(0, 0))


EXEMPLARS = 8
"""Of a letter that a page has more often, places that the others are held to."""
SUBPIXELS = 4
"""Parts of a px at which a letter may begin: browsers round to quarters."""
NEAR, FAR = Reach(2, 1, (SUBPIXELS, 1)), Reach(5, 2, (SUBPIXELS, SUBPIXELS))
"""Where a letter is sought beside where its word was laid; the second where it is sought again before it is said to
have become another one: most rasterisers draw all lines on whole rows, some do not."""


def distances(
    plane: NDArray[np.uint8], letters: Sequence[Letter], shown: NDArray[np.uint8], reach: Reach
) -> NDArray[np.float32]:
    """(N,) how unlike each drawing of a letter is to the most alike of the others.

    Args:
        plane: (H, W) brightness in which they lie aside.
        letters: of one shape.
        shown: (N, h, w) what lies there.
        reach: by which they may lie further aside.
    """
    *_, w, h = letters[0].box
    away = np.zeros(len(letters), np.float32)
    if (shown == shown[0]).all():  # as most are, and then no other is needed to tell it
        return away
    chosen = np.linspace(0, len(letters) - 1, min(EXEMPLARS, len(letters))).astype(np.intp)
    alone = _without_copy(shown, chosen)  # as few are: the others are as near as can be
    if not alone.any():
        return away
    looked = np.union1d(chosen, np.flatnonzero(alone))
    still, drawn = inked(plane, [letters[index] for index in looked.tolist()], reach)
    exemplars = np.searchsorted(looked, chosen)
    moved = moved_by(drawn[exemplars], (h, w), reach.parts)
    least = unlikeness(still, moved.reshape(-1, h * w)).reshape(len(looked), len(chosen), -1).min(axis=2)
    least[exemplars, np.arange(len(chosen))] = np.inf  # none is its own twin
    away[looked] = np.where(alone[looked], least.min(axis=1), 0)
    return away


def _without_copy(drawn: NDArray[np.uint8], chosen: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(N,) bool, which of N drawings no chosen one but itself is equal to."""
    shown = [each.tobytes() for each in drawn]
    few = [shown[index] for index in chosen.tolist()]
    own = np.zeros(len(drawn), np.intp)
    own[chosen] = 1
    return np.array([few.count(each) for each in shown]) <= own


def inked(
    plane: NDArray[np.uint8], letters: Sequence[Letter], reach: Reach
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What a picture shows of N letters of one size, less the ground around them all.

    Returns:
        (N, h * w) levels where they lie aside, and (N, h + 2 down, w + 2 (across + 1)) with the reach around.
    """
    (across, down, _), (*_, w, h) = reach, letters[0].box
    drawn = cuts(plane, letters, (across + 1, down)).astype(np.float32)
    drawn -= median(drawn[:, [0, -1]].ravel())
    return drawn[:, down : down + h, across + 1 : across + 1 + w].reshape(len(letters), -1), drawn


def unlikeness(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """(..., N, M) squares by which (..., N, px) drawings differ from (..., M, px), of those of the stronger one."""
    power, own = np.square(one).sum(axis=-1)[..., :, None], np.square(other).sum(axis=-1)[..., None, :]
    return np.asarray((power + own - 2 * (one @ other.swapaxes(-1, -2))) / np.maximum(np.maximum(power, own), 1))


def cuts(plane: NDArray[np.uint8], letters: Sequence[Letter], room: tuple[int, int]) -> NDArray[np.uint8]:
    """(N, ...) what (H, W, ...) levels show where letters of one size lie aside, with so many px around each.

    At the edge of the picture it is what lies beside the edge.
    """
    *_, w, h = letters[0].box
    width, height = w + 2 * room[0], h + 2 * room[1]
    short = max(height - plane.shape[0], 0), max(width - plane.shape[1], 0)
    if any(short):
        plane = np.pad(plane, ((0, short[0]), (0, short[1]), *[(0, 0)] * (plane.ndim - 2)), mode="edge")
    at = np.array([(y + down - room[1], x + right - room[0]) for (x, y, _, _), (right, down), _ in letters])
    rows, columns = at.clip(0, (plane.shape[0] - height, plane.shape[1] - width)).T
    return np.asarray(_windows(plane, (height, width))[rows, columns])


def cuts_of_each(
    plane: NDArray[np.uint8], shapes: Sequence[Sequence[Letter]], room: tuple[int, int]
) -> list[NDArray[np.uint8]]:
    """`cuts` of the letters of each shape; those of one size at once, as cutting few takes as long as many."""
    together = defaultdict[tuple[int, int], list[int]](list)
    for number, letters in enumerate(shapes):
        together[letters[0].box[2:]].append(number)
    found: dict[int, NDArray[np.uint8]] = {}
    for own in together.values():
        whole = cuts(plane, [letter for number in own for letter in shapes[number]], room)
        ends = np.cumsum([len(shapes[number]) for number in own])
        found |= zip(own, np.split(whole, ends[:-1]), strict=True)
    return [found[number] for number in range(len(shapes))]


def _windows(plane: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    """(rows, columns, h, w, ...) all windows of a size of an (H, W, ...) plane; NumPy's own checks for longer."""
    (height, width, *channels), (down, across, *rest) = plane.shape, plane.strides
    shape = height - size[0] + 1, width - size[1] + 1, *size, *channels
    return as_strided(plane, shape, (down, across, down, across, *rest), writeable=False)


def moved_by(drawn: NDArray[np.float32], size: tuple[int, int], parts: tuple[int, int]) -> NDArray[np.float32]:
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


def offsets(reach: Reach) -> NDArray[np.intp]:
    """(M, 2) whole px, across and down, of the steps of `moved_by` within a reach."""
    (across, down, parts), found = reach, []
    for lower, part in product(range(parts[1]), range(parts[0])):
        columns, rows = np.arange(2 * across + 1 - (part > 0)), np.arange(2 * down + 1 - (lower > 0))
        places = product(rows - down, columns - across)
        found += [(right + (2 * part > parts[0]), below + (2 * lower > parts[1])) for below, right in places]
    return np.array(found, np.intp)


def _between(drawn: NDArray[np.float32], axis: int, share: float) -> NDArray[np.float32]:
    """What lies so far from each px to the next one along an axis; one px fewer, unless it is each px."""
    if not share:
        return drawn
    first, after = (drawn[:, :-1], drawn[:, 1:]) if axis == 1 else (drawn[:, :, :-1], drawn[:, :, 1:])
    return np.asarray(first * np.float32(1 - share) + after * np.float32(share))


def other_inks(shown: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(N,) part by which the ink of each drawing of a letter differs from that of most.

    Args:
        shown: (N, h + 2, w + 2, C) the drawings with a px around them.
    """
    count, height, width, channels = shown.shape
    if (shown == shown[0]).all():
        return np.zeros(count)
    # of bytes these are whole numbers below 2 ** 24, so exact
    sums = np.ones(height * width, np.float32) @ shown.reshape(count, -1, channels).astype(np.float32)
    inks = sums - height * width * medians(shown[:, [0, -1]].reshape(-1, channels))
    usual = medians(inks)
    return np.asarray(np.linalg.norm(inks - usual, axis=1) / max(float(np.linalg.norm(usual)), 1.0))
