"""Signs beside their names, all drawn anew, are no regions; one that is gone or another name is found alone."""

from __future__ import annotations

from diffspot import compare
from tests.kinds import assert_changes_found, kind


def test_one_sign_or_name_of_a_plan_drawn_anew_is_found_alone() -> None:
    for index in range(3):
        assert_changes_found(kind("page, signs and names drawn anew").pair(index, seed=3))


def test_a_plan_drawn_anew_is_clean() -> None:
    for index in range(3):
        pair = kind("page, signs and names drawn anew, unchanged").pair(index, seed=3)
        assert not compare(pair.reference, pair.candidate).regions
