"""What `parts` lays back: lines of a compressed page that moved, and nothing that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

import diffspot
from diffspot.pipeline.parts import lay_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

PITCH, LINES = 26, 14


def page(texts: Sequence[str], offsets: dict[int, tuple[int, int]] | None = None) -> NDArray[np.uint8]:
    """A page of lines of text, some of them so many px (x, y) aside."""
    picture = np.full((PITCH * LINES + 40, 560, 3), 255, np.uint8)
    for number, text in enumerate(texts):
        x, y = (offsets or {}).get(number, (0, 0))
        at = (20 + x, 40 + PITCH * number + y)
        cv2.putText(picture, text, at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (20, 20, 20), 1, cv2.LINE_AA)
    return picture


def compressed(picture: NDArray[np.uint8], quality: int = 75) -> NDArray[np.uint8]:
    _, file = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)


def lines(changed: int | None = None) -> list[str]:
    """Lines of an account; in one of them a digit can be another one."""
    return [f"Line {n:02} of the account: total {'7.91' if n == changed else '7.81'} EUR" for n in range(LINES)]


def everywhere(picture: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.ones(picture.shape[:2], bool)


@pytest.mark.parametrize("step", [(0, 1), (1, -1), (2, 3), (-3, 0)])
def test_lines_that_moved_are_laid_back(step: tuple[int, int]) -> None:
    reference = compressed(page(lines()))
    candidate = compressed(page(lines(), dict.fromkeys(range(6, 10), step)))
    laid = lay_parts(reference, candidate, everywhere(reference), join=20)
    assert laid is not None
    assert [part.offset for part in laid.parts] == [step]
    (_, y, _, h), *_ = laid.parts[0].component
    assert 180 < y < 200
    assert 270 < y + h < 285
    before, after = (int((cv2.absdiff(reference, one) > 40).sum()) for one in (candidate, laid.candidate))
    assert after < before / 50


def test_px_come_from_where_their_part_went() -> None:
    reference = compressed(page(lines()))
    candidate = compressed(page(lines(), {3: (2, 1)}))
    laid = lay_parts(reference, candidate, everywhere(reference), join=10)
    assert laid is not None
    rows, columns = np.nonzero(laid.offsets.any(axis=2))
    assert (laid.offsets[rows, columns] == (2, 1)).all()
    assert np.array_equal(laid.candidate[rows, columns], candidate[rows + 1, columns + 2])
    still = ~laid.offsets.any(axis=2)
    assert np.array_equal(laid.candidate[still], candidate[still])


def test_what_changed_in_place_is_no_movement() -> None:
    reference = page(lines())
    for candidate in (page(lines(4)), cv2.rectangle(page(lines()), (20, 150), (90, 150), (0, 0, 0), 1)):
        assert lay_parts(compressed(reference), compressed(candidate), everywhere(reference), join=10) is None


def test_ignored_parts_are_left_where_they_are() -> None:
    reference, candidate = page(lines()), page(lines(), {3: (0, 2)})
    seen = everywhere(reference)
    seen[100:140] = False
    assert lay_parts(reference, candidate, seen, join=10) is None


@pytest.mark.parametrize(("step", "kinds"), [((0, 1), {"content"}), ((3, 0), {"content", "moved"})])
def test_a_digit_is_found_beside_lines_that_moved(step: tuple[int, int], kinds: set[str]) -> None:
    reference = compressed(page(lines()))
    for changed in (2, 8):  # on a line that lies still, and on one that moved
        candidate = compressed(page(lines(changed), dict.fromkeys(range(7, 12), step)))
        found = diffspot.compare(reference, candidate)
        assert {region.kind for region in found.regions} == kinds
        (digit,) = (region for region in found.regions if region.kind == "content")
        x, y, w, h = digit.bbox
        baseline = 40 + PITCH * changed
        assert baseline - 14 < y <= y + h < baseline + 4
        assert w <= 16
        assert digit.candidate_bbox == (x + step[0] * (changed == 8), y + step[1] * (changed == 8), w, h)


@pytest.mark.parametrize(("most", "status"), [("auto", "different"), ("any", "same"), (3, "same"), (2, "different")])
def test_max_shift_says_whether_a_part_that_moved_counts(most: str | float, status: str) -> None:
    reference, candidate = compressed(page(lines())), compressed(page(lines(), dict.fromkeys(range(7, 12), (3, 0))))
    found = diffspot.compare(reference, candidate, max_shift=most)
    assert found.status == status
    movement = [one for one in found.forgiven if one.cause == "movement"]
    assert len(movement) == (status == "same")
    assert all(one.pixels > 100 for one in movement)
    assert [region.candidate_bbox[0] - region.bbox[0] for region in found.regions] == [3] * 5 * (status == "different")


def test_px_below_the_least_area_are_told() -> None:
    reference, candidate = (np.full((60, 80, 3), 200, np.uint8) for _ in range(2))
    candidate[30, 40] = candidate[10, 20:22] = 0
    found = diffspot.compare(reference, candidate, min_area=3)
    assert found.status == "same"
    assert [(one.cause, one.pixels, one.places, one.largest) for one in found.forgiven] == [
        ("small", 3, 2, (20, 10, 2, 1))
    ]


@pytest.mark.parametrize("size", [(1, 1), (14, 30), (15, 31), (16, 200)])
def test_pictures_smaller_than_a_few_windows_hold_no_parts(size: tuple[int, int]) -> None:
    reference, candidate = np.zeros((*size, 1), np.uint8), np.full((*size, 1), 255, np.uint8)
    assert lay_parts(reference, candidate, everywhere(reference), join=10) is None
