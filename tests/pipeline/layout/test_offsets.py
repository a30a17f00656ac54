"""Distinctive lines vote for where they went; repetitions and jitter do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diffspot.pipeline.layout.offsets import find_offsets
from diffspot.pipeline.layout.signature import cell_means
from diffspot.pipeline.preparation import luminance
from tests.pipeline.layout.pages import blank, line, page, stacked

if TYPE_CHECKING:
    from tests.pipeline.layout.pages import Picture

PAGE = stacked(page())


def offsets(reference: Picture, candidate: Picture) -> list[int]:
    return find_offsets(cell_means(luminance(reference)), cell_means(luminance(candidate))).likely


def test_parts_that_moved_differently() -> None:
    candidate = stacked([blank(30), PAGE[:800], PAGE[840:]])
    assert {-10, 0, 30} <= set(offsets(PAGE, candidate))


@pytest.mark.parametrize("height", [1, 2])
def test_jitter_is_no_offset(height: int) -> None:
    assert offsets(PAGE, stacked([blank(height), PAGE])) == [0]


def test_repeated_lines_do_not_vote() -> None:
    rows = stacked([line("o  the same")] * 40)
    assert offsets(rows, rows) == [0]


def test_blank_pages_offer_only_their_growth() -> None:
    assert offsets(blank(100), blank(140)) == [0, 40]
