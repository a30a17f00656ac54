"""Finds one rough motion: nothing, a translation, or what features or point patterns agree on; cheapest first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from diffspot.pipeline.deadline import check_deadline
from diffspot.pipeline.registration.evidence import Residuals
from diffspot.pipeline.registration.features import motions
from diffspot.pipeline.registration.models import plausible
from diffspot.pipeline.registration.pictures import scaling
from diffspot.pipeline.registration.point_patterns import match_point_patterns
from diffspot.pipeline.registration.refine import refine
from diffspot.pipeline.registration.translation import translations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diffspot.pipeline.registration.evidence import Evidence
    from diffspot.pipeline.registration.models import Matrix
    from diffspot.pipeline.registration.pair import Pair

PEAKS = 4
"""Translations tried; periodic pictures have several of nearly equal height."""
MOST_SEARCHED = 4_000_000
"""Px of a picture: a larger one on the working level is one too thin to be made smaller, or beside a tiny one."""
LARGE = 4_000_000
"""Px of a picture that is turned a little before features are sought: in a photo these cost as much as decoding it. The
motion that either starts ends the same but for its third decimal."""
ROUGH = 0.4
"""Structure units of residual that count as agreeing, for motions good to about 1 px."""
ENOUGH = 0.9
"""Share of the covered structure at which refinement surely converges; dearer searches are not asked."""


def search(pair: Pair, *, photo: bool = False) -> Matrix:
    """Return the likeliest motion.

    Args:
        pair: both pictures, level by level.
        photo: whether a camera took both: then what nothing becomes if the picture may move and turn a little is
            weighed as well. Lines of text agree one further on, too, but another rasteriser turns no page.

    Returns:
        (3, 3) float64, reference to candidate, full-size px; good to about 1 px of the working level.
    """
    found, best = [np.eye(3)], 0
    for level, more in _attempts(pair, photo=photo):
        check_deadline()
        found += more
        chance = Residuals(pair.levels[level].points, pair.levels[level].moving, np.eye(3)).by_chance(ROUGH)
        weighed = [_evidence(pair, matrix, level, chance) for matrix in found]
        best = int(np.argmax([e.share for e in weighed]))
        if weighed[best].share_inside >= ENOUGH:
            break
    return found[best]


def _attempts(pair: Pair, *, photo: bool) -> Iterator[tuple[int, list[Matrix]]]:
    """Yield levels and the matrices, full-size px, found there; the next attempt is made only when asked for."""
    here = pair.levels[pair.working]
    peaks = translations(here.structure, here.moving, PEAKS)
    yield pair.working, _full_size(pair, pair.working, [*peaks, *_along_one_axis(peaks)])
    if max(here.reference.size, here.candidate.size) > MOST_SEARCHED:
        return
    smaller = min(pair.working + 1, pair.depth - 1)
    if pair.levels[0].reference.size > LARGE:
        yield pair.working, _full_size(pair, smaller, _turned(pair, smaller, peaks[:1]))
    # beside what features find: whichever comes first might explain enough to end the search
    near = _near(pair) if photo else []
    for index in range(smaller, pair.working - 1, -1):
        level = pair.levels[index]
        yield index, [*near, *_full_size(pair, index, motions(level.reference, level.candidate))]
        near = []
    yield pair.working, _full_size(pair, pair.working, match_point_patterns(here.reference, here.candidate))


def _turned(pair: Pair, index: int, found: list[Matrix]) -> list[Matrix]:
    """Return what translations, px of the working level, become on another level if the picture may turn and grow."""
    level, size = pair.levels[index], scaling(index - pair.working)
    starts = [np.linalg.inv(size) @ matrix @ size for matrix in found]
    return [refine(level.points, level.moving, start, "similarity", level.shape) for start in starts]


def _near(pair: Pair) -> list[Matrix]:
    """Return what nothing becomes, full-size px, if the camera may move, turn and tilt a little.

    Rows of like things agree one further on as well, and features often find no more than that.
    """
    matrix = np.eye(3)
    for index in range(pair.depth - 1, pair.working - 1, -1):
        level, size = pair.levels[index], scaling(index)
        model = "homography" if index == pair.working else "similarity"  # small pictures tell no tilt
        local = refine(level.points, level.moving, np.linalg.inv(size) @ matrix @ size, model, level.shape)
        if not plausible(local, level.shape):
            return []
        matrix = size @ local @ np.linalg.inv(size)
    return [matrix] if plausible(matrix, pair.levels[0].shape) else []


def _along_one_axis(found: list[Matrix]) -> list[Matrix]:
    """Return the parts of translations along either axis: what repeats itself agrees a period aside, too."""
    shifts = [(float(matrix[0, 2]), float(matrix[1, 2])) for matrix in found]
    parts = dict.fromkeys(part for x, y in shifts for part in ((x, 0.0), (0.0, y)) if part not in {*shifts, (0.0, 0.0)})
    return [np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]]) for x, y in parts]


def _full_size(pair: Pair, level: int, found: list[Matrix]) -> list[Matrix]:
    """Return the plausible ones of matrices in px of a level, in full-size px."""
    size = scaling(level)
    matrices = [size @ matrix @ np.linalg.inv(size) for matrix in found]
    return [matrix for matrix in matrices if plausible(matrix, pair.levels[0].shape)]


def _evidence(pair: Pair, matrix: Matrix, level: int, chance: float) -> Evidence:
    """Return how much of the reference's structure agrees on a level."""
    size, here = scaling(level), pair.levels[level]
    if np.array_equal(matrix[:, :2], np.eye(3)[:, :2]):
        return Residuals(here.points, here.moving, np.linalg.inv(size) @ matrix @ size).weigh(ROUGH, chance)
    return Residuals(here.points, pair.brought(matrix, level).moving, np.eye(3)).weigh(ROUGH, chance)
