"""What results are called in the outputs that people read."""

from __future__ import annotations

import pytest

from diffspot.outputs.words import kind_in_words
from tests.outputs.reports import region


@pytest.mark.parametrize(
    ("kind", "bbox", "candidate_bbox", "words"),
    [
        ("inserted-rows", (0, 8, 90, 1), (0, 8, 90, 40), "40 inserted rows"),
        ("removed-columns", (5, 0, 7, 90), (5, 0, 1, 90), "7 removed columns"),
        ("inserted-rows", (0, 8, 90, 1), (0, 8, 90, 1), "1 inserted row"),
        ("recolored", (0, 8, 90, 20), (0, 8, 90, 20), "recolored"),
    ],
)
def test_rows_and_columns_are_counted(
    kind: str, bbox: tuple[int, ...], candidate_bbox: tuple[int, ...], words: str
) -> None:
    assert kind_in_words(region(0, 0, kind=kind, bbox=bbox, candidate_bbox=candidate_bbox)) == words
