"""Areas carried from the reference to where they lie in the candidate."""

from __future__ import annotations

import cv2
import numpy as np
from skimage import data

from diffspot.backends import get_backend
from tests.pictures import page
from tests.placing import place

BACKEND = get_backend("numpy")
AREA = np.zeros((240, 320), np.bool_)
AREA[60:100, 80:160] = True


def test_an_area_stays_where_nothing_moved() -> None:
    picture = np.ascontiguousarray(data.chelsea()[:240, :320])
    np.testing.assert_array_equal(
        place(picture, picture, BACKEND, align="none", rendered=False).mask_to_candidate(AREA), AREA
    )


def test_an_area_of_another_size_is_cut_to_the_candidate() -> None:
    picture = np.ascontiguousarray(data.chelsea()[:240, :320])
    moved = place(picture, picture[:80, :100], BACKEND, align="none", rendered=False).mask_to_candidate(AREA)
    np.testing.assert_array_equal(moved, AREA[:80, :100])


def test_an_area_moves_with_the_candidate() -> None:
    cat = data.chelsea()
    reference, candidate = cat[20:260, 30:350], np.ascontiguousarray(cat[15:255, 22:342])
    placement = place(np.ascontiguousarray(reference), candidate, BACKEND, align="translation", rendered=False)
    moved = placement.mask_to_candidate(AREA)
    np.testing.assert_array_equal(moved, np.roll(AREA, (5, 8), (0, 1)))
    assert placement.to_candidate((80, 60, 80, 40)) == (88, 65, 80, 40)


def test_a_turned_area_lies_over_the_turned_content() -> None:
    cat = np.ascontiguousarray(data.chelsea()[:240, :320])
    turn = cv2.getRotationMatrix2D((160, 120), 4, 1)
    candidate = cv2.warpAffine(cat, turn, (320, 240))
    expected = cv2.warpAffine(AREA.astype(np.uint8), turn, (320, 240), flags=cv2.INTER_NEAREST) > 0
    moved = place(cat, candidate, BACKEND, align="euclidean", rendered=False).mask_to_candidate(AREA)
    assert (moved != expected).sum() < 0.02 * AREA.sum()  # only the outline's pixels, of which there are 240 in 3200


def test_an_area_is_split_where_rows_were_inserted() -> None:
    area = np.zeros((400, 300), np.bool_)
    area[170:230, 80:160] = True
    candidate = np.concatenate([page()[:200], np.full((30, 300, 3), 90, np.uint8), page()[200:]])
    moved = place(page(), candidate, BACKEND, align="auto", rendered=True).mask_to_candidate(area)
    expected = np.zeros((430, 300), np.bool_)
    expected[170:200, 80:160] = expected[230:260, 80:160] = True
    np.testing.assert_array_equal(moved, expected)
