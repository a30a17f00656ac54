"""Words that lie some px aside, and words that became others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from diffspot import compare

if TYPE_CHECKING:
    from tests.pipeline.layout.pages import Picture

ROWS = 8
NAMES = ("Acme", "Borealis", "Cobalt", "Dunlin", "Elster", "Fjord", "Gneis", "Heron")
OTHERS = ("Linnet", "Magpie Co", "Nutmeg", "Osprey", "Petrel", "Quail", "Raven", "Siskin")


def table(
    *, right: float = 0.0, words: tuple[str, ...] = NAMES, numbers: tuple[int, ...] = tuple(range(ROWS))
) -> Picture:
    """Rows of a name, a word that lies so many px further right, and a number."""
    picture = np.full((ROWS * 36 + 40, 640), 255, np.uint8)
    for row, name in enumerate(NAMES):
        base = 40 + 36 * row
        cv2.putText(picture, name, (20, base), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 30, 1, cv2.LINE_AA)
        ink = np.full_like(picture, 255)
        cv2.putText(ink, words[row], (200, base), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 30, 1, cv2.LINE_AA)
        by = np.array([[1, 0, right], [0, 1, 0]], np.float64)
        laid = cv2.warpAffine(ink, by, ink.shape[::-1], flags=cv2.INTER_LINEAR, borderValue=255)
        picture = np.minimum(picture, np.asarray(laid, np.uint8))
        number = f"{numbers[row]}3{row}33"
        cv2.putText(picture, number, (420, base), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 30, 1, cv2.LINE_AA)
        picture[base + 14] = 225
    return np.repeat(picture[..., None], 3, axis=2)


@pytest.mark.parametrize("right", [2.0, -2.0, 4.5])
def test_cells_of_a_column_that_moved_are_one_region(right: float) -> None:
    (region,) = compare(table(), table(right=right)).regions
    assert region.kind == "moved"
    assert abs(region.candidate_bbox[0] - region.bbox[0] - right) <= 0.5
    x, _, w, h = region.bbox
    assert 185 < x < 205
    assert 250 < x + w < 290
    assert h > 35 * (ROWS - 1)


def test_cells_that_became_others_did_not_move() -> None:
    result = compare(table(), table(words=OTHERS))
    assert {region.kind for region in result.regions} == {"content"}
    assert len(result.regions) >= ROWS


def test_a_digit_that_became_another_one_is_not_the_next_one() -> None:
    result = compare(table(numbers=(3,) * ROWS), table(numbers=(8,) * ROWS))
    assert [region.kind for region in result.regions] == ["content"] * ROWS
