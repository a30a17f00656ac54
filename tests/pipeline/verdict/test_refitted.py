"""What is left of a difference: nothing of a small movement, a little blur or light, but strokes that are others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from diffspot.pipeline.verdict.refitted import refitted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.uint8]


def words(digit: str = "8") -> Plane:
    """A page of five lines of digits, in the midst of which stands `digit`."""
    page = np.full((120, 200), 235, np.uint8)
    for row in range(5):
        text = "4071352963" if row != 2 else f"40713{digit}2963"
        cv2.putText(page, text, (12, 22 + 20 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 40, 1, cv2.LINE_AA)
    return np.asarray(cv2.GaussianBlur(page, (0, 0), 0.7), np.uint8)


def moved(page: Plane, x: float, y: float) -> Plane:
    shift = np.array([[1, 0, x], [0, 1, y]], np.float64)
    size = page.shape[1], page.shape[0]
    return np.asarray(cv2.warpAffine(page, shift, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def left(reference: Plane, candidate: Plane) -> NDArray[np.float32]:
    return np.abs(refitted(reference, candidate, np.ones(reference.shape, bool)))[6:-6, 6:-6]


CHANGES = {
    "movement": lambda page: moved(page, 0.4, -0.3),
    "blur": lambda page: cv2.GaussianBlur(page, (0, 0), 0.6),
    "light": lambda page: cv2.convertScaleAbs(page, alpha=0.85, beta=12),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_resampling_and_light_leave_is_explained(change: str) -> None:
    page = words()
    candidate = np.asarray(CHANGES[change](page), np.uint8)
    before = cv2.absdiff(page, candidate)[6:-6, 6:-6].astype(np.float32)
    assert before.max() > 14
    assert np.sqrt((left(page, candidate) ** 2).mean()) < 0.3 * np.sqrt((before**2).mean())


def test_a_digit_that_became_another_one_stands_out_of_a_page_that_moved() -> None:
    page = words()
    candidate = moved(words("3"), 0.4, -0.3)
    rest = left(page, candidate)
    row, column = np.unravel_index(int(rest.argmax()), rest.shape)
    changed = np.argwhere(cv2.absdiff(page, words("3")) > 20)
    (top, first), (bottom, last) = changed.min(axis=0), changed.max(axis=0)
    assert top - 1 <= row + 6 <= bottom + 1
    assert first - 1 <= column + 6 <= last + 1
    elsewhere = rest.copy()
    elsewhere[max(top - 20, 0) : bottom + 10, first - 20 : last + 10] = 0
    assert rest.max() > 4 * elsewhere.max()


def test_what_is_not_counted_tells_no_fit() -> None:
    page = words()
    candidate, counted = moved(page, 0.4, -0.3), np.ones(page.shape, bool)
    candidate[42:68, 62:128], counted[38:72, 58:132] = 0, False
    rest = np.abs(refitted(page, candidate, counted))
    assert rest[~counted].max() > 150
    assert np.abs(rest - np.abs(refitted(page, moved(page, 0.4, -0.3), counted)))[:34].max() < 0.01


def test_equal_pictures_leave_nothing_and_no_size_is_too_small() -> None:
    for height, width in ((1, 1), (3, 9), (26, 5)):
        plane = np.full((height, width), 90, np.uint8)
        assert not refitted(plane, plane, np.ones(plane.shape, bool)).any()
