"""The table of a mask's connected components."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.model import Box

    Component = tuple[Box, int, float, float]
    """Its box, area, peak and mean."""


class Components(NamedTuple):
    """The connected components of a mask or of a batch of masks, one row each, in label order (labels from 1).

    Attributes:
        boxes: (N, 4) int64, [x, y, w, h] px, half-open.
        areas: (N,) int64, px.
        peaks: (N,) float64, highest score.
        means: (N,) float64, mean score.
        pictures: (N,) int64, which picture of a batch it lies in; 0 where there is but one.
    """

    boxes: NDArray[np.int64]
    areas: NDArray[np.int64]
    peaks: NDArray[np.float64]
    means: NDArray[np.float64]
    pictures: NDArray[np.int64]

    def of(self, picture: int) -> Iterator[Component]:
        """The components of one picture of the batch."""
        rows = self.pictures == picture
        boxes, *numbers = (column[rows].tolist() for column in self[:-1])
        return zip(map(tuple, boxes), *numbers, strict=True)


def measure(
    owners: NDArray[np.int64], places: tuple[NDArray[Any], ...], scores: NDArray[Any], *, count: int
) -> Components:
    """The table of components from the pixels of all.

    Args:
        owners: (P,) the component of each pixel, from 0.
        places: its row and column, each (P,), and before them its picture where there is a batch.
        scores: (P,) its score.
        count: how many components there are.
    """
    *picture, y, x = places
    low, high = np.full((2, count), np.iinfo(np.int64).max), np.zeros((2, count), np.int64)
    for axis, column in enumerate((x, y)):
        place = np.ascontiguousarray(column, np.int64)  # of other arrays `at` takes thirty times as long
        np.minimum.at(low[axis], owners, place)
        np.maximum.at(high[axis], owners, place + 1)
    peaks, pictures = np.zeros(count), np.zeros(count, np.int64)
    np.maximum.at(peaks, owners, scores.astype(np.float64))
    for place in picture:
        pictures[owners] = place
    areas = np.bincount(owners, minlength=count)
    sums = np.bincount(owners, scores, minlength=count)
    return Components(np.concatenate([low, high - low]).T, areas, peaks, sums / np.maximum(areas, 1), pictures)


def joined(tables: Sequence[Components]) -> Components:
    """One table of components of which each of the tables saw a part, or nothing."""
    if len(tables) == 1:
        return tables[0]
    low = np.minimum.reduce([table.boxes[:, :2] for table in tables])
    high = np.maximum.reduce([table.boxes[:, :2] + table.boxes[:, 2:] for table in tables])
    areas = np.sum([table.areas for table in tables], axis=0)
    sums = np.sum([table.means * table.areas for table in tables], axis=0)
    return Components(
        np.concatenate([low, high - low], axis=1),
        areas,
        np.maximum.reduce([table.peaks for table in tables]),
        sums / np.maximum(areas, 1),
        np.maximum.reduce([table.pictures for table in tables]),
    )
