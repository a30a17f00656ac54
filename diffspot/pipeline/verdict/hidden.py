"""Small changes that tolerance to movement takes for edges that moved, where little else of a pair looks like one.

A beak that opened or a digit that became another lies among strong edges, so some movement explains it. Were it one,
edges elsewhere would differ as much. In pairs whose other candidates are few and far weaker, it is a change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.backends.channels import largest, smoothed
from diffspot.backends.interface import blur_radius
from diffspot.pipeline.verdict.groups import near
from diffspot.pipeline.verdict.noisy import CANDIDATE_SHARE, square_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.noisy import Candidate

MOST_LEFT = 64
"""Candidates that nothing takes for a change, at most: prints and boards seen from elsewhere leave hundreds."""
PASSED_OVER = 5
"""Places of such candidates that are passed over: there may be several hidden changes."""
BEYOND = 3.0
"""Times what the next place differs by that a hidden change does."""
PLAIN = 2.3
"""Times the threshold that its plain difference reaches."""
LEAST_SIDE, MOST_SIDE = 5, 16
"""Px that the sides of its box measure: what resampling leaves along an edge is thinner, what moves with it longer."""


def find_hidden(
    candidates: Sequence[Candidate],
    taken: Sequence[bool],
    threshold: float,
    strength: Callable[[Box], float],
    *,
    join: float,
) -> list[bool]:
    """Which candidates are changes that tolerance hides.

    Args:
        candidates: of one pair.
        taken: which of them are changes already.
        threshold: a score.
        strength: the score of the plain difference in a box, see `plain_strength`.
        join: px; what lies closer to a change may be a part of it, and tells nothing of what others do.
    """
    left = [candidate for candidate, known in zip(candidates, taken, strict=True) if not known]
    if not left or len(left) > MOST_LEFT:
        return [False] * len(candidates)
    changes = [candidate.box for candidate, known in zip(candidates, taken, strict=True) if known]
    strengths = {candidate.box: strength(candidate.box) for candidate in left}
    places: dict[tuple[int, int], float] = {}
    for box, score in strengths.items():
        if not any(near(box, change, join) for change in changes):
            places[square_of(box)] = max(places.get(square_of(box), 0.0), score)
    usual = [CANDIDATE_SHARE * threshold, *sorted(places.values(), reverse=True)[PASSED_OVER : PASSED_OVER + 1]]
    least = max(BEYOND * max(usual), PLAIN * threshold)
    return [
        not known and _is_small(candidate.box) and strengths[candidate.box] >= least
        for candidate, known in zip(candidates, taken, strict=True)
    ]


def _is_small(box: Box) -> bool:
    return min(box[2:]) >= LEAST_SIDE and max(box[2:]) <= MOST_SIDE


def plain_strength(pair: RegisteredPair, box: Box, backend: Backend, *, sigma: float) -> float:
    """The highest score that 3 x 3 px in a box reach without any tolerance.

    Args:
        pair: a single one.
        box: in px of the reference.
        backend: what the pair lives on.
        sigma: of the blur, px.
    """
    (x, y, w, h), margin = box, blur_radius(sigma) + 1
    top, left = max(0, y - margin), max(0, x - margin)
    place = slice(top, y + h + margin), slice(left, x + w + margin)
    r, c = (smoothed(backend.to_host(picture[place]), sigma) for picture in (pair.reference, pair.candidate))
    core = cv2.erode(largest(np.abs(r - c)), np.ones((3, 3), np.uint8))
    return float(core[y - top : y - top + h, x - left : x - left + w].max()) / 255
