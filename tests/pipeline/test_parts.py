"""What `parts` lays back: lines of a compressed page that moved, and nothing that changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import scipy.ndimage

import diffspot
from diffspot.backends import get_backend
from diffspot.image_io.arrays import image_of
from diffspot.options.options import make_options
from diffspot.pipeline.compare import compare_images
from diffspot.pipeline.parts import FARTHEST, STRIP, _areas, _gathered, _nearest, _nearest_of, lay_parts

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


def test_parts_are_chosen_and_widened_as_regions_are() -> None:
    reference, candidate = compressed(page(lines())), compressed(page(lines(), dict.fromkeys(range(7, 12), (3, 0))))
    found, wider = diffspot.compare(reference, candidate), diffspot.compare(reference, candidate, padding=4)
    assert [region.bbox for region in wider.regions] == [
        (x - 4, y - 4, w + 8, h + 8) for x, y, w, h in (region.bbox for region in found.regions)
    ]
    least = sorted(region.area for region in found.regions)[2]
    fewer = diffspot.compare(reference, candidate, min_area=least)
    assert [region.area >= least for region in found.regions].count(True) == len(fewer.regions) == 3
    assert [one.places for one in fewer.forgiven if one.cause == "small"] == [2]
    narrow = diffspot.compare(reference, candidate, max_box="10%")
    assert (narrow.status, narrow.notes) == ("same", ("--max-box 10% left out 5 larger regions",))


@pytest.mark.parametrize("step", [(-3, 0), (3, 0)])
def test_a_part_that_moved_to_the_edge_moved_as_far_as_elsewhere(step: tuple[int, int]) -> None:
    reference, candidate = (
        np.roll(page(lines(), moved), -17, axis=1) for moved in ({}, dict.fromkeys(range(7, 11), step))
    )
    found = diffspot.compare(compressed(reference), compressed(candidate))
    assert [region.kind for region in found.regions] == ["moved"] * 4
    for region in found.regions:
        (x, _, w, _), (there, _, breadth, _) = region.bbox, region.candidate_bbox
        assert 0 <= there == max(x + step[0], 0)
        assert there + breadth <= reference.shape[1]
        assert breadth == w


def test_what_rows_inserted_above_move_is_no_movement_of_a_part() -> None:
    reference, below = page(lines()), page(lines(), dict.fromkeys(range(8, 12), (1, 0)))
    band = np.full((64, reference.shape[1], 3), 255, np.uint8)
    cv2.putText(
        band, "Words of a line that is new", (20, 38), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (20, 20, 20), 1, cv2.LINE_AA
    )
    candidate = np.concatenate([below[:110], band, below[110:]])
    found = diffspot.compare(compressed(reference), compressed(candidate))
    assert [region.kind for region in found.regions] == ["inserted-rows"]
    assert [one.places for one in found.forgiven if one.cause == "movement"] == [4]


def test_parts_that_move_among_good_captures_are_no_difference() -> None:
    still, moved = compressed(page(lines())), compressed(page(lines(), dict.fromkeys(range(7, 12), (3, 0))))
    pictures, spread = (image_of(still), image_of(moved)), cv2.absdiff(still, moved).max(axis=2)
    options, numpy = make_options({}), get_backend("numpy")
    assert [region.kind for region in compare_images(*pictures, options, numpy).regions] == ["moved"] * 5
    known = compare_images(*pictures, options, numpy, spread=spread)
    assert (known.regions, "varies" in {one.cause for one in known.forgiven}) == ((), True)


def test_areas_are_those_of_the_whole_plane() -> None:
    mask = np.random.default_rng(2).random((90, 70)) < 0.4
    mask[20:23] = mask[60] = False
    labels, count = scipy.ndimage.label(mask, np.ones((3, 3)))
    expected = {
        (rows.start, columns.start, int((labels == number + 1).sum()))
        for number, (rows, columns) in enumerate(scipy.ndimage.find_objects(labels))
    }
    found = [(y, x, int(own.sum())) for (x, y, _, _), own in _areas(mask)]
    assert len(found) == count
    assert {*found} == expected
    assert list(_areas(np.zeros((3, 4), bool))) == []


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


def test_rows_that_are_looked_at_some_at_a_time_are_those_of_the_whole(rng: np.random.Generator) -> None:
    one = cv2.blur(rng.integers(0, 256, (3 * STRIP + 17, 150), np.uint8), (3, 3))
    other = np.concatenate([np.roll(one[: STRIP + 9], 1, axis=1), np.roll(one[STRIP + 9 :], (2, -1), axis=(0, 1))])
    other[:40] = one[:40]
    steps = [(1, 0), (-1, 2), (0, -3)]
    whole = _nearest_of(one, other, steps)
    np.testing.assert_array_equal(_nearest(one, other, steps), whole)
    assert np.unique(whole).tolist() == [0, 1, 2]


@pytest.mark.parametrize("channels", [1, 3])
def test_each_pixel_is_taken_from_where_it_went(rng: np.random.Generator, channels: int) -> None:
    candidate, steps = rng.integers(0, 256, (40, 50, channels), np.uint8), [(1, 0), (-3, 2), (0, -1)]
    offsets = np.array([(0, 0), *steps], np.int8)[rng.integers(0, 4, (40, 50))]
    rows, columns = np.indices((40, 50))
    expected = candidate[(rows + offsets[..., 1]).clip(0, 39), (columns + offsets[..., 0]).clip(0, 49)]
    np.testing.assert_array_equal(_gathered(candidate, offsets, steps), expected)
    assert np.abs(offsets).max() <= FARTHEST
