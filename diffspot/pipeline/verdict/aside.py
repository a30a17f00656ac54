"""What moved a few px aside as a whole: the cells of a column that became wider, a line that was indented.

One rasteriser draws what moved by whole px as it was. Cells of a column begin at parts of a px, each drawn anew there,
but all of them lie as many px aside: several that agree moved, too.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.verdict.tiles import EXACT, SHIFT, brightness

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.interface import Judged

REACH = 16
"""Px each way that it is looked for; what is further off is a place of its own."""
LEAST, MOST = 24, 40_000
"""Px of a box that show enough of a shape to be known again, and that are soon looked through."""
WIDE = 32
"""Px of a word that is like no other one: a digit is like others near by."""
LEFT = 0.4
"""Share of the squared difference that a place leaves at most which is drawn anew at a part of a px; other letters
leave more."""
AGREEING = 3
"""Such words that lie as many px aside by no chance."""


class _Step(NamedTuple):
    """By how many px a place lies aside, (right, down), and whether it is equal to the bit there, further than a px."""

    offset: tuple[int, int]
    exact: bool


def with_moved(judged: list[Judged], pair: RegisteredPair) -> list[Judged]:
    """What was judged, as `moved` where it shows what it showed, some px aside.

    Args:
        judged: what nothing explains.
        pair: on the host, levels.
    """
    one, other = brightness(pair.reference), brightness(pair.candidate)
    steps = [_step(each.box, one, other) if each.kind == "content" else None for each in judged]
    counts = Counter(step.offset for each, step in zip(judged, steps, strict=True) if step and each.box[2] >= WIDE)
    return [
        each._replace(kind="moved", offset=step.offset)
        if step and (step.exact or counts[step.offset] >= AGREEING)
        else each
        for each, step in zip(judged, steps, strict=True)
    ]


def _step(box: Box, one: NDArray[Any], other: NDArray[Any]) -> _Step | None:
    """How far a box of one (H, W) plane lies aside in the other one; None where it is not found near by."""
    x, y, w, h = box
    if not LEAST <= w * h <= MOST:
        return None
    sought = one[y : y + h, x : x + w]
    left, top = min(x, REACH), min(y, REACH)
    among = other[y - top : y + h + REACH, x - left : x + w + REACH]
    if min(int(np.ptp(side)) for side in (sought, other[y : y + h, x : x + w])) <= EXACT:
        return None
    lost = cv2.matchTemplate(among, sought, cv2.TM_SQDIFF)
    least, _, (column, row), _ = cv2.minMaxLoc(lost)
    offset = column - left, row - top
    if offset == (0, 0) or least > LEFT * lost[top, left]:
        return None
    back = -offset[0], -offset[1]
    far = max(map(abs, offset)) > SHIFT  # else tiles know
    return _Step(offset, far and _is_equal(box, offset, one, other) and _is_equal(box, back, other, one))


def _is_equal(box: Box, offset: tuple[int, int], one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether the other plane shows what a box of one shows, so many px aside; outside of it it shows nothing."""
    (x, y, w, h), (right, down) = box, offset
    if x + right < 0 or y + down < 0:
        return False
    found = other[y + down : y + down + h, x + right : x + right + w]
    return found.shape == (h, w) and bool(cv2.absdiff(one[y : y + h, x : x + w], found).max() <= EXACT)
