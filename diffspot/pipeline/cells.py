"""Means of cells: what is left of a picture without its noise and details."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

CELL = 8
"""Px: means of 8 x 8 px hardly show noise and details."""
EVERY = 2
"""Px: rows and columns that are looked at; a quarter of the pixels tells the light as well in a quarter of the time."""


def cell_means(picture: NDArray[Any], backend: Backend) -> NDArray[np.float32]:
    """(rows, columns, C) the mean of each whole cell of a picture, from every EVERY-th px, on the host."""
    return np.asarray(backend.to_host(backend.grid_mean(picture[::EVERY, ::EVERY], CELL // EVERY)))
