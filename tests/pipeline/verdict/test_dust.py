"""Dust on a scan is noise where it lies alone; a full stop behind a word and larger dots are changes."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.agreement import overlap
from diffspot import compare
from tests.kinds import kind
from tests.sweep import sweep

DUST = "scanned document, dust"


def test_words_are_found_and_dust_is_counted_as_noise() -> None:
    missed = wrong = 0
    for index in range(4):
        pair = kind(DUST).pair(index, seed=3)
        result = compare(pair.reference, pair.candidate)
        found = [region.bbox for region in result.regions]
        missed += sum(not any(overlap(one, true) for one in found) for true in pair.boxes)
        wrong += sum(not any(overlap(one, true) for true in pair.boxes) for one in found)
        assert any(one.cause == "noise" and one.places >= 5 for one in result.forgiven)
        assert len({one.cause for one in result.forgiven}) == len(result.forgiven)
    assert not missed
    assert wrong <= 1  # two specks beside each other


@pytest.mark.parametrize("index", sweep([0, 1, 2]))
def test_a_letter_scanned_twice_is_the_same_whatever_dust_lies_on_it(index: int) -> None:
    pair = kind(f"{DUST}, unchanged").pair(index, seed=3)
    assert compare(pair.reference, pair.candidate).status == "same"


def test_a_dot_of_nine_px_is_no_dust() -> None:
    pair = kind(f"{DUST}, unchanged").pair(0, seed=3)
    candidate = np.array(pair.candidate)
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
    pair = kind(f"{DUST}, unchanged").pair(0, seed=3)
    deep = [np.asarray(picture, np.uint16) * 257 for picture in (pair.reference, pair.candidate)]
    result = compare(*deep)
    assert result.status == "same"
    assert any(one.cause == "noise" for one in result.forgiven)


def test_one_dot_on_a_part_that_lies_elsewhere_is_a_change() -> None:
    """As a hole in a label: one speck alone is no sign of dust."""
    rng = np.random.default_rng(3)
    part = np.full((320, 320, 3), 225, np.float32)
    for x, y in rng.integers(20, 280, (12, 2)):
        part[y : y + 25, x : x + 18] = rng.integers(40, 200, 3)
    part[130:200, 130:200] = 225
    holed = part.copy()
    holed[160:164, 160:164] = 30
    moved = np.roll(holed, (2, 3), axis=(0, 1))
    pictures = [np.asarray(one + rng.normal(0, 3, one.shape), np.float32).clip(0, 255) for one in (part, moved)]
    (region,) = compare(*(one.astype(np.uint8) for one in pictures)).regions
    assert overlap(region.bbox, (160, 160, 4, 4))
