"""Boxes grow on all sides, and not beyond the picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diffspot.pipeline.boxes import widened

if TYPE_CHECKING:
    from diffspot.model import Box


@pytest.mark.parametrize(
    ("box", "padding", "grown"),
    [
        ((10, 20, 5, 6), 0, (10, 20, 5, 6)),
        ((10, 20, 5, 6), 3, (7, 17, 11, 12)),
        ((1, 2, 5, 6), 3, (0, 0, 9, 11)),
        ((90, 40, 10, 10), 4, (86, 36, 14, 14)),
        ((10, 20, 5, 6), 1000, (0, 0, 100, 50)),
    ],
)
def test_widened(box: Box, padding: int, grown: Box) -> None:
    assert widened(box, padding, (100, 50)) == grown
