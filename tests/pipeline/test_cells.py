"""Means of cells, and which of them are whole."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.backends.interface import Backend
from diffspot.pipeline.cells import CELL, EVERY, cells_inside
from tests.placing import registered


@pytest.mark.parametrize("shape", [(40, 64), (39, 63), (41, 70), (33, 47)])
def test_cells_are_whole_where_all_that_is_looked_at_is_valid(shape: tuple[int, int]) -> None:
    backend, picture = Backend(), np.zeros((*shape, 3), np.uint8)
    valid = np.ones(shape, bool)
    whole = cells_inside(registered(picture, picture, valid), backend)
    np.testing.assert_array_equal(whole, backend.whole_cells(valid[::EVERY, ::EVERY], CELL // EVERY))
    assert whole.all()
    cut = valid.copy()
    cut[16, 24] = False
    rows, columns = np.nonzero(~cells_inside(registered(picture, picture, cut), backend))
    assert (rows.tolist(), columns.tolist()) == ([2], [3])
