"""Budgets: what may differ in a pair that is the same."""

from __future__ import annotations

import pytest

from diffspot.model import Region
from diffspot.options.options import make_options
from diffspot.runner.status import budget_note, is_within_budget

SIZE = (100, 50)


def regions(*areas: int) -> list[Region]:
    return [Region(bbox=(0, 0, 9, 9), candidate_bbox=(0, 0, 9, 9), area=area, peak=1, mean=1) for area in areas]


@pytest.mark.parametrize(
    ("budget", "areas", "within"),
    [
        ({}, [], True),
        ({}, [1], False),
        ({"max_regions": 0}, [], True),
        ({"max_regions": 0}, [1], False),
        ({"max_regions": 2}, [900, 900], True),
        ({"max_regions": 2}, [1, 1, 1], False),
        ({"max_diff_area": 0}, [1], False),
        ({"max_diff_area": 10}, [5, 5], True),
        ({"max_diff_area": 10}, [5, 6], False),
        ({"max_diff_area": "1%"}, [50], True),
        ({"max_diff_area": "1%"}, [51], False),
        ({"max_regions": 1, "max_diff_area": 10}, [10], True),
        ({"max_regions": 1, "max_diff_area": 10}, [5, 5], False),
        ({"max_regions": 1, "max_diff_area": 10}, [11], False),
    ],
)
def test_every_budget_that_is_given_must_hold(budget: dict[str, object], areas: list[int], *, within: bool) -> None:
    assert is_within_budget(regions(*areas), SIZE, make_options(budget)) is within


def test_the_note_counts() -> None:
    assert budget_note(regions(3)) == "within budget: 1 region, 3 px"
    assert budget_note(regions(3, 4)) == "within budget: 2 regions, 7 px"
