"""Fits every motion model from one starting motion, coarse to fine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from diffspot.pipeline.registration.models import apply, corners, plausible, project
from diffspot.pipeline.registration.pictures import scaling
from diffspot.pipeline.registration.refine import refine

if TYPE_CHECKING:
    from diffspot.pipeline.registration.models import Matrix
    from diffspot.pipeline.registration.pair import Level, Pair

NEAR = 0.03
"""Largest entry by which a matrix may differ from a translation before the candidate is resampled first."""


class Ladder:
    """Fits from `start`, a (3, 3) reference-to-candidate matrix of full-size px; keeps the levels it resampled."""

    def __init__(self, pair: Pair, start: Matrix) -> None:
        """Take the start as the base to resample the candidate by, where it is more than a translation."""
        self.pair, self.start = pair, start
        self.shape = pair.levels[0].shape
        turned = start - np.array([[1, 0, start[0, 2]], [0, 1, start[1, 2]], [0, 0, 1]])
        straight = float(np.abs(turned).max()) <= NEAR
        self.base = np.eye(3) if straight else start
        self.levels: dict[int, Level] = {}

    def level(self, index: int) -> Level:
        """Return the level with the candidate brought by the base, made at most once."""
        if index not in self.levels:
            plain = np.array_equal(self.base, np.eye(3))
            self.levels[index] = self.pair.levels[index] if plain else self.pair.brought(self.base, index)
        return self.levels[index]

    def fit(self, model: str) -> Matrix | None:
        """Return the best matrix of the model near the start, None where it leaves what a camera or scanner can do."""
        matrix = project(model, self.start, self._covered())
        for index in range(self.pair.working, self.pair.finest - 1, -1):
            level, size = self.level(index), scaling(index)
            back = np.linalg.inv(self.base)
            local = np.linalg.inv(size) @ back @ matrix @ size
            local = refine(level.points, level.moving, local, model, level.shape)
            if not plausible(local, level.shape):
                return None
            matrix = self.base @ size @ local @ np.linalg.inv(size)
            matrix /= matrix[2, 2]
        if not plausible(matrix, self.shape):
            return None
        return project(model, matrix, self._covered())

    def _covered(self) -> tuple[float, float, float, float]:
        """Return the box of the reference, px, that the candidate covers under the start."""
        there = self.pair.levels[0].candidate.shape
        u, v = apply(np.linalg.inv(self.start), *corners((there[0], there[1])))
        height, width = self.shape
        x, y = np.clip(u, 0, width - 1), np.clip(v, 0, height - 1)
        return float(x.min()), float(y.min()), float(x.max()), float(y.max())
