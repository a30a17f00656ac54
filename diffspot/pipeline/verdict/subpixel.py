"""Places drawn at another part of a px: all that is left of a page, words far from changes, any of a page drawn anew.

A layer of its own, a transform or another layout moves what it holds by less than a px.

What was drawn elsewhere within a px is a blend of the px around, which moves ink by part of a px and leaves as much of
it as there was. Another weight, colour or letter and a move by whole px are no such blend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.content import outermost
from diffspot.pipeline.sampling import medians
from diffspot.pipeline.verdict.interface import Tally
from diffspot.pipeline.verdict.tiles import AROUND

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.interface import Judged

ROOM = 2
"""Px around a part that differs which its blend is fitted to as well: it has to leave them equal."""
LEFT = 0.4
"""Share of the contrast that a blend leaves in any px, at most: of the edges of letters at quarters of a px it leaves
up to 0.37, of another letter 0.5 or more."""
UNEXPLAINED = 0.7
"""Share of the squares of the change that it leaves, at most: of another colour of an area it leaves all."""
FAR = 0.6
"""Px by which it moves what is drawn, at most: half a px, of which blends of crisp letters tell up to a fifth too
much. What moved by more was moved to be seen."""
WIDE = 0.4
"""Squared px, along either axis, by which it spreads what is drawn; a move by half a px spreads it by 0.25, and what
was blurred to be seen is spread by more."""
EVEN, GROUND = 0.75, 0.1
"""Share of the px around a part that are of its ground, and of the contrast by which these may be off: neighbours of a
letter and rules reach in, but the corner of a box has two grounds and is no letter."""
INK = 0.04
"""Share of the ink that may come or go, in any channel and of all parts: a stroke of half a px more adds 0.2, a grey
that is a fifth paler takes as much."""
RIDGE = 1e-3
"""Share of the mean square of what is blended that is added to each: it decides where all px around are alike."""
TALLEST = 24
"""Px of the tallest part: letters and icons of usual text; a sign or a picture that lies elsewhere was moved."""
BESIDE = 24
"""Px from a change to what moved with it: spaces between words are narrower, and what stands further off in its line,
as the next cell of a table does, has a place of its own."""
LONG = 1.5
"""Width of a word, of its height, that a mark does not have."""
KINDS = "content", "recolored"
"""What such a place looks like: a line of one px that moved changes its shade."""
LEAST_CONTRAST = 8
"""Levels; what has less contrast in a place has no letters that could have moved."""


class _Blend(NamedTuple):
    """How well the px around each turn one picture of a part into the other.

    Attributes:
        left: (h, w, C) levels that it leaves.
        change: (h, w, C) levels by which they differ.
        weights: (3, 3) the mean of the channels.
    """

    left: NDArray[np.float32]
    change: NDArray[np.float32]
    weights: NDArray[np.float64]

    @property
    def unexplained(self) -> float:
        """Share of the squares of the change that is left."""
        return float(np.square(self.left).sum() / max(float(np.square(self.change).sum()), 1.0))

    def is_nudge(self) -> bool:
        """Whether the blend is a move by part of a px."""
        for axis in range(2):
            before, _, after = self.weights.sum(axis=axis).tolist()
            moved = after - before
            if abs(moved) > FAR or before + after - moved * moved > WIDE:
                return False
        return True


def without_subpixel(
    judged: list[Judged], tally: Tally, pair: RegisteredPair, differing: NDArray[np.bool_], *, redrawn: bool
) -> tuple[list[Judged], Tally]:
    """What was judged, less places that were drawn at another part of a px, which are counted.

    What lies beside a change was moved by it, as letters behind another one are, and belongs to it; so does what lies
    beside that. And where there are changes, only words were moved by part of a px, all letters of which say so: a mark
    of a few px may be any.

    Args:
        judged: what nothing else explains.
        tally: what was explained.
        pair: on the host, levels.
        differing: (H, W) bool.
        redrawn: whether another rasteriser drew the page, which moves each place for itself.
    """
    found, moved = Tally([*tally.places]), np.zeros(len(judged), bool)
    every = True
    for number, one in enumerate(judged):
        x, y, w, h = one.box
        if redrawn or every or w >= LONG * h:  # beside a change it is not asked of marks
            moved[number] = one.kind in KINDS and is_subpixel(one.component, pair, differing[y : y + h, x : x + w])
        every &= bool(moved[number])
    if not (redrawn or every):
        moved = _are_apart(np.array([one.box for one in judged]), moved)
    for number in np.flatnonzero(moved).tolist():
        found.add("rendering", judged[number].box, judged[number].component[1])
    return [judged[number] for number in np.flatnonzero(~moved).tolist()], found


def _are_apart(boxes: NDArray[np.int64], moved: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of (N, 4) boxes are words that moved, apart from what changed, from marks and from what lies beside these.

    Args:
        boxes: of all that differs, x, y, w, h, px.
        moved: (N,) bool, those that moved by part of a px.
    """
    first, last = boxes[:, :2], boxes[:, :2] + boxes[:, 2:]
    apart = moved & (boxes[:, 2] >= LONG * boxes[:, 3])
    near = np.flatnonzero(~apart).tolist()
    while near:
        one = near.pop()
        beside = apart & ((first < last[one] + BESIDE) & (last > first[one] - BESIDE)).all(axis=1)
        apart &= ~beside
        near += np.flatnonzero(beside).tolist()
    return apart


def is_subpixel(component: Component, pair: RegisteredPair, mask: NDArray[np.bool_]) -> bool:
    """Whether all parts of a component are letters or marks drawn at another part of a px in one of two pictures.

    Args:
        component: of what differs.
        pair: on the host, levels.
        mask: (h, w) bool of its box, the px that differ.
    """
    x, y, *_ = component[0]
    joined = np.asarray(cv2.morphologyEx(np.pad(mask, 1).view(np.uint8), cv2.MORPH_CLOSE, AROUND))[1:-1, 1:-1]
    _, _, boxes, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    gained, held = np.zeros(pair.reference.shape[2]), 0.0
    for left, top, w, h, _ in boxes[1:].tolist():
        if h > TALLEST:
            return False
        place = tuple(slice(max(first - ROOM, 0), first + side + ROOM) for first, side in ((y + top, h), (x + left, w)))
        ink = _moved_ink(pair.reference[place], pair.candidate[place])
        if ink is None:
            return False
        gained, held = gained + ink[0], held + ink[1]
    return len(boxes) > 1 and float(np.abs(gained).max()) <= INK * held


def _moved_ink(one: NDArray[Any], other: NDArray[Any]) -> tuple[NDArray[Any], float] | None:
    """The ink that (h, w, C) levels do not share with others that are drawn within a px, (C,) levels, and all of it.

    None where these show something else.
    """
    planes = [np.asarray(side, np.float32) for side in (one, other)]
    contrast = max(float(np.ptp(side, axis=(0, 1)).max()) for side in planes)
    if contrast < LEAST_CONTRAST or not _is_even(planes[0], contrast) or _beyond(*planes) > LEFT * contrast:
        return None
    blend = min((_blend(*way) for way in (planes, planes[::-1])), key=lambda each: each.unexplained)
    if blend.unexplained > UNEXPLAINED or float(np.abs(blend.left).max()) > LEFT * contrast or not blend.is_nudge():
        return None
    if blend.unexplained >= _unlike_shades(*planes):
        return None
    return blend.left.sum(axis=(0, 1)), min(float(_ink(side).max()) for side in planes)


def _beyond(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """The most levels by which one lies outside the other's range within a px, the lesser of both ways."""
    outside = []
    for mine, yours in ((one, other), (other, one)):
        low, high = (of(yours, AROUND).reshape(mine.shape) for of in (cv2.erode, cv2.dilate))
        outside.append(float(np.maximum(mine - high, low - mine).max()))
    return min(outside)


def _unlike_shades(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Share of the squares of the change of (h, w, C) levels that no line from shade to shade leaves."""
    mine = (side - side.mean(axis=(0, 1)) for side in (one, other - one))
    a, b = (np.asarray(side, np.float64).reshape(-1, one.shape[2]) for side in mine)
    left = np.square(b).sum(axis=0) - np.square((a * b).sum(axis=0)) / np.maximum(np.square(a).sum(axis=0), 1)
    return float(left.sum() / max(float(np.square(other - one).sum()), 1.0))


def _is_even(levels: NDArray[np.float32], contrast: float) -> bool:
    """Whether (h, w, C) levels of that contrast show a mark on one ground."""
    rim = outermost(levels)
    return bool((np.abs(rim - medians(rim)).max(axis=1) <= GROUND * contrast).mean() >= EVEN)


def _ink(levels: NDArray[np.float32]) -> NDArray[np.float32]:
    """(C,) levels by which (h, w, C) differ from the ground that their rim shows, summed."""
    ground = medians(outermost(levels)).astype(np.float32)
    return np.asarray(np.abs(levels - ground).sum(axis=(0, 1)), np.float32)


def _blend(one: NDArray[np.float32], other: NDArray[np.float32]) -> _Blend:
    """The blend of the px around each that leaves least of the other one, channel by channel, with a sum of 1."""
    h, w, count = one.shape
    wide = cv2.copyMakeBorder(one, 1, 1, 1, 1, cv2.BORDER_REPLICATE).reshape(h + 2, w + 2, count)
    around = np.stack([wide[down : down + h, right : right + w] for down in range(3) for right in range(3)])
    parts = np.delete(around, 4, axis=0) - one
    change, left, weights = other - one, np.empty_like(one), np.zeros(8)
    for channel in range(count):
        mine, wanted = parts[..., channel].reshape(8, -1), change[..., channel].ravel()
        squares = (mine @ mine.T).astype(np.float64)
        squares += (RIDGE * np.trace(squares) / 8 + RIDGE) * np.eye(8)
        own = np.linalg.solve(squares, mine.astype(np.float64) @ wanted)
        left[..., channel] = (wanted - own.astype(np.float32) @ mine).reshape(h, w)
        weights += own / count
    return _Blend(left, change, np.insert(weights, 4, 1 - weights.sum()).reshape(3, 3))
