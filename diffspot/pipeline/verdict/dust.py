"""Dust on scans: dark dots of a few px that lie alone on paper, as no stop and no dot of a letter does.

Such dots on one picture alone may be what changed: pinholes in a part, or its full stops. Dust lies on both scans, if
as specks of a px that no other stage lets through; a dot twice as deep as all specks of the other scan is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, get_args

import cv2
import numpy as np

from diffspot.pipeline.verdict.interface import Tally
from diffspot.pipeline.verdict.tiles import brightness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

Scan = Literal["reference", "candidate"]
SCANS: tuple[Scan, ...] = get_args(Scan)
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
FAINT = 0.25
"""Share of the dot's depth that the rest of the place stays below in both scans."""


def without_dust(
    components: Sequence[Component], pair: RegisteredPair, backend: Backend
) -> tuple[list[Component], Tally]:
    """The components that are no dust, and the count of the others as noise.

    Args:
        components: of the mask of a noisy pair.
        pair: a single one.
        backend: what the pair lives on.
    """
    found = [_dot(one[0], pair, backend) if max(one[0][2:]) <= LARGEST else None for one in components]
    if not any(found):
        return list(components), Tally()
    difference = backend.to_host(pair.difference)
    depths = [float(difference[y : y + h, x : x + w].max()) for (x, y, w, h), *_ in components]
    dots = [(scan, depth) for scan, depth in zip(found, depths, strict=True) if scan]
    deepest = _deepest_on_both(dots, difference, pair, backend)
    left, tally = [], Tally()
    for one, scan, depth in zip(components, found, depths, strict=True):
        if scan and depth < 2 * deepest:
            tally.add("noise", one[0], one[1])
        else:
            left.append(one)
    return left, tally


def _deepest_on_both(
    dots: list[tuple[Scan, float]], difference: NDArray[Any], pair: RegisteredPair, backend: Backend
) -> float:
    """Levels of the deepest speck of that scan whose deepest one is fainter; 0 where it has none half as deep as a dot.

    Args:
        dots: the scan of each, and its levels.
        difference: (H, W) levels, on the host.
        pair: a single one.
        backend: what the pair lives on.
    """
    least = min(depth for _, depth in dots) / 2
    deep = (difference > least) & backend.to_host(pair.valid)
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(deep.astype(np.uint8), connectivity=8)
    levels = np.zeros(len(boxes), difference.dtype)
    np.maximum.at(levels, labels[deep], difference[deep])
    small = np.flatnonzero(boxes[:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1].max(axis=1) < DOT)
    most = {scan: max((depth for of, depth in dots if of == scan), default=0.0) for scan in SCANS}
    for number in small[np.argsort(-levels[small].astype(np.float64), kind="stable")]:
        if levels[number] <= min(most.values()):
            break
        x, y, w, h, _ = boxes[number].tolist()
        scan = _dot((x, y, w, h), pair, backend)
        if scan:
            most[scan] = max(most[scan], float(levels[number]))
    return min(most.values())


def _dot(box: Box, pair: RegisteredPair, backend: Backend) -> Scan | None:
    """Which scan shows a dark dot alone on paper there, where the other has nothing but paper; None where none does."""
    x, y, w, h = box
    inner = backend.to_host(pair.difference[y : y + h, x : x + w])
    rows, columns = np.nonzero(inner > inner.max() / 2)
    # What was blurred may differ beside what does.
    if not len(rows) or max(np.ptp(rows), np.ptp(columns)) >= DOT:
        return None
    (top, bottom), (left, right) = ((int(each.min()), int(each.max()) + 1) for each in (y + rows, x + columns))
    first = max(0, top - ALONE), max(0, left - BESIDE)
    place = slice(first[0], bottom + ALONE), slice(first[1], right + BESIDE)
    one, other = (_depth(backend.to_host(picture[place])) for picture in (pair.reference, pair.candidate))
    if one is None or other is None:
        return None
    top, bottom, left, right = top - first[0], bottom - first[0], left - first[1], right - first[1]
    rim = slice(max(0, top - 1), bottom + 1), slice(max(0, left - 1), right + 1)
    limit = FAINT * max(one[rim].max(), other[rim].max())
    dark = [bool(np.abs(depth[rim]).max() > limit) for depth in (one, other)]
    ink = np.maximum(np.abs(one), np.abs(other)) > limit
    ink[rim] = False
    alone = not ink[:, max(0, left - ALONE) : right + ALONE].any()
    if dark[0] == dark[1] or not alone or stands_on_a_line(ink, top, bottom):
        return None
    return "reference" if dark[0] else "candidate"


def stands_on_a_line(ink: NDArray[np.bool_], top: int, bottom: int) -> bool:
    """Whether letters beside the rows of a dot end where it does."""
    beside, below = (ink[rows].any(axis=0).sum() for rows in (slice(top, bottom), slice(bottom + 2, None)))
    return bool(beside and below < FOOT * beside)


def _depth(picture: NDArray[Any]) -> NDArray[np.float32] | None:
    """(h, w) levels by which a place is darker than its ground; None where that is no paper."""
    light = brightness(picture).astype(np.float32)
    ground = float(np.median(light))
    return ground - light if ground > PAPER * 255 else None  # levels of 16 bits are fractions of these
