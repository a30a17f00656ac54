"""A pair made ready for estimation: structure pictures of both sides, level by level, cut only once."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.pipeline.derived import once
from diffspot.pipeline.registration.pictures import noise, pyramid, scaling, strongest_points, structure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.registration.models import Matrix
    from diffspot.pipeline.registration.pictures import Grey, Points

POINTS = 16_000
"""Sample points a level; 128 by 128 cells see every change and every direction, at 2 ms a step."""
LEAST_GRADIENT = 0.25
"""Structure units per px; four times the slope that noise leaves, so flat areas have no say."""
LEAST_POINTS = 100
"""For a level to be judged on; softer pictures have them only on coarser levels."""
SMALLEST_SIDE = 24
"""Px of the coarsest level; less holds no structure."""
WORKING_PIXELS = 500_000
"""Of the level where motions are searched; finer only costs time."""
FINEST_PIXELS = 4_000_000
"""Of the finest level; beyond it a pixel is finer than what optics and motion leave."""
SHRINKING = 1.1
"""Px of the candidate a px of the reference from which resampling would alias, so that it blurs first."""


class Level:
    """Both pictures of a pair at one level of the pyramid."""

    def __init__(self, reference: Grey, candidate: Grey, grains: tuple[float, float]) -> None:
        """Hold float32 pictures (H, W) and the standard deviations of their noise, grey levels."""
        self.reference, self.candidate, self.grains = reference, candidate, grains
        self.shape = (reference.shape[0], reference.shape[1])

    @cached_property
    def structure(self) -> Grey:
        """Structure of the reference, float32 (H, W)."""
        return once(self.reference, "structure", partial(structure, self.reference, self.grains[0]))

    @cached_property
    def moving(self) -> Grey:
        """Structure of the candidate, float32 (H, W), NaN where resampling left it unknown."""
        return once(self.candidate, "structure", partial(structure, self.candidate, self.grains[1]))

    @cached_property
    def points(self) -> Points:
        """Sample points of the reference's structure."""
        found = partial(strongest_points, self.structure, POINTS, LEAST_GRADIENT)
        return once(self.reference, "points", found)


class Pair:
    """The pyramid of a pair, and which of its levels to search and to finish on."""

    def __init__(self, reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> None:
        """Build the levels of two planes, (H, W) and (h, w)."""
        planes = reference, candidate
        sides = [once(plane, "pyramid", partial(pyramid, plane, SMALLEST_SIDE)) for plane in planes]
        one, other = (once(plane, "noise", partial(noise, plane)) for plane in planes)
        grains = one, other
        self.levels = [
            # halving averages four pixels, so white noise halves
            Level(one, other, (grains[0] / 2**i, grains[1] / 2**i))
            for i, (one, other) in enumerate(zip(*sides, strict=False))
        ]
        self.depth = len(self.levels)
        self.working = self._level(WORKING_PIXELS)
        self.finest = self._level(FINEST_PIXELS)

    def _level(self, pixels: int) -> int:
        """Return the finest level with enough structure; its pictures hold, in geometric mean, at most `pixels`."""
        sizes = [np.sqrt(float(a.reference.size) * float(a.candidate.size)) for a in self.levels]
        fit = [i for i, size in enumerate(sizes) if size <= pixels] or [self.depth - 1]
        for index in fit:
            if self.levels[index].points.x.size >= LEAST_POINTS:
                return index
        return max(fit, key=lambda i: self.levels[i].points.x.size)

    def brought(self, base: Matrix, level: int) -> Level:
        """Return a level with its candidate resampled.

        Args:
            base: (3, 3), the reference-to-candidate matrix, full-size px, to resample by.
            level: which one.
        """
        here = self.levels[level]
        matrix = np.linalg.inv(scaling(level)) @ base @ scaling(level)
        shrink = np.sqrt(abs(np.linalg.det(matrix[:2, :2])))
        candidate = here.candidate
        if shrink > SHRINKING:
            candidate = np.asarray(cv2.GaussianBlur(candidate, (0, 0), 0.5 * np.sqrt(shrink**2 - 1)), np.float32)
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        size = (here.shape[1], here.shape[0])
        moved = cv2.warpPerspective(candidate, matrix, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        known = cv2.warpPerspective(
            np.ones(candidate.shape, np.uint8), matrix, size, flags=cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP
        )
        near = Level(here.reference, np.asarray(moved, np.float32), here.grains)
        near.structure, near.points = here.structure, here.points
        near.moving = np.where(known > 0, structure(near.candidate, here.grains[1]), np.float32(np.nan))
        return near
