"""Dust on scans is noise where there is more of it; a lone dot, stops in a line and larger dots are changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from benchmarks.agreement import overlap
from benchmarks.scenes.camera import add_noise, move
from diffspot import compare
from tests.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

DUST = "scanned document, dust"


def scans() -> tuple[NDArray[np.uint8], NDArray[np.uint8], list[tuple[int, int]]]:
    """A letter scanned twice without dust, and places (y, x) of paper, 48 px apart, with no ink within 20 px."""
    pair = kind("scanned document").pair(3, seed=3)
    assert not pair.boxes
    reference, candidate = (np.array(picture, np.uint8) for picture in (pair.reference, pair.candidate))
    ink = cv2.dilate((np.minimum(reference, candidate) < 150).astype(np.uint8), np.ones((41, 41), np.uint8))
    height, width = ink.shape
    paper = [(y, x) for y in range(40, height - 40, 48) for x in range(40, width - 40, 48) if not ink[y, x]]
    assert len(paper) >= 4
    return reference, candidate, paper


def put(picture: NDArray[np.uint8], places: Sequence[tuple[int, int]]) -> None:
    """Put a dark dot of three px on a scan at each place."""
    for y, x in places:
        picture[y - 1 : y + 2, x - 1 : x + 2] = 60


def is_clean(reference: NDArray[Any], candidate: NDArray[Any]) -> bool:
    """Whether nothing is left of the dots, and they are counted as noise."""
    result = compare(reference, candidate)
    assert len({one.cause for one in result.forgiven}) == len(result.forgiven)
    return result.status == "same" and any(one.cause == "noise" for one in result.forgiven)


@pytest.mark.parametrize("of", ["reference", "candidate"])
def test_specks_on_one_scan_are_changes_and_noise_where_the_other_has_one(of: str) -> None:
    for count in (1, 3):
        reference, candidate, paper = scans()
        dusty, other = (reference, candidate) if of == "reference" else (candidate, reference)
        put(dusty, paper[:count])
        assert len(compare(reference, candidate).regions) == count
        put(other, paper[3:4])
        assert is_clean(reference, candidate)


def test_specks_on_one_scan_are_noise_where_the_other_has_specks_too_small_to_be_changes() -> None:
    reference, candidate, paper = scans()
    y, x = paper[3]
    reference[y, x] = 60
    assert compare(reference, candidate).status == "same"
    put(candidate, paper[:3])
    assert is_clean(reference, candidate)


def test_a_dot_twice_as_deep_as_all_specks_of_the_other_scan_is_a_change() -> None:
    reference, candidate, paper = scans()
    for (y, x), level in zip(paper[:2], (20, 120), strict=True):
        candidate[y - 1 : y + 2, x - 1 : x + 2] = level
    y, x = paper[2]
    reference[y : y + 2, x : x + 2] = 140
    result = compare(reference, candidate)
    assert len(result.regions) == 1
    assert [one.places for one in result.forgiven if one.cause == "noise"] == [2]


def test_stops_that_stand_in_lines_are_changes_however_many_there_are() -> None:
    """Sums whose decimal points stand eight px from the digits on either side; three of them are gone."""
    reference = np.full((400, 400), 240, np.uint8)
    feet = range(60, 360, 40)
    for foot in feet:
        for text, x in (("1407", 80), ("52", 216)):
            cv2.putText(reference, text, (x, foot), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 40, 3, cv2.LINE_AA)
        reference[foot - 3 : foot + 1, 204:208] = 40
    candidate = reference.copy()
    for foot in feet[:3]:
        candidate[foot - 3 : foot + 1, 204:208] = 240
    rng = np.random.default_rng(0)
    pictures = [add_noise(picture, rng, 2.5) for picture in (reference, move(candidate, 1.4, -0.7, degrees=0.2))]
    result = compare(*pictures)
    found = [one.bbox for one in result.regions]
    for foot in feet[:3]:
        assert any(overlap(one, (202, foot - 5, 8, 8)) for one in found)
    put(pictures[0], [(380, 380), (20, 380)])  # dust beside them says nothing of them
    put(pictures[1], [(380, 30)])
    found = [one.bbox for one in compare(*pictures).regions]
    assert [one for one in found if 190 < one[0] < 210]
    assert len(found) == 3


def test_words_are_found_beside_dust() -> None:
    for index in range(4):
        pair = kind(DUST).pair(index, seed=3)
        found = [region.bbox for region in compare(pair.reference, pair.candidate).regions]
        assert all(any(overlap(one, true) for one in found) for true in pair.boxes)


def test_a_dot_of_nine_px_is_no_dust() -> None:
    pair = kind(f"{DUST}, unchanged").pair(0, seed=3)
    candidate = np.array(pair.candidate, np.uint8)
    candidate[700:709, 560:569] = 40
    (region,) = compare(pair.reference, candidate).regions
    assert region.bbox[2] >= 9


def test_a_stop_behind_a_word_is_a_change() -> None:
    pair = kind("scanned document").pair(3, seed=3)
    assert not pair.boxes
    candidate = np.array(pair.candidate, np.uint8)
    # Two px behind the last ink of a row of type lies what ends a sentence.
    row = int((candidate < 120).sum(axis=1).argmax())
    last = int(np.flatnonzero(candidate[row] < 120).max())
    candidate[row - 1 : row + 2, last + 3 : last + 6] = 40
    assert compare(pair.reference, candidate).status == "different"


def test_dust_on_scans_of_16_bits_is_noise() -> None:
    reference, candidate, paper = scans()
    put(reference, paper[:1])
    put(candidate, paper[1:4])
    assert is_clean(*(np.asarray(picture, np.uint16) * 257 for picture in (reference, candidate)))


def test_dots_on_a_part_that_lies_elsewhere_are_changes() -> None:
    """As holes in a label: specks on one picture alone are no sign of dust."""
    rng = np.random.default_rng(3)
    part = np.full((320, 320, 3), 225, np.float32)
    for x, y in rng.integers(20, 280, (12, 2)):
        part[y : y + 25, x : x + 18] = rng.integers(40, 200, 3)
    part[130:200, 130:230] = 225
    holed = part.copy()
    holes = [(160, 145), (148, 185), (164, 215)]  # no two of them lie level, as eyes do
    for y, x in holes:
        holed[y : y + 4, x : x + 4] = 30
    moved = np.roll(holed, (2, 3), axis=(0, 1))
    pictures = [np.asarray(one + rng.normal(0, 3, one.shape), np.float32).clip(0, 255) for one in (part, moved)]
    found = [one.bbox for one in compare(*(one.astype(np.uint8) for one in pictures)).regions]
    assert len(found) == len(holes)
    assert all(any(overlap(one, (x, y, 4, 4)) for one in found) for y, x in holes)


def test_a_dot_that_went_and_one_that_came_are_changes_where_both_pictures_lie_still() -> None:
    """As a pin that was put elsewhere: few dots on both are dust of scans alone, which never lie on each other."""
    rng = np.random.default_rng(1)
    board = np.full((300, 400, 3), 220, np.uint8)
    cv2.rectangle(board, (75, 50), (350, 250), (120, 120, 150), 8)
    pictures = board.copy(), board.copy()
    for picture, (y, x) in zip(pictures, ((150, 200), (180, 230)), strict=True):
        put(picture, [(y, x)])
    result = compare(*(add_noise(picture, rng, 3) for picture in pictures))
    assert len(result.regions) == 2
    assert all(any(overlap(one.bbox, (x, y, 1, 1)) for one in result.regions) for y, x in ((150, 200), (180, 230)))
