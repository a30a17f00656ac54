"""The brightness of the cells of a pair, in which lines and spots are looked for that no pixel shows, and its noise."""

from __future__ import annotations

import math
from functools import partial, reduce
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.backends.channels import mean
from diffspot.pipeline.cells import CELL, pair_means
from diffspot.pipeline.derived import once
from diffspot.pipeline.sampling import MEDIAN_TO_SIGMA, median

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.pair import RegisteredPair

FINE, MANY, MOST = 2, 112_000, 240_000
"""Px, side of the cells at least; how many cells there are at most of a small picture, or else they are larger, since a
line of which less is seen is as much longer there; and of a large one, whose cells of CELL px are known."""
OUTLIER = 5.0
"""Times the usual noise beyond which a cell says no more of it."""
LAPLACIAN = np.outer([1, -2, 1], [1, -2, 1]).astype(np.float32) / 6
"""Leaves the noise of a plane, with its standard deviation, and nothing of smooth structure: Immerkaer 1996,
doi:10.1006/cviu.1996.0060."""


class Grid(NamedTuple):
    """The brightness of the cells of a pair, (rows, columns) each but the first.

    Attributes:
        cell: px, their side.
        reference: grey levels.
        candidate: grey levels.
        inside: which cells are valid all over.
    """

    cell: int
    reference: NDArray[np.float32]
    candidate: NDArray[np.float32]
    inside: NDArray[np.bool_]

    @property
    def change(self) -> NDArray[np.float32]:
        """Grey levels by which the candidate is brighter."""
        return self.candidate - self.reference

    def halved(self) -> Grid:
        """The grid of cells twice as large."""
        rows, columns = (side // 2 for side in self.inside.shape)
        planes = (np.ascontiguousarray(plane[: 2 * rows, : 2 * columns]) for plane in self[1:3])
        reference, candidate = (cv2.resize(plane, (columns, rows), interpolation=cv2.INTER_AREA) for plane in planes)
        quarters = (self.inside[y : 2 * rows : 2, x : 2 * columns : 2] for y in (0, 1) for x in (0, 1))
        return Grid(2 * self.cell, np.asarray(reference), np.asarray(candidate), reduce(np.logical_and, quarters))


def find_grid(pair: RegisteredPair, backend: Backend) -> Grid:
    """The grid of a single pair, whose cells are the larger the larger it is."""
    cell = max(FINE, math.ceil(math.sqrt(pair.valid.size / MANY)))
    if cell < CELL:
        reference, candidate = (
            once(picture, f"cells of {cell} px", partial(_brightness, picture, cell, backend))
            for picture in (pair.reference, pair.candidate)
        )
        return Grid(cell, reference, candidate, np.asarray(backend.to_host(backend.whole_cells(pair.valid, cell))))
    before, after, inside = pair_means(pair, backend)
    grid = Grid(CELL, mean(before), mean(after), inside)
    while grid.inside.size > MOST:
        grid = grid.halved()
    return grid


def _brightness(picture: NDArray[Any], cell: int, backend: Backend) -> NDArray[np.float32]:
    return np.ascontiguousarray(mean(backend.to_host(backend.grid_mean(picture, cell))))


def usual(values: NDArray[Any]) -> float:
    """The standard deviation of normal values around 0, from the median of their size; 0 of none."""
    return MEDIAN_TO_SIGMA * float(median(np.abs(values.ravel()))) if values.size else 0.0


def detail(change: NDArray[np.float32]) -> NDArray[np.float32]:
    """(rows, columns) what is left of the change of each cell without smooth structure."""
    return np.asarray(cv2.filter2D(change, cv2.CV_32F, LAPLACIAN, borderType=cv2.BORDER_REFLECT), np.float32)


def local_noise(
    change: NDArray[np.float32], inside: NDArray[np.bool_], side: int, least: float = 0.0
) -> NDArray[np.float32]:
    """(rows, columns) standard deviation of the noise of the cells around each.

    Args:
        change: (rows, columns) grey levels.
        inside: (rows, columns) bool, the cells that count.
        side: cells, of the square around each.
        least: grey levels that it is at least.
    """
    fine = detail(change)
    most = OUTLIER * max(usual(fine[inside]), least)
    power = cv2.blur(fine.clip(-most, most) ** 2, (side, side), borderType=cv2.BORDER_REFLECT)
    return np.asarray(np.sqrt(power.clip(least**2)), np.float32)
