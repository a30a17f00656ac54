"""The verdict on icons and signs alone on a plain ground, where nothing else tells whether a rasteriser drew them anew.

Another rasteriser, or a part of a px, blends the edges of a mark in another way. All of that is one blend of the px
around each pixel, whose weights add up to 1: the ink of the mark stays as much as it was, and once the blend is known,
next to nothing is left. Another width of a stroke changes how much ink there is, another colour does, and a stroke that
was added or left out is not the blend of anything. Within an area of one colour there is nothing to blend.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.areas import joined_areas
from diffspot.pipeline.content import SHOWN, distance, find_ground, outermost
from diffspot.pipeline.verdict.edges import range_within, touching
from diffspot.pipeline.verdict.interface import Judged, Tally
from diffspot.pipeline.verdict.words import LOWEST

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

MOST_PIXELS = 2**18
"""Px of a picture; larger ones are pages, which tell by their lines of text how they were drawn."""
LARGEST, MOST = 64, 64
"""Px, the longer side of a mark, and how many a picture has at most: icons are drawn with 16 to 48 px."""
GAP = 2
"""Px between the strokes of one mark; the letters of a word lie closer, too."""
LONG = 2.5
"""Width of a word of three letters, of its height; icons are about as wide as tall."""
BLENDED = 0.1, 0.9
"""Shares of its strongest px that a mark has at its edges, where it was blended with the ground."""
REDRAWN = 0.3
"""Share of these that differ where a drawing was drawn anew: one that only changed is equal to the bit elsewhere. A
slanted stroke that slides along itself is so but at its ends."""
SLID = 2
"""Px by which both ends of all that is drawn went the same way where it moved."""
RIM = 3
"""Px around a mark that its blend reaches, and one more."""
SIDE = 3
"""Px, width and height, that are blended: a px of movement each way."""
SQUARE = np.ones((SIDE, SIDE), np.uint8)
RIDGE = 1e-3
"""Share of the mean of their squares that is added to those of the px that tell a weight: it decides where none do."""
ROUNDS, INLIERS = 3, 0.9
"""How often a blend is fitted, and the share of the px that it is fitted to: a tenth may be another stroke."""
INK = 0.14
"""Part by which the ink of a mark may change: half of what it does where a stroke is a quarter wider or thinner.
Strokes of 1.3 px that were blended anew change by 0.12 at most, #333 that became #777 by 0.4."""
LEFT = 0.045
"""Share of the squares of a mark that its best blend may leave: another rasteriser leaves 0.036 at most, of strokes
that lie half a px off; another stroke or colour 0.05 or more."""
RECOLOURED = 0.03
"""Share of its change that a mark leaves of which every px became stronger or weaker by one factor: blending anew
leaves most of it, another colour nothing."""
EVEN = 6
"""Levels within a blend's reach up to which an area has one colour: it keeps that, however it is drawn anew."""
OWN, STRANGE = 0.25, 0.6
"""Share of the strongest px of a mark that a px must differ by from the blend where a part of a mark changed; and that
says so whatever the rest of it does: blending anew leaves 0.36 at most of any px, dots of 1 to 3 px beside strokes 0.85
or more, though less than LEFT of the whole."""


class Mark(NamedTuple):
    """A mark of a pair.

    Attributes:
        box: around it in both pictures.
        own: (h, w) bool, the px of its box that are its own.
    """

    box: Box
    own: NDArray[np.bool_]


class Drawing(NamedTuple):
    """A pair that shows a few marks on a plain ground, where they were.

    Attributes:
        marks: all of them.
        redrawn: whether next to nothing is equal that could tell how they were drawn.
    """

    marks: list[Mark]
    redrawn: bool


def find_drawing(reference: NDArray[Any], candidate: NDArray[Any]) -> Drawing | None:
    """The drawing that two pictures show; None of other pictures, and where all of it slid.

    Args:
        reference: (H, W, C) uint8 or uint16.
        candidate: (h, w, C) of the same dtype.
    """
    if reference.shape != candidate.shape or reference.dtype != np.uint8 or reference[..., 0].size > MOST_PIXELS:
        return None
    ground = find_ground(reference, candidate)
    if ground is None:
        return None
    one, other = (distance(picture, ground) for picture in (reference, candidate))
    if _slid(one > SHOWN, other > SHOWN):
        return None
    shown = np.maximum(one, other)
    marks = [Mark(component[0], own) for component, own in joined_areas(shown > SHOWN, shown, GAP)]
    if not 0 < len(marks) <= MOST or any(max(w, h) > LARGEST or _is_word(w, h) for (_, _, w, h), _ in marks):
        return None
    blended, even = np.zeros(shown.shape, bool), _is_even(reference, candidate)
    for (x, y, w, h), own in marks:
        place = np.s_[y : y + h, x : x + w]
        share = shown[place] / shown[place].max()
        blended[place] |= own & ~even[place] & (share > BLENDED[0]) & (share < BLENDED[1])
    differing = np.any(reference != candidate, axis=2)
    redrawn = float(differing[blended].mean()) if blended.any() else 0.0
    return Drawing(marks, redrawn >= REDRAWN)


def _is_word(width: int, height: int) -> bool:
    return height >= LOWEST and width >= LONG * height


def _slid(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> bool:
    """Whether all that one (H, W) picture shows lies px further on in the other."""
    for axis in range(2):
        shown = [np.flatnonzero(picture.any(axis=axis)) for picture in (one, other)]
        if not all(map(len, shown)):
            return True
        ends = [int(shown[1][end]) - int(shown[0][end]) for end in (0, -1)]
        if min(map(abs, ends)) >= SLID and ends[0] * ends[1] > 0:
            return True
    return False


def judge_marks(pair: RegisteredPair, marks: Sequence[Mark], *, join: float) -> tuple[list[Judged], Tally]:
    """Judges each mark by its ink and by what the best blend of it leaves.

    Args:
        pair: on the host, levels.
        marks: of its pictures.
        join: px; parts of what changed that lie closer are one.

    Returns:
        What no other rasteriser explains, and the count of what one does.
    """
    tally, changed = Tally(), np.zeros(pair.valid.shape, bool)
    seen = pair.valid if pair.ignored is None else pair.valid & ~pair.ignored
    differing = (pair.difference > 0) & seen
    planes = _added(pair.reference), _added(pair.candidate)
    recoloured = _recoloured_areas(pair)
    for box, own in marks:
        x, y, w, h = box
        place = np.s_[y : y + h, x : x + w]
        mask = differing[place] & own
        part = _changed_part(planes, box, recoloured[place] & mask)
        if part is None:
            tally.add("rendering", box, int(np.count_nonzero(mask)))
        else:
            changed[place] |= part & mask
    return [Judged(component) for component, _ in joined_areas(changed, pair.difference, join)], tally


def _recoloured_areas(pair: RegisteredPair) -> NDArray[np.bool_]:
    """(H, W) bool: areas of one colour in either picture that is another one, and the px around them."""
    areas = _is_even(pair.reference, pair.candidate) & (pair.difference > SHOWN)
    return cv2.dilate(areas.view(np.uint8), SQUARE).view(bool)


def _is_even(reference: NDArray[Any], candidate: NDArray[Any]) -> NDArray[np.bool_]:
    """(H, W) bool: where both of two (H, W, C) pictures are of one colour as far as a blend reaches."""
    return np.asarray(np.maximum(range_within(reference), range_within(candidate)) <= EVEN)


def _added(picture: NDArray[Any]) -> NDArray[np.float32]:
    """(H, W, C) what a picture adds to its ground."""
    rim = outermost(picture)
    return np.asarray(picture.astype(np.float32) - np.median(rim, axis=0).astype(np.float32))


def _changed_part(
    planes: tuple[NDArray[np.float32], NDArray[np.float32]], box: Box, recoloured: NDArray[np.bool_]
) -> NDArray[np.bool_] | None:
    """(h, w) bool: the px of a mark that changed, all of them where it did all over; None where it was drawn anew.

    Args:
        planes: what either picture adds to its ground.
        box: of the mark.
        recoloured: (h, w) bool, what no blend explains.
    """
    one, other = (_cut(plane, box) for plane in planes)
    left = min((_left(*way) for way in ((one, other), (other, one))), key=_energy)
    whole = np.ones((box[3], box[2]), bool)
    if _is_recoloured(one, other):
        return whole
    shares = np.abs(left).max(axis=2) / max(float(np.abs(plane).max()) for plane in (one, other))
    certain = np.pad(recoloured, RIM)
    strong = certain | (shares > OWN)
    if _is_redrawn(one, other, left):
        strange = touching(certain | (shares > STRANGE), strong)[RIM:-RIM, RIM:-RIM]
        return strange if strange.any() else None
    rest = cv2.dilate(strong.view(np.uint8), SQUARE)[..., None] == 0
    apart = _is_redrawn(one * rest, other * rest, left * rest)
    return strong[RIM:-RIM, RIM:-RIM] if apart else whole


def _is_recoloured(one: NDArray[np.float32], other: NDArray[np.float32]) -> bool:
    """Whether one factor for each channel explains the change."""
    factors = (one * other).sum(axis=(0, 1)) / np.maximum((one * one).sum(axis=(0, 1)), 1)
    return _energy(other - factors * one) < RECOLOURED * _energy(other - one)


def _is_redrawn(one: NDArray[np.float32], other: NDArray[np.float32], left: NDArray[np.float32]) -> bool:
    """Whether two planes have as much ink, and the best blend leaves next to nothing."""
    inks = [plane.sum(axis=(0, 1), dtype=np.float64) for plane in (one, other)]
    same = float(np.linalg.norm(inks[1] - inks[0])) <= INK * min(float(np.linalg.norm(each)) for each in inks)
    return bool(same and _energy(left) <= LEFT * max(map(_energy, (one, other))))


def _energy(plane: NDArray[np.float32]) -> float:
    return float(np.square(plane).sum())


def _cut(plane: NDArray[np.float32], box: Box) -> NDArray[np.float32]:
    """(h + 2 RIM, w + 2 RIM, C) what a mark adds to its ground; nothing around it."""
    x, y, w, h = box
    return np.pad(plane[y : y + h, x : x + w], ((RIM, RIM), (RIM, RIM), (0, 0)))


def _left(one: NDArray[np.float32], other: NDArray[np.float32]) -> NDArray[np.float32]:
    """(h, w, C) levels of one plane that the best blend of the other does not tell; least squares, trimmed."""
    reach = SIDE // 2
    height, width, _ = one.shape
    inner = np.s_[reach : height - reach, reach : width - reach]
    around = np.stack(
        [one[a : height - 2 * reach + a, b : width - 2 * reach + b].ravel() for a in range(SIDE) for b in range(SIDE)],
        axis=1,
    )
    middle = around[:, SIDE * SIDE // 2]
    parts, change = np.delete(around, SIDE * SIDE // 2, axis=1) - middle[:, None], other[inner].ravel() - middle
    told = np.any(parts != 0, axis=1) | (change != 0)
    used, away = told, change
    for _ in range(ROUNDS):
        own = parts[used].astype(np.float64)
        squares = own.T @ own
        ridge = (RIDGE * np.trace(squares) / len(squares) + 1) * np.eye(len(squares))
        away = change - parts @ np.linalg.solve(squares + ridge, own.T @ change[used])
        used = told & (np.abs(away) <= np.quantile(np.abs(away[told]), INLIERS)) if told.any() else told
    left = np.zeros_like(other)
    left[inner] = away.reshape(height - 2 * reach, width - 2 * reach, -1)
    return left
