"""Small squares of a picture laid side by side, so that one call works on all of them; a call for each costs more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE = 16
"""Px of a square: few of them hold anything where noise alone differs."""


class Mosaic(NamedTuple):
    """N squares of a plane, with a margin around each; beyond its edge the plane is mirrored, as a blur does it.

    Attributes:
        rows: (SIDE + 2 * margin, N, 1) of the px.
        columns: (N, SIDE + 2 * margin) of the px.
        margin: px.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    margin: int

    def of(self, picture: NDArray[Any]) -> NDArray[Any]:
        """The squares of a picture (H, W, C), (rows, columns of all squares, C)."""
        side, count, _ = self.rows.shape
        px = picture.view(f"V{picture.shape[2] * picture.itemsize}")[..., 0]  # px are taken faster than samples
        return px[self.rows, self.columns].view(picture.dtype).reshape(side, count * side, picture.shape[2])

    def put(self, values: NDArray[Any], plane: NDArray[Any]) -> None:
        """Writes (rows, columns of all squares) without their margins into a plane (H, W).

        Args:
            values: what is beyond the plane's edge mirrors what is within it.
            plane: is changed.
        """
        own = slice(self.margin, self.margin + SIDE)
        squares = values.reshape(len(self.rows), *self.columns.shape)
        plane[self.rows[own], self.columns[:, own]] = squares[own, :, own]


def lay_squares(cells: NDArray[np.bool_], shape: tuple[int, int], margin: int) -> Mosaic:
    """Lays side by side the squares of a plane of that shape that are set in (rows, columns) bool."""
    (top, left), steps = np.nonzero(cells), np.arange(-margin, SIDE + margin)
    rows, columns = SIDE * top + steps[:, None], SIDE * left[:, None] + steps
    return Mosaic(_mirrored(rows, shape[0])[..., None], _mirrored(columns, shape[1]), margin)


def _mirrored(places: NDArray[np.intp], side: int) -> NDArray[np.intp]:
    """Places along a line of `side` px that is mirrored at its ends, the last px repeated."""
    there_and_back = places % (2 * side)
    return np.minimum(there_and_back, 2 * side - 1 - there_and_back)
