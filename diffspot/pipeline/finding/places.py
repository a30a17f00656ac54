"""Places of one size in a picture, and which of those that overlap stand for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import numpy as np
from msgspec import Meta, Struct

from diffspot.model import Box  # noqa: TC001  msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

MOST_PLACES = 1000
"""Places reported in one picture; a plain crop on plain paper fits everywhere, and a longer list is of no use."""


class Place(Struct, frozen=True, kw_only=True):
    """Where something was found in a picture."""

    bbox: Annotated[Box, Meta(description="Where it lies in the picture.")]
    score: Annotated[float, Meta(ge=0, le=1, description="Correlation of colours; 1 is the same but for light.")]
    exact: Annotated[bool, Meta(description="Whether every pixel is equal.")]


def pick(mask: NDArray[np.bool_], size: tuple[int, int], holds: Callable[[int, int], bool]) -> list[tuple[int, int]]:
    """Places, row by row, of which none covers another's middle.

    Args:
        mask: (H, W) bool, where the top left corner of a place may be.
        size: (height, width) of a place in px.
        holds: whether the place at (x, y) is really one; it is asked of no more than are taken, and those that are not.

    Returns:
        (x, y) of each, `MOST_PLACES` at most.
    """
    free, found = mask.copy(), []
    down, across = near(size)
    for y in np.flatnonzero(mask.any(axis=1)).tolist():
        x, row = 0, free[y]
        while (step := int(row[x:].argmax())) or (x < len(row) and row[x]):
            x += step
            if holds(x, y):
                found.append((x, y))
                if len(found) == MOST_PLACES:
                    return found
                free[y : y + down, max(0, x - across + 1) : x + across] = False
            else:
                row[x] = False
    return found


def without_overlap(places: Iterable[Place]) -> list[Place]:
    """The best of the places that overlap by more than half a side both ways; exact ones first, then by score, y, x."""
    kept: list[Place] = []
    for place in sorted(places, key=rank):
        x, y, w, h = place.bbox
        down, across = near((h, w))
        if all(abs(x - one.bbox[0]) >= across or abs(y - one.bbox[1]) >= down for one in kept):
            kept.append(place)
    return kept


def rank(place: Place) -> tuple[bool, float, int, int]:
    """Sorts places: exact ones first, then the highest score, then by y and x."""
    x, y, _, _ = place.bbox
    return not place.exact, -place.score, y, x


def near(size: tuple[int, int]) -> tuple[int, int]:
    """Px down and across within which two places of a size are taken for one: half a side, at least 1."""
    return (size[0] + 1) // 2, (size[1] + 1) // 2
