"""Takes neighbours apart that were joined although each is an object of its own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diffspot.backends.components import Component
    from diffspot.model import Box

LEAST_SIDE = 1.35
"""Of the join, side that each of two neighbours has at the least: letters and fragments of an object are smaller."""
FILLED = 0.3
"""Share of its box that such a neighbour covers."""
BESIDE = 0.1
"""Share of the smaller box that the boxes of two objects have in common at most: they lie askew beside each other."""
SOLID = 0.45
"""Share of its box that either of two such objects covers: thin parts that cross each other's boxes are of one."""

FLUSH = 4
"""Px by which pieces of one pattern end beside each other at most: what blur and resampling leave of an edge."""
PATTERNED = 0.5
"""Share of its peak that the mean of such a piece is at most: half of its bars are the same. What was recoloured
differs as much all over."""


def split_groups(groups: Iterable[Component], parts: Iterable[Component], join: float) -> list[Component]:
    """The groups, those taken apart that hold two objects or more: each has the small parts that lie nearest to it.

    Args:
        groups: components whose parts lie closer than `join`.
        parts: components of the same mask whose pixels lie closer than a shorter join.
        join: px.
    """
    split: list[Component] = []
    # The smallest box that holds a part is its group's: one group may lie in the box of another.
    rest = list(parts)
    for group in sorted(groups, key=lambda one: one[0][2] * one[0][3]):
        own = [part for part in rest if holds(group[0], part[0])]
        rest = [part for part in rest if not holds(group[0], part[0])]
        objects = [part for part in own if _is_object(part, join)]
        split.extend(_taken_apart(objects, own) if len(objects) > 1 else [group])
    return split


def joined(components: Iterable[Component], more: Iterable[Component], join: float) -> list[Component]:
    """The components and more of them, each as one with what is there less than `join` px beside its box."""
    whole = list(components)
    for each in more:
        beside = [other for other in whole if near(each[0], other[0], join)]
        whole = [*(other for other in whole if other not in beside), union([each, *beside])]
    return whole


def near(one: Box, other: Box, join: float) -> bool:
    """Whether two boxes lie less than `join` px apart."""
    return gap(one, other) < join


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes have a pixel in common."""
    return near(one, other, 0)


def _is_object(part: Component, join: float) -> bool:
    (_, _, width, height), area, _, _ = part
    return min(width, height) >= LEAST_SIDE * join and area >= FILLED * width * height


def _taken_apart(objects: Sequence[Component], parts: Sequence[Component]) -> list[Component]:
    """One component an object, with the parts that lie nearest to it.

    Objects that reach into each other are one, and so are pieces of one pattern.
    """
    apart: list[Component] = []
    for each in objects:
        one = each
        while near := [other for other in apart if _reach_into(one, other) or _are_flush(one, other)]:
            one = union([one, *near])
            apart = [other for other in apart if other not in near]
        apart.append(one)
    members: list[list[Component]] = [[] for _ in apart]
    for part in parts:
        gaps = [gap(part[0], one[0]) for one in apart]
        members[gaps.index(min(gaps))].append(part)
    return [union(each) for each in members]


def _are_flush(one: Component, other: Component) -> bool:
    """Whether two parts are pieces of one pattern, as of a barcode: they begin and end on the same two lines."""
    patterned = all(mean <= PATTERNED * peak for _, _, peak, mean in (one, other))
    return patterned and any(
        max(abs(one[0][axis] - other[0][axis]), abs(_end(one, axis) - _end(other, axis))) <= FLUSH for axis in (0, 1)
    )


def _end(part: Component, axis: int) -> int:
    return part[0][axis] + part[0][axis + 2]


def _reach_into(one: Component, other: Component) -> bool:
    """Whether the boxes of two parts overlap by more than those of objects do that lie askew beside each other."""
    if not overlap(one[0], other[0]):
        return False
    solid = all(area >= SOLID * width * height for (_, _, width, height), area, *_ in (one, other))
    smaller = min(box[2] * box[3] for box, *_ in (one, other))
    common = math.prod(
        min(one[0][axis] + one[0][axis + 2], other[0][axis] + other[0][axis + 2]) - max(one[0][axis], other[0][axis])
        for axis in (0, 1)
    )
    return not solid or common > BESIDE * smaller


def union(parts: Sequence[Component]) -> Component:
    """One component of several."""
    boxes, areas, peaks, means = zip(*parts, strict=True)
    left, top = (min(box[axis] for box in boxes) for axis in (0, 1))
    right, bottom = (max(box[axis] + box[axis + 2] for box in boxes) for axis in (0, 1))
    mean = sum(area * mean for area, mean in zip(areas, means, strict=True)) / sum(areas)
    return (left, top, right - left, bottom - top), sum(areas), max(peaks), mean


def gap(one: Box, other: Box) -> int:
    """Px between two boxes along the axis on which they lie further apart; negative where they overlap."""
    return max(
        max(one[axis], other[axis]) - min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) for axis in (0, 1)
    )


def holds(outer: Box, inner: Box) -> bool:
    """Whether one box lies in another, edges included."""
    return all(
        outer[axis] <= inner[axis] and inner[axis] + inner[axis + 2] <= outer[axis] + outer[axis + 2] for axis in (0, 1)
    )
