"""Joins neighbours that changed alike: two socks or two keys that got another colour are one change to who looks."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diffspot.backends.channels import largest, smoothed
from diffspot.pipeline.verdict.groups import union

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.pipeline.pair import RegisteredPair

SIDES = 1.4
"""Times by which the sides of two such neighbours differ at most: letters and halves of one object are not alike."""
JOINS = 3.0
"""Times the join that lies between them at most, and never more than the longer side of the smaller."""
LEAST, MOST = 2, 3
"""Such neighbours that are one change; more of them are a pattern of things, each of which changed for itself."""
LEVEL, EQUAL = 0.25, 1.25
"""Share of their height by which two eyes, ears or wheels lie higher or lower than each other at most, and times by
which their sides differ."""
APART, LEVEL_JOINS = 3.5, 12.0
"""Times their shorter side, and times the join, that lie between these at most: eyes, nostrils and wheels lie 2 to 3.2
sides apart."""
ROW = 2.0
"""Times as far apart as two of them that a third one lies at most which makes them a row: three holes, or stops."""
FEW = 100
"""Components of a pair at most of which two are taken for eyes: of more some lie level by chance."""
LOOK = 0.25
"""Share of their change by which the colours of either differ at most, before and after."""
SIGMA = 1.0
"""Px: of the blur that takes the noise off."""


class _Look(NamedTuple):
    """Mean levels (C,) of what changed in a component, in the reference and in the candidate."""

    before: NDArray[np.float64]
    after: NDArray[np.float64]


def join_alike(
    components: Sequence[Component], pair: RegisteredPair, threshold: float, backend: Backend, *, join: float
) -> list[Component]:
    """The components, neighbours of like size as one where the same colour became the same other colour.

    So are two that lie level further apart, as eyes do, unless a third one does.

    Args:
        components: of a noisy pair.
        pair: a single one.
        threshold: a score.
        backend: what the pair lives on.
        join: px; 0 joins nothing.
    """
    if not join or len(components) < LEAST:
        return list(components)
    look = cache(lambda index: _look(components[index], pair, 255 * threshold, backend))
    boxes = np.array([box for box, *_ in components])
    group_of: dict[int, list[int]] = {}
    for index in range(len(components)):
        group_of[index] = own = [index]
        for other in _neighbours(boxes[:index], boxes[index], JOINS * join):
            if group_of[other] is not own and _look_alike(look(index), look(other)):
                own, moved = sorted((own, group_of[other]), key=len, reverse=True)
                own.extend(moved)  # the smaller, or a long row of equal things would be copied again and again
                group_of.update(dict.fromkeys(moved, own))
    for index, other in _level_pairs(boxes, join):
        if len(group_of[index]) == len(group_of[other]) == 1 and _look_alike(look(index), look(other)):
            group_of[index] = group_of[other] = [other, index]
    groups = {id(group): [components[index] for index in group] for group in group_of.values()}.values()
    return [one for parts in groups for one in ([union(parts)] if len(parts) <= MOST else parts)]


def _level_pairs(boxes: NDArray[np.int64], join: float) -> list[tuple[int, int]]:
    """Indices of two of the boxes (N, 4) that lie beside each other as two eyes do, where neither has another such.

    Another one may lie somewhat further off, or of three in a row the two that are nearest would be eyes.
    """
    if len(boxes) > FEW:
        return []
    pairs = {
        (index, int(other)): bool(gap <= 1)
        for index, box in enumerate(boxes)
        for other, gap in zip(*_level(boxes[:index], box, join), strict=True)
    }
    often = Counter(index for pair in pairs for index in pair)
    return [pair for pair, near in pairs.items() if near and often[pair[0]] == often[pair[1]] == 1]


def _level(
    boxes: NDArray[np.int64], box: NDArray[np.int64], join: float
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Which of the boxes (N, 4) are as large as another (4,), and lie as high, not too far beside it.

    Returns:
        (M,) their indices, and what lies between, of the most that does between two eyes, up to ROW.
    """
    sides, own = boxes[:, 2:], box[2:]
    equal = (np.maximum(sides, own) <= EQUAL * np.minimum(sides, own)).all(axis=1)
    middles = np.abs(2 * boxes[:, 1] + sides[:, 1] - 2 * box[1] - own[1]) / 2
    level = middles <= LEVEL * np.minimum(sides[:, 1], own[1])
    gaps = np.maximum(boxes[:, 0], box[0]) - np.minimum(boxes[:, 0] + sides[:, 0], box[0] + own[0])
    gaps = gaps / np.minimum(APART * np.minimum(sides.min(axis=1), own.min()), LEVEL_JOINS * join)
    found = np.flatnonzero(equal & level & (gaps <= ROW))
    return found, gaps[found]


def _neighbours(boxes: NDArray[np.int64], box: NDArray[np.int64], most: float) -> list[int]:
    """Which of the boxes (N, 4) are of like size as another (4,) and lie close beside it.

    In one operation for all of them: two pictures that have little in common leave thousands of components.
    """
    sides, own = boxes[:, 2:], box[2:]
    like = (np.maximum(sides, own) <= SIDES * np.minimum(sides, own)).all(axis=1)
    ends = np.minimum(boxes[:, :2] + sides, box[:2] + own)
    gaps = (np.maximum(boxes[:, :2], box[:2]) - ends).max(axis=1)
    longest = np.minimum(np.minimum(sides.max(axis=1), own.max()), most)
    return [int(index) for index in np.flatnonzero(like & (gaps <= longest))]


def _look(component: Component, pair: RegisteredPair, limit: float, backend: Backend) -> _Look | None:
    """What a component looks like; None where too little of it passes the limit, grey levels, to tell."""
    x, y, w, h = component[0]
    place = slice(y, y + h), slice(x, x + w)
    r, c = (smoothed(backend.to_host(picture[place]), SIGMA) for picture in (pair.reference, pair.candidate))
    changed = largest(np.abs(r - c)) > limit
    return _Look(r[changed].mean(axis=0), c[changed].mean(axis=0)) if changed.any() else None


def _look_alike(one: _Look | None, other: _Look | None) -> bool:
    """Whether two components changed from the same colour to the same other colour."""
    if one is None or other is None:
        return False
    change = min(float(np.abs(look.after - look.before).max()) for look in (one, other))
    return all(float(np.abs(own - its).max()) <= LOOK * change for own, its in zip(one, other, strict=True))
