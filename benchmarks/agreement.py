"""How well found boxes agree with true ones.

Boxes are [x, y, width, height], px of the reference. A box that is 1 px thin stands for a seam
between two rows or columns; where exactly it lies in blank space is nobody's business, so it
counts as `SEAM` px thick, about its middle.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    Rect = tuple[float, float, float, float]

COVERED = 0.5
"""A true box is found where found boxes cover this share of it, and the other way round."""
ROOM = 12
"""A found box may reach this far beyond the true ones before the excess counts against it, px."""
SAME = 0.33
"""Intersection over union from which two boxes are the same box: the bar of DeepPCB."""
SEAM = 24


@dataclass(frozen=True, slots=True)
class Agreement:
    """Counts over pairs; adding two adds their pairs."""

    pairs: int = 0
    errors: int = 0
    true: int = 0
    found: int = 0
    recalled: int = 0
    right: int = 0
    matched: int = 0
    unchanged: int = 0
    clean: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        names = [field.name for field in fields(self)]
        return Agreement(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def recall(self) -> float:
        """Share of the true boxes that were found; 1 where there is none."""
        return _share(self.recalled, self.true)

    @property
    def precision(self) -> float:
        """Share of the found boxes that are right; 1 where there is none."""
        return _share(self.right, self.found)

    @property
    def f1(self) -> float:
        """Harmonic mean of recall and precision."""
        return _harmonic(self.recall, self.precision)

    @property
    def tight_f1(self) -> float:
        """The same for boxes matched one to one."""
        return _harmonic(_share(self.matched, self.true), _share(self.matched, self.found))

    @property
    def clean_share(self) -> float | None:
        """Share of the unchanged pairs in which nothing was found; None without such pairs."""
        return self.clean / self.unchanged if self.unchanged else None


def agree(true: Sequence[Rect], found: Sequence[Rect] | None) -> Agreement:
    """Score one pair.

    Args:
        true: What differs; empty for an unchanged pair.
        found: What was reported; None where the pair failed.
    """
    failed, found = found is None, [_thick(box) for box in found or ()]
    true = [_thick(box) for box in true]
    grown = [(x - ROOM, y - ROOM, w + 2 * ROOM, h + 2 * ROOM) for x, y, w, h in true]
    return Agreement(
        pairs=1,
        errors=int(failed),
        true=len(true),
        found=len(found),
        recalled=_covered(true, found),
        right=_covered(found, grown),
        matched=_matches(true, found),
        unchanged=int(not true),
        clean=int(not (true or found or failed)),
    )


def overlap(one: Rect, other: Rect) -> float:
    """Return the intersection over union of two boxes, 0 to 1."""
    left, top = max(one[0], other[0]), max(one[1], other[1])
    right = min(one[0] + one[2], other[0] + other[2])
    bottom = min(one[1] + one[3], other[1] + other[3])
    shared = max(0.0, right - left) * max(0.0, bottom - top)
    union = one[2] * one[3] + other[2] * other[3] - shared
    return shared / union if union else 0.0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0


def _thick(box: Rect) -> Rect:
    x, y, w, h = box
    if h == 1:
        y, h = y - (SEAM - 1) / 2, SEAM
    if w == 1:
        x, w = x - (SEAM - 1) / 2, SEAM
    return x, y, w, h


def _span(start: float, length: float) -> slice:
    return slice(max(0, round(start)), max(0, round(start + length)))


def _union(boxes: Iterable[Rect], shape: tuple[int, int]) -> NDArray[np.bool_]:
    painted = np.zeros(shape, dtype=bool)
    for x, y, w, h in boxes:
        painted[_span(y, h), _span(x, w)] = True
    return painted


def _covered(boxes: Sequence[Rect], others: Sequence[Rect]) -> int:
    """Count the boxes of which the union of the others covers enough."""
    if not boxes or not others:
        return 0
    everything = (*boxes, *others)
    height = max(round(y + h) for _, y, _, h in everything)
    width = max(round(x + w) for x, _, w, _ in everything)
    painted = _union(others, (height, width))
    parts = (painted[_span(y, h), _span(x, w)] for x, y, w, h in boxes)
    return sum(part.size > 0 and float(part.mean()) >= COVERED for part in parts)


def _matches(true: Sequence[Rect], found: Sequence[Rect]) -> int:
    """Count one-to-one matches, the best first."""
    pairs = sorted(
        ((overlap(true[i], found[j]), i, j) for i, j in product(range(len(true)), range(len(found)))),
        reverse=True,
    )
    used_true, used_found = set[int](), set[int]()
    for value, i, j in pairs:
        if value >= SAME and i not in used_true and j not in used_found:
            used_true.add(i)
            used_found.add(j)
    return len(used_true)
