"""Small changes among strong edges that tolerance to movement hides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot.backends import get_backend
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.hidden import (
    BEYOND,
    LEAST_SIDE,
    MOST_LEFT,
    MOST_SIDE,
    PASSED_OVER,
    PLAIN,
    find_hidden,
    plain_strength,
)
from diffspot.pipeline.verdict.noisy import PLACE, Candidate

if TYPE_CHECKING:
    from diffspot.model import Box

THRESHOLD, JOIN = 0.1, 10.0


def at(place: int, side: int = 6, shift: int = 0) -> Candidate:
    """A candidate in a square of its own."""
    return Candidate((place * PLACE + shift, 0, side, side), 0.2, 5.0, side * side)


def hidden(strengths: list[float], taken: int = 0, side: int = 6) -> list[bool]:
    """Which of candidates of such plain differences are found, the last ones being changes already."""
    candidates = [at(place, side) for place in range(len(strengths))]
    known = [index >= len(strengths) - taken for index in range(len(strengths))]
    by_box = {one.box: strength for one, strength in zip(candidates, strengths, strict=True)}
    return find_hidden(candidates, known, THRESHOLD, by_box.__getitem__, join=JOIN)


def test_a_place_far_stronger_than_all_others_is_a_change() -> None:
    others = [0.1] * (PASSED_OVER + 2)
    assert hidden([BEYOND * 0.1 + 0.01, *others]) == [True] + [False] * len(others)


def test_a_place_that_others_come_near_to_is_an_edge_that_moved() -> None:
    assert not any(hidden([BEYOND * 0.1 - 0.01, *[0.1] * (PASSED_OVER + 2)]))


def test_several_hidden_changes_do_not_hide_each_other() -> None:
    strong = [0.5] * PASSED_OVER
    assert sum(hidden([*strong, *[0.1] * 10])) == PASSED_OVER


def test_a_hidden_change_is_clear_without_tolerance() -> None:
    assert hidden([PLAIN * THRESHOLD + 0.01]) == [True]
    assert hidden([PLAIN * THRESHOLD - 0.01]) == [False]


def test_what_is_thin_or_long_lies_along_an_edge() -> None:
    assert hidden([0.5], side=LEAST_SIDE - 1) == [False]
    assert hidden([0.5], side=MOST_SIDE) == [True]
    assert hidden([0.5], side=MOST_SIDE + 1) == [False]


def test_what_is_a_change_already_is_not_found_again() -> None:
    assert hidden([0.5, 0.5], taken=1) == [True, False]


def test_where_much_is_left_nothing_stands_out() -> None:
    assert not any(hidden([0.9, *[0.01] * MOST_LEFT]))


def test_parts_beside_a_change_tell_nothing_of_others() -> None:
    # all but the first lie 3 px beside a change, a place each
    alone, strengths = at(0), {at(0).box: 0.5}
    beside, changes = [], []
    for place in range(1, 3 + PASSED_OVER):
        beside.append(at(place))
        changes.append(at(place, shift=9))
        strengths[beside[-1].box] = 0.3
    candidates, known = [alone, *beside, *changes], [False] * (1 + len(beside)) + [True] * len(changes)
    assert find_hidden(candidates, known, THRESHOLD, strengths.__getitem__, join=JOIN)[0]
    assert not find_hidden(candidates, known, THRESHOLD, strengths.__getitem__, join=0)[0]


@pytest.mark.parametrize(("side", "score"), [(3, 60 / 255), (2, 0.0)])
def test_plain_strength_is_that_of_three_px_side_by_side(side: int, score: float) -> None:
    reference = np.full((40, 40, 3), 100, np.uint8)
    candidate = reference.copy()
    candidate[20 : 20 + side, 20 : 20 + side, 1] += 60
    plane = np.abs(candidate.astype(np.float32) - reference).max(axis=2)
    pair = RegisteredPair(reference, candidate, np.ones((40, 40), bool), plane.astype(np.uint8))
    box: Box = (18, 18, 8, 8)
    assert plain_strength(pair, box, get_backend("numpy"), sigma=0) == pytest.approx(score)
