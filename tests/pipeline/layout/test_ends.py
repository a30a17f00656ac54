"""What a page shows beyond the other's lower or right edge is a region: a footer that went, a column that came."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from diffspot import compare
from diffspot.model import IDENTITY
from diffspot.pipeline.layout import find_ends
from tests.pipeline.layout.pages import blank

if TYPE_CHECKING:
    from tests.pipeline.layout.pages import Picture

BOX = ((40, 40), (140, 100))


def card(height: int = 300, width: int = 400) -> Picture:
    """A page with a box and a footer: too little for bands of lines."""
    drawn = blank(height, width, shade=240)
    cv2.rectangle(drawn, *BOX, (200, 90, 30), -1)
    cv2.putText(drawn, "Imprint", (60, height - 20), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    return drawn


def test_rows_come_before_columns_and_each_lies_at_its_seam() -> None:
    rows, columns = find_ends((300, 400), (250, 440))
    assert (rows.kind, rows.bbox, rows.candidate_bbox) == ("removed-rows", (0, 250, 400, 50), (0, 249, 400, 1))
    assert (columns.kind, columns.bbox, columns.candidate_bbox) == (
        "inserted-columns",
        (399, 0, 1, 250),
        (400, 0, 40, 250),
    )


@pytest.mark.parametrize("other", [(300, 400), (302, 398)])
def test_pages_of_one_size_and_careless_cuts_have_none(other: tuple[int, int]) -> None:
    assert find_ends((300, 400), other) == ()


def test_a_drawing_that_was_cut_carelessly_at_its_upper_left_corner_is_the_same() -> None:
    assert compare(card(), card()[7:, 5:]).regions == ()


def test_a_footer_that_went_is_a_region_unless_pictures_are_compared_as_they_lie() -> None:
    (region,) = compare(card(), card()[:250]).regions
    assert (region.kind, region.bbox, region.area) == ("removed-rows", (0, 250, 400, 50), 400 * 50)
    assert compare(card(), card()[:250], align="none").regions == ()


def test_a_footer_and_a_column_that_came_are_regions() -> None:
    wider = np.pad(card(), ((0, 0), (0, 60), (0, 0)), constant_values=240)
    cv2.rectangle(wider, (420, 30), (450, 200), (30, 30, 30), -1)
    columns, rows = compare(card()[:250], wider).regions  # by the y of their place in the reference
    assert (rows.kind, rows.candidate_bbox) == ("inserted-rows", (0, 250, 400, 50))
    assert (columns.kind, columns.candidate_bbox) == ("inserted-columns", (400, 0, 60, 250))


def test_an_ignored_end_is_none() -> None:
    result = compare(card(), card()[:250], ignore=[(0, 250, 400, 50)])
    assert (result.status, result.regions) == ("same", ())


def test_a_photo_that_is_cut_is_the_same_and_says_so() -> None:
    rng = np.random.default_rng(5)
    photo = cv2.GaussianBlur(rng.uniform(0, 255, (300, 400, 3)), (0, 0), 4)
    photo = np.uint8(np.interp(photo, (photo.min(), photo.max()), (0, 255)))
    result = compare(photo, photo[:260])
    assert (result.status, result.registration.matrix, result.registration.overlap) == ("same", IDENTITY, 0.8667)
    assert result.notes == ("sizes differ: 400x300 and 400x260; what both show was compared",)
