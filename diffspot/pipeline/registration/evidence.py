"""What the pictures say for a motion: the share of the reference's structure that it explains, point by point."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diffspot.pipeline.registration.refine import residual, spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.registration.models import Matrix
    from diffspot.pipeline.registration.pictures import Grey, Points

    Left = tuple[NDArray[np.float32], NDArray[np.bool_]]
    """See `residual`."""

KERNEL = 2.5
"""Residual spreads at which a point counts as not explained at all."""
BLOCKS = 12
"""Blocks a side; noise and changes are independent from block to block, hardly from pixel to pixel."""
PUSHES = tuple(np.array([[1, 0, x], [0, 1, y], [0, 0, 1.0]]) for x, y in ((9, 4), (-4, 9), (-9, -4), (4, -9)))
"""Px by which the candidate is pushed aside: far enough to break agreement, near enough to stay inside."""
LEAST_FILLED = 4
"""Points a block must hold to have a say."""
LEAST_BLOCKS = 2
"""A single block has no spread to compare its gain with."""
LEAST_DEVIATION = 1e-9
"""Keeps blocks that all gain alike from dividing by zero."""


class Evidence(NamedTuple):
    """What a motion explains, point by point.

    Attributes:
        explained: (N,) float32 in [0, 1] per reference point, the chance level outside the candidate.
        inside: (N,) bool, the points that the candidate covers.
    """

    explained: NDArray[np.float32]
    inside: NDArray[np.bool_]

    @property
    def share(self) -> float:
        """Mean over all points: fair to different overlaps, because what is not covered counts as chance."""
        return float(self.explained.mean()) if self.explained.size else 0.0

    @property
    def share_inside(self) -> float:
        """Mean over the points that the candidate covers."""
        return float(self.explained[self.inside].mean()) if self.inside.any() else 0.0


class Residuals:
    """What a motion leaves of the reference's structure, worked out once, whatever scale it is held to."""

    def __init__(self, points: Points, candidate: Grey, matrix: Matrix) -> None:
        """Takes the motion.

        Args:
            points: N points of the reference.
            candidate: (H, W) float32, structure.
            matrix: (3, 3), reference to candidate px.
        """
        self._of = partial(residual, points, candidate)
        self._matrix = matrix

    @cached_property
    def _own(self) -> Left:
        return self._of(self._matrix)

    @cached_property
    def _aside(self) -> list[Left]:
        return [self._of(self._matrix @ push) for push in PUSHES]

    def weigh(self, scale: float, chance: float = 0.0) -> Evidence:
        """Return the evidence for the motion.

        Args:
            scale: residual spread, structure units.
            chance: what a point outside the candidate counts, in [0, 1].
        """
        return _explained(self._own, scale, chance)

    def by_chance(self, scale: float) -> float:
        """Return the share of the covered structure that agrees when the motion is pushed aside; scale as above."""
        return float(np.mean([_explained(left, scale).share_inside for left in self._aside]))

    def scale(self) -> float:
        """Return the robust residual spread, structure units, where the candidate covers the reference."""
        error, inside = self._own
        return spread(error[inside])


def _explained(left: Left, scale: float, chance: float = 0.0) -> Evidence:
    error, inside = left
    explained = np.where(inside, np.maximum(1 - (error / (KERNEL * scale)) ** 2, 0), chance)
    return Evidence(explained.astype(np.float32), inside)


def gain(better: Evidence, plain: Evidence, points: Points, shape: tuple[int, int]) -> tuple[float, float]:
    """Return how much more one motion explains than another.

    Args:
        better: the evidence (N,) for the one.
        plain: the evidence (N,) for the other.
        points: the N points of the reference, px.
        shape: (height, width) of the reference.

    Returns:
        The difference as a share of the points, and its t value over the blocks that `better` covers.
    """
    difference = (better.explained - plain.explained).astype(np.float64)
    row = (points.y * (BLOCKS / shape[0])).astype(np.intp)
    col = (points.x * (BLOCKS / shape[1])).astype(np.intp)
    block = row * BLOCKS + col
    filled = np.bincount(block, minlength=BLOCKS * BLOCKS)
    total = np.bincount(block, difference, minlength=BLOCKS * BLOCKS)
    mean = difference.sum() / max(difference.size, 1)
    used = (filled >= LEAST_FILLED) & (2 * np.bincount(block, better.inside, minlength=BLOCKS * BLOCKS) > filled)
    if np.count_nonzero(used) < LEAST_BLOCKS:
        return float(mean), 0.0
    typical = total[used].sum() / filled[used].sum()
    deviation = total[used] - typical * filled[used]
    return float(mean), float(total[used].sum() / max(np.sqrt((deviation**2).sum()), LEAST_DEVIATION))
