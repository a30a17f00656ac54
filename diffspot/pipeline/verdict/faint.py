"""Finds faint changes of large areas in crisp pairs: a pixel of them says nothing, an even area of them does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.pipeline.areas import joined_areas
from diffspot.pipeline.verdict.interface import Judged, Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.pipeline.pair import RegisteredPair

COUNTED, LOWEST = 1, 2
"""Grey levels that are counted as explained, and those that make an area: one is what rounding leaves, and less than
that what a picture of 16 bits has beside one of 8."""
THICKNESS = 4
"""Px that a faint area is thick at least: bands of gradients and rims of shadows are thinner."""
RIM = 4
"""Px around strong differences whose faint rim belongs to them."""
LEAST_AREA = 200
"""Px."""
EVEN, EVEN_SHARE = 1, 0.5
"""Grey levels around its median within which at least such a share of a faint area lies."""
BARELY = 4
"""Grey levels below which a faint area has to be one colour that became one other: gradients are drawn anew."""
BARELY_SHARE = 0.95
"""Share of such an area that differs by the same level and has the same colour."""
EVERYWHERE = 0.6
"""Share of the valid area: what changed by so little nearly everywhere is how colours were converted."""


def judge_faint(pair: RegisteredPair, *, limit: float, join: float) -> tuple[list[Judged], Tally]:
    """Finds the even areas that differ by less than `limit` levels.

    Args:
        pair: a single one, on the host.
        limit: grey levels from which a pixel differs by itself.
        join: px; parts that lie closer are one.

    Returns:
        The areas, and the count of faint differences that are none.
    """
    tally, whole = Tally(), (0, 0, *pair.valid.shape[::-1])
    counted = pair.valid if pair.ignored is None else pair.valid & ~pair.ignored
    levels = pair.difference if counted.all() else pair.difference * counted
    strong = levels > limit
    pixels = max(0, int(np.count_nonzero(levels >= COUNTED)) - int(np.count_nonzero(strong)))
    if pixels < LEAST_AREA:
        tally.add("noise", whole, pixels)
        return [], tally
    thick = _thick(levels >= LOWEST, strong)
    if np.count_nonzero(thick) < LEAST_AREA:
        tally.add("noise", whole, pixels)
        return [], tally
    if np.count_nonzero(thick) > EVERYWHERE * np.count_nonzero(counted):
        tally.add("light", whole, pixels)
        return [], tally
    found = [Judged(one, "recolored") for one in _even_areas(thick, pair, join)]
    left = pixels - sum(one.component[1] for one in found)
    tally.add("noise", whole, left)
    return found, tally


def _thick(faint: NDArray[np.bool_], strong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(H, W) bool: thick parts of what is faint, off what is strong and its rims; both (H, W)."""
    rims = cv2.dilate(strong.view(np.uint8), np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
    square, last = np.ones((THICKNESS, THICKNESS), np.uint8), THICKNESS - 1
    # An even square has no middle: both ways from opposite corners, or the opening would move the mask by a px.
    core = cv2.erode(cv2.subtract(faint.view(np.uint8), rims), square, anchor=(0, 0))
    return np.asarray(cv2.dilate(core, square, anchor=(last, last))) > 0


def _even_areas(mask: NDArray[np.bool_], pair: RegisteredPair, join: float) -> Iterator[Component]:
    for component, own in joined_areas(mask, pair.difference, join):
        (x, y, w, h), area, *_ = component
        place = slice(y, y + h), slice(x, x + w)
        if area >= LEAST_AREA and _is_even(pair.difference[place][own], pair.reference[place][own]):
            yield component


def _is_even(levels: NDArray[Any], colours: NDArray[Any]) -> bool:
    """Whether (N,) levels of difference are alike, and if they are few, the (N, C) colours of the reference too."""
    middle = np.median(levels)
    if middle >= BARELY:
        return bool((np.abs(levels - middle) <= EVEN).mean() >= EVEN_SHARE)
    one_colour = (np.abs(colours - np.median(colours, axis=0)).max(axis=1) < 1).mean()
    return bool((np.abs(levels - middle) < 1).mean() >= BARELY_SHARE and one_colour >= BARELY_SHARE)
