"""Lengths: px and percentages."""

from __future__ import annotations

import pytest

from diffspot.options.types import in_px, is_length


@pytest.mark.parametrize("value", [0, 7, "0%", "12.5%", "100%"])
def test_px_and_percentages_are_lengths(value: int | str) -> None:
    assert is_length(value)


@pytest.mark.parametrize("value", [-1, "", "%", "5", "5px", "-5%", "5 %", "1e1%", ".5%", "5%%"])
def test_other_things_are_not(value: int | str) -> None:
    assert not is_length(value)


@pytest.mark.parametrize(("length", "px"), [(7, 7), ("0%", 0), ("12.5%", 100), ("150%", 1200)])
def test_a_percentage_is_of_the_whole(length: int | str, px: float) -> None:
    assert in_px(length, 800) == px
