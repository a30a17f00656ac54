"""Pages that another rasteriser drew and whose words it moved aside: what changed in ink, place and areas is found."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.scenes.page import Text
from diffspot.pipeline.verdict.words import find_words, lay_words
from tests.pipeline.verdict.drawing import (
    assert_found,
    assert_same,
    both_ways,
    differing,
    drawn,
    edited,
    price_table,
)

CHANGED = 77
"""The number of a price in the middle of the table."""


def prices(**fields: Any) -> Any:  # noqa: ANN401
    """The table of prices, one of them with other fields, every second row 7 px aside as of a hinting that widens."""
    table = price_table()
    texts = [each for each in table.elements if isinstance(each, Text)]
    changed = edited(table, lambda each: each is texts[CHANGED], **fields) if fields else table
    return edited(changed, lambda each: isinstance(each, Text) and round(each.y) // 22 % 2 == 0, x=lambda e: e.x + 7)


def test_words_far_aside_are_drawn_anew() -> None:
    for result in both_ways(drawn(price_table()), drawn(prices(), rasteriser="unhinted")):
        assert_same(result)


@pytest.mark.parametrize("fields", [{"colour": (200, 30, 30)}, {"text": ""}], ids=["colour", "removed"])
def test_a_word_that_changed_among_words_aside(fields: dict[str, Any]) -> None:
    candidate = drawn(prices(**fields), rasteriser="unhinted")
    box = differing(drawn(prices(), rasteriser="unhinted"), candidate)
    for result in both_ways(drawn(price_table()), candidate):
        assert_found(result, box)


def test_words_are_laid_over_themselves() -> None:
    """No stroke is left of words 7 px aside, and a px of how far they lie there is explained as it is."""
    one, other = drawn(price_table()), drawn(prices())
    words = lay_words(one, other, find_words(one, other, (one != other).any(axis=2))).words
    assert max(word.stray for word in words) == 0
    assert max(word.aside for word in words) == 6
    assert sum(word.aside == 6 for word in words) > 30
