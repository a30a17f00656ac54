"""Ink of words: what a rasteriser that corrects for gamma does to all of one shade, and another colour of one."""

from __future__ import annotations

import cv2
import numpy as np

from diffspot.pipeline.verdict.inks import is_tinted, other_inks
from tests.placing import registered

DARK, BOX = (30, 30, 40), (20, 10)


def _page(inks: list[tuple[int, int, int]]) -> np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]:
    """A column of bars of some colours on dark ground, as words are to who asks for their ink."""
    page = np.full((20 * len(inks) + 10, 40, 3), DARK, np.uint8)
    for number, ink in enumerate(inks):
        page[10 + 20 * number : 20 + 20 * number, 10:30] = ink
    return page


def _other(before: list[tuple[int, int, int]], after: list[tuple[int, int, int]]) -> list[int]:
    boxes = [(10, 10 + 20 * number, *BOX) for number in range(len(before))]
    found = other_inks(registered(_page(before), _page(after)), boxes)
    return [box[1] // 20 for box in found]


def test_all_words_of_a_shade_may_turn_and_gain_a_little_and_one_may_not() -> None:
    grey, bright = (156, 163, 175), (229, 231, 235)
    fatter = (170, 172, 178)
    before = [grey] * 5 + [bright] * 5
    assert _other(before, [fatter] * 5 + [bright] * 5) == []
    assert _other(before, [fatter] * 5 + [bright] * 4 + [(150, 152, 160)]) == [9]
    assert _other(before, [fatter] * 4 + [(110, 150, 235)] + [bright] * 5) == [4]


def test_a_hue_that_all_words_have_turned_far_is_another_colour() -> None:
    grey, blue = (200, 200, 200), (90, 140, 250)
    assert _other([grey] * 5, [blue] * 5) == [0, 1, 2, 3, 4]


def test_ink_that_all_words_gained_is_of_a_bold_face_from_a_third_more_on() -> None:
    before = [(130, 130, 140)] * 6
    assert _other(before, [(155, 155, 165)] * 6) == []  # a quarter more: exp(0.22)
    assert _other(before, [(180, 180, 190)] * 6) == [0, 1, 2, 3, 4, 5]  # half as much again: exp(0.41)


def test_words_on_uneven_ground_are_tinted_or_not() -> None:
    ramp = np.tile(np.linspace(150, 250, 60, dtype=np.uint8)[None, :, None], (40, 1, 3))
    one, other, same = ramp.copy(), ramp.copy(), ramp.copy()
    cv2.putText(one, "map", (10, 25), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_AA)
    cv2.putText(other, "map", (10, 25), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (200, 30, 30), 1, cv2.LINE_AA)
    cv2.putText(same, "map", (10, 25), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (0, 0, 0), 1, cv2.LINE_8)
    box = (8, 10, 40, 20)
    for candidate, tinted in ((other, True), (same, False)):
        pair = registered(one, candidate)
        assert is_tinted(pair, box, pair.difference[10:30, 8:48] > 0) is tinted
    assert other_inks(registered(one, other), [box]) == [box]
    assert other_inks(registered(one, same), [box]) == []
