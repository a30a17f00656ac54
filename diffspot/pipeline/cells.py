"""Means of cells: what is left of a picture without its noise and details."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.pipeline.derived import once

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

CELL = 8
"""Px: means of 8 x 8 px hardly show noise and details."""
EVERY = 2
"""Px: rows and columns that are looked at; a quarter of the pixels tells the light as well in a quarter of the time."""


def cell_means(picture: NDArray[Any], backend: Backend) -> NDArray[np.float32]:
    """(rows, columns, C) the mean of each whole cell of a picture, from every EVERY-th px, on the host."""
    return np.asarray(backend.to_host(backend.grid_mean(picture, CELL, EVERY)))


def around(box: Box, room: int) -> tuple[slice, slice]:
    """The rows and columns of a box and so many cells around it, as far as they are in the picture."""
    x, y, w, h = box
    return slice(max(y - room, 0), y + h + room), slice(max(x - room, 0), x + w + room)


def touched(box: Box, cell: int = CELL, room: int = 0) -> tuple[slice, slice]:
    """The rows and columns of the cells, of so many px each way, that a box in px touches, and so many around it."""
    x, y, w, h = box
    left, top = x // cell, y // cell
    return around((left, top, -(-(x + w) // cell) - left, -(-(y + h) // cell) - top), room)


def in_px(box: Box, shape: tuple[int, ...]) -> Box:
    """A box of cells in px of a picture of that shape; its last cells may be cut off."""
    x, y, w, h = (CELL * side for side in box)
    return x, y, min(w, shape[1] - x), min(h, shape[0] - y)


def whole_cells(valid: NDArray[Any], backend: Backend) -> NDArray[np.bool_]:
    """(rows, columns) bool: which cells are valid in every EVERY-th px."""
    if valid.all():  # as of most pairs, and px that lie side by side tell in a fifth of the time
        return np.ones([-(-side // EVERY) // (CELL // EVERY) for side in valid.shape], bool)
    return np.asarray(backend.to_host(backend.whole_cells(valid[::EVERY, ::EVERY], CELL // EVERY)))


def pair_means(
    pair: RegisteredPair, backend: Backend
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_]]:
    """The means of both pictures of a single pair, and (rows, columns) bool: which cells are valid all over."""
    reference, candidate = (
        once(picture, "thinned cells", partial(cell_means, picture, backend))
        for picture in (pair.reference, pair.candidate)
    )
    return reference, candidate, cells_inside(pair, backend)


def cells_inside(pair: RegisteredPair, backend: Backend) -> NDArray[np.bool_]:
    """(rows, columns) bool: which cells of a single pair are valid all over."""
    return once(pair.valid, "whole thinned cells", partial(whole_cells, pair.valid, backend))
