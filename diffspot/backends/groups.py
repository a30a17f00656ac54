"""Splits a mask into independent parts: components of its cells, dilated by `reach`."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import EllipsisType

    from numpy.typing import NDArray

    Place = tuple[slice, slice] | EllipsisType
    """Rows and columns, or all there is."""


class Group(NamedTuple):
    """A rectangle of a plane and what of it belongs to the group.

    Attributes:
        place: its rows and columns; they begin at whole cells.
        own: (rows, columns) bool; other groups may reach into the rectangle.
    """

    place: Place
    own: NDArray[np.bool_] | np.bool_

    @property
    def origin(self) -> tuple[int, int]:
        """(x, y) of its first pixel in the plane."""
        return (0, 0) if self.place is ... else (self.place[1].start, self.place[0].start)

    def within(self, outer: Group) -> Group:
        """The group in the plane in which `outer` lies, where its own plane is that group's rectangle."""
        if outer.place is ... or self.place is ...:
            return self if outer.place is ... else Group(outer.place, self.own)
        (top, left), (rows, columns) = (side.start for side in outer.place), self.place
        place = slice(top + rows.start, top + rows.stop), slice(left + columns.start, left + columns.stop)
        return Group(place, self.own)

    def owned(self, mask: NDArray[Any]) -> NDArray[Any]:
        """What of a mask of the rectangle, (..., H, W) bool, belongs to the group."""
        return mask if self.place is ... else mask & self.own


ALL = Group(..., np.True_)


def find_groups(plane: NDArray[Any], reach: float, cell: int) -> Iterator[Group]:
    """Independent parts of a plane: they lie more than twice `reach` px apart, each with `reach` px or more around it.

    Args:
        plane: (H, W), 0 where nothing is set.
        reach: px; infinite, there is one group, the whole plane.
        cell: px, the side of the squares in which it is worked out.
    """
    cells = any_of_cells(plane, cell).view(np.uint8)
    side = 2 * math.ceil(min(reach, max(plane.shape)) / cell) + 1
    count, labels = cv2.connectedComponents(cv2.dilate(cells, np.ones((side, side), np.uint8)), connectivity=8)
    for label in range(1, count):
        own = labels == label
        rows, columns = (np.flatnonzero(own.any(axis=axis)) for axis in (1, 0))
        (top, bottom), (left, right) = ((int(line[0]), int(line[-1]) + 1) for line in (rows, columns))
        place = (
            slice(top * cell, min(bottom * cell, plane.shape[0])),
            slice(left * cell, min(right * cell, plane.shape[1])),
        )
        fine = own[top:bottom, left:right].repeat(cell, axis=0).repeat(cell, axis=1)
        yield Group(place, fine[: place[0].stop - place[0].start, : place[1].stop - place[1].start])


def any_of_cells(plane: NDArray[Any], size: int) -> NDArray[np.bool_]:
    """Which cells of size x size px of a plane (H, W) hold anything but 0, those that its edge cuts included."""
    width, whole = plane.shape[1], plane.shape[0] // size
    rows, columns = (-(-side // size) for side in plane.shape)
    lines = np.zeros((rows, columns * size), bool)
    np.any(plane[: whole * size].reshape(whole, size, width), axis=1, out=lines[:whole, :width])
    if rows > whole:
        np.any(plane[whole * size :], axis=0, out=lines[whole, :width])
    return np.asarray(lines.reshape(rows, columns, size).any(axis=2))
