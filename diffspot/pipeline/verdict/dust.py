"""Dust on scans: dots of a few px, alone on paper, that the other scan does not show.

Few of them on one scan may be what changed, pinholes in a part or its full stops. They are dust where the other one has
some as well, of scans that had to be laid over each other, or where they are many and scattered as chance scatters
them. Then so are dots no larger that lie on letters or beside them, unless they stand on a line of type as stops do.
They are taken off before anything is judged: dust joins what lies apart, and tells nothing of how strokes wander.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.verdict.interface import Tally
from diffspot.pipeline.verdict.tiles import AROUND, brightness, cell_maximum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box
    from diffspot.pipeline.batch import Found
    from diffspot.pipeline.pair import RegisteredPair

LARGEST = 16
"""Px that the box of such a component measures at most: its rim is 4 px wide, see `segmentation.REACH`."""
DOT = 5
"""Px, sides of a dot at half its depth: three and what resampling adds. A full stop is as large, but not alone."""
ALONE = 5
"""Px around the dot without any ink: the letters of a word, their marks and the stops behind them lie closer."""
BESIDE = 16
"""Px to either side within which a line of type ends that a dot stands in: a stop or a decimal point as large as DOT
belongs to type of 40 px, where a space is 12 px wide."""
FOOT = 0.5
"""Of the columns with ink beside a dot, share that goes on below it, from which the dot stands on no line: dust lies at
any height of the letters, but a few of these have strokes below the line."""
PAPER = 0.6
"""Share of the full range that paper is brighter than."""
DEEPER = 2.0
"""Times the deepest dot of the other scan that a dot is as deep as which is no dust, where they are few."""
MANY = 4
"""Dots alone on paper that are dust; of fewer on one scan alone, each may be what changed."""
SCATTERED = 0.5
"""Of the distance of dots to their next one that chance makes it in the mean, share that dust exceeds: of four by
chance nearly all do, of a dotted line, a row of holes or a shaded area none does."""
TELLING = 1000
"""Dots, about, whose distance is looked at: their mean is within a fiftieth of that of all."""
LARGER = 1.5
"""Times the largest dot alone that dust elsewhere measures at most."""
TOGETHER = 2
"""Dots that lie as near to each other by chance: three make a stroke."""
LIKE_TYPE = 0.5
"""Share of the depth of a dot that type beside it has at the least."""
HALO = 3
"""Px around a dot that blur and resampling darken, or by which they make it larger."""
RIM = 2
"""Px around a dot that are as dark as dust, but not by as much darker than what the other scan has within a px."""
SMOOTH, SPREAD = 1.0, 1
"""Px, sigma that takes off the noise of grey scans, of which single px are as dark as dust; and px by which it carries
ink as dark as type."""
STEP = 8
"""Px apart that are looked at to tell paper."""
CELL = 32
"""Px, side of the cells of which each has bright paper somewhere: more than a letter."""


class _Dots(NamedTuple):
    """What one scan alone shows, N dots.

    Attributes:
        boxes: (N, 4) int, x, y, w, h in px of the reference.
        scans: (N,) 0 for the reference, 1 for the candidate.
        alone: (N,) bool, whether nothing is near but paper.
    """

    boxes: NDArray[np.intp]
    scans: NDArray[np.intp]
    alone: NDArray[np.bool_]


def may_be_dusty(found: Found) -> bool:
    """Whether any component is as small as a dot."""
    return any(max(box[2:]) <= LARGEST for box, *_ in found.components)


def without_dust(pair: RegisteredPair, least: float, *, bilevel: bool, few: bool) -> tuple[RegisteredPair, Tally]:
    """A pair whose dust is taken off both scans, and the count of it as noise; the pair itself where it has none.

    Args:
        pair: a single one, on the host.
        least: levels by which dust is darker than paper.
        bilevel: whether both were in black and white: then ink is what there is less of, and all edges wander.
        few: whether few dots are dust, too, where both scans have some. Of pictures that lie still one dot that went
            and another one that came are a thing that moved.
    """
    depths = _depths(pair, bilevel=bilevel)
    if depths is None:
        return pair, Tally()
    dots = _find(depths, least, bilevel=bilevel)
    alone = dots.boxes[dots.alone]
    if len(alone) >= MANY and _are_scattered(alone, int(np.count_nonzero(pair.valid))):
        dust = dots.boxes[:, 2:].max(axis=1) <= LARGER * alone[:, 2:].max()
    else:
        dust = _on_both(dots, pair.difference) if few else np.zeros_like(dots.alone)
    if not dust.any():
        return pair, Tally()
    return _taken_off(dots.boxes[dust], dots.scans[dust], pair, least, bilevel=bilevel)


def _on_both(dots: _Dots, difference: NDArray[Any]) -> NDArray[np.bool_]:
    """(N,) bool: which few dots alone on paper are dust, as the other scan has some half as deep at least."""
    deep = [difference[y : y + h, x : x + w].max() for x, y, w, h in dots.boxes.tolist()]
    levels = np.where(dots.alone, np.array(deep, np.float32), 0)
    deepest = [levels[dots.scans == scan].max(initial=0) for scan in (0, 1)]
    return np.asarray(dots.alone & (levels < DEEPER * min(deepest)))


def _depths(pair: RegisteredPair, *, bilevel: bool) -> list[NDArray[np.float32]] | None:
    """(H, W) levels by which each scan is darker than its paper, smoothed; None where either is no paper."""
    depths = []
    for picture in (pair.reference, pair.candidate):
        ground = float(np.median(brightness(np.ascontiguousarray(picture[::STEP, ::STEP]))))
        inverted = bilevel and ground < 255 / 2
        if (255 - ground if inverted else ground) <= PAPER * 255:  # as of most photos, before more is done
            return None
        light = brightness(picture).astype(np.float32)
        light = 255 - light if inverted else light
        smooth = light if bilevel else cv2.GaussianBlur(light, (0, 0), SMOOTH)
        depths.append(np.where(pair.valid, _paper(np.asarray(smooth, np.float32)) - smooth, np.float32(0)))
    return depths


def _paper(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) levels of the paper: the brightest of each cell, and between cells what lies between."""
    (height, width), brightest = light.shape, cell_maximum(light, CELL)
    rows, columns = brightest.shape
    return np.asarray(cv2.resize(brightest, (columns * CELL, rows * CELL))[:height, :width], np.float32)


def _find(depths: list[NDArray[np.float32]], least: float, *, bilevel: bool) -> _Dots:
    """The dots of both scans that stand on no line of type."""
    inks, found, others = [depth > least for depth in depths], [], np.zeros(depths[0].shape, bool)
    for own, other in ((0, 1), (1, 0)):
        beyond = depths[own] - cv2.dilate(depths[other], AROUND) > least  # edges lie up to a px aside
        boxes, rest = _apart(inks[own], beyond) if bilevel else _small(beyond)
        found.append(boxes)
        others |= rest
    boxes, scans = np.concatenate(found), np.repeat([0, 1], [len(each) for each in found])
    kept = np.flatnonzero(_nothing_near(boxes, others) & (_neighbours(boxes, others.shape) <= TOGETHER))
    if len(kept):  # of the dots of a screen or of shades in black and white, which are many, next to none
        kept = kept[~_stand_on_lines(boxes[kept], boxes, np.maximum(*depths))]
    return _Dots(boxes[kept], scans[kept], _nothing_near(boxes[kept], inks[0] | inks[1]))


def _small(mask: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """(N, 4) boxes of the parts of a mask that are as small and round as dots, and the mask of the others."""
    labels, boxes = _parts(mask)
    dots = _are_round(boxes)
    dots[0] = False  # what is no part
    rest = ~dots
    rest[0] = False
    return boxes[dots], rest[labels]


def _apart(ink: NDArray[np.bool_], beyond: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The same of ink, if the whole of a part lies beyond the ink of the other scan; others say nothing."""
    labels, boxes = _parts(ink)
    shared = np.zeros(len(boxes), bool)
    shared[labels[ink & ~beyond]] = True
    shared[0] = True
    return boxes[~shared & _are_round(boxes)], np.zeros_like(ink)


def _parts(mask: NDArray[np.bool_]) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """(H, W) the parts of a mask from 1, and (N + 1, 4) their boxes, of which the first says nothing."""
    _, labels, table, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    return np.asarray(labels, np.int32), np.asarray(table, np.intp)[:, : cv2.CC_STAT_HEIGHT + 1]


def _neighbours(boxes: NDArray[np.intp], shape: tuple[int, ...]) -> NDArray[np.float32]:
    """(N,) how many dots lie near each one, itself among them."""
    x, y = (boxes[:, :2] + boxes[:, 2:] // 2).T
    dots, side = np.zeros(shape, np.float32), 2 * 3 * ALONE + 1
    np.add.at(dots, (y, x), 1)
    counts = cv2.boxFilter(dots, cv2.CV_32F, (side, side), normalize=False, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(counts[y, x], np.float32)


def _are_round(boxes: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(N,) bool: which parts have the size and the shape of a dot."""
    longer, shorter = boxes[:, 2:].max(axis=1), boxes[:, 2:].min(axis=1)
    return np.asarray((longer <= DOT + HALO) & (longer <= 2 * shorter + 1))


def _nothing_near(boxes: NDArray[np.intp], mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(N,) bool: around which boxes within ALONE px nothing of a mask lies, but for the rim of what they hold."""
    counts, (height, width) = cv2.integral(mask.view(np.uint8)), mask.shape

    def inside(around: int) -> NDArray[np.intp]:
        x, y, w, h = boxes.T
        left, top = np.maximum(x - around, 0), np.maximum(y - around, 0)
        right, bottom = np.minimum(x + w + around, width), np.minimum(y + h + around, height)
        return np.asarray(counts[bottom, right] - counts[top, right] - counts[bottom, left] + counts[top, left])

    return np.asarray(inside(ALONE) == inside(RIM))


def _stand_on_lines(boxes: NDArray[np.intp], dots: NDArray[np.intp], depth: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(N,) bool: which boxes stand on a line of type: neither other dots are type nor what shows through the paper."""
    type_alone, beside = depth.copy(), BESIDE - SPREAD
    for x, y, w, h in dots.tolist():
        type_alone[y : y + h, x : x + w] = 0

    def stands(box: Box) -> bool:
        x, y, w, h = box
        own = depth[y : y + h, x : x + w]
        level = LIKE_TYPE * float(own.max())
        # What was smoothed or resampled reaches further than the dot itself, and so did what lies beside it.
        rows, columns = (np.flatnonzero((own >= level).any(axis=axis)) for axis in (1, 0))
        (first, last), (left, right) = (y + rows[[0, -1]]).tolist(), (x + columns[[0, -1]]).tolist()
        top = max(first - ALONE, 0)
        ink = type_alone[top : last + 1 + ALONE, max(left - beside, 0) : right + 1 + beside] > level
        return _stands_on_a_line(ink, first - top, last + 1 - top)

    return np.fromiter(map(stands, boxes.tolist()), bool, len(boxes))


def _stands_on_a_line(ink: NDArray[np.bool_], top: int, bottom: int) -> bool:
    """Whether letters beside the rows of a dot end where it does."""
    beside, below = (ink[rows].any(axis=0).sum() for rows in (slice(top, bottom), slice(bottom + 2, None)))
    return bool(beside and below < FOOT * beside)


def _are_scattered(boxes: NDArray[np.intp], area: int) -> bool:
    """Whether (N, 4) dots lie as far from their next ones as chance puts them into an area of so many px.

    The mean of that distance tells it (Clark and Evans 1954, DOI 10.2307/1931034).
    """
    middles = boxes[:, :2] + boxes[:, 2:] / 2
    told = middles[:: -(-len(middles) // TELLING)]
    nearest = [np.partition(np.hypot(*(middles - middle).T), 1)[1] for middle in told]
    return bool(np.mean(nearest) > SCATTERED * 0.5 * np.sqrt(area / len(boxes)))


def _taken_off(
    boxes: NDArray[np.intp], scans: NDArray[np.intp], pair: RegisteredPair, least: float, *, bilevel: bool
) -> tuple[RegisteredPair, Tally]:
    """The pair with what the other scan shows in place of each dot; in black and white, with paper."""
    pictures, difference, tally = [pair.reference.copy(), pair.candidate.copy()], pair.difference.copy(), Tally()
    paper = [np.median(picture[::STEP, ::STEP], axis=(0, 1)) for picture in pictures]
    for (x, y, w, h), scan in zip(boxes.tolist(), scans.tolist(), strict=True):
        halo = 0 if bilevel else HALO
        place = slice(max(y - halo, 0), y + h + halo), slice(max(x - halo, 0), x + w + halo)
        tally.add("noise", (x, y, w, h), int(np.count_nonzero(difference[y : y + h, x : x + w] > least)))
        pictures[scan][place] = paper[scan] if bilevel else pictures[1 - scan][place]
        difference[place] = 0
    reference, candidate = pictures
    return replace(pair, reference=reference, candidate=candidate, difference=difference), tally
