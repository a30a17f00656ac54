"""Pages into which something was inserted that is no whole number of px high: what follows is rounded for itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot import compare
from tests.pipeline.layout.pages import blank, line, lines_of_text, stacked
from tests.placing import find_bands

if TYPE_CHECKING:
    from tests.pipeline.layout.pages import Picture

LINES = lines_of_text(50)
HEADER = [blank(20, shade=60), *lines_of_text(3, seed=5)]
BANNER = blank(40, shade=110)
RULE = 180


def rounded(lines: list[Picture], seed: int = 0) -> list[Picture]:
    """The lines, about every third of them a px higher than it would lie."""
    rng = np.random.default_rng(seed)
    raised = [*(rng.random(len(lines)) < 0.3), False]
    shown = []
    for number, one in enumerate(lines):
        up, next_up = raised[number], raised[number + 1]
        body = one[1:] if up else one
        shown.append(np.vstack([body, blank(1)]) if up and not next_up else body[:-1] if next_up and not up else body)
    return shown


def ruled(lines: list[Picture]) -> list[Picture]:
    """The lines with a rule under each, as those of tables have."""
    shown = [one.copy() for one in lines]
    for one in shown:
        one[-3, 20:-20] = RULE
    return shown


@pytest.mark.parametrize("lines", [LINES, ruled(LINES)], ids=["text", "table"])
def test_a_banner_is_the_only_region_and_the_rounding_is_told(lines: list[Picture]) -> None:
    reference = stacked([*HEADER, *lines])
    candidate = stacked([*HEADER, BANNER, *rounded(lines)])
    result = compare(reference, candidate)
    (banner,) = result.regions
    assert (banner.kind, banner.candidate_bbox[3]) == ("inserted-rows", 40)
    assert {one.cause for one in result.forgiven} & {"movement", "rendering"}


def test_changes_below_the_banner_are_found() -> None:
    changed = [*LINES]
    changed[10] = line("another line of text that says something else")
    changed[30] = changed[30].copy()
    changed[30][4:20, 20:120] = (40, 90, 200)
    result = compare(stacked([*HEADER, *LINES]), stacked([*HEADER, BANNER, *rounded(changed)]))
    top = len(stacked(HEADER))
    banner, *others = sorted(result.regions, key=lambda region: region.bbox[1])
    assert banner.kind == "inserted-rows"
    assert [(region.bbox[1] - top) // 24 for region in others] == [10, 30]


def test_on_a_page_that_moved_by_whole_px_a_line_that_is_a_px_off_is_no_rounding() -> None:
    candidate = stacked([*HEADER, BANNER, *LINES])
    bands = find_bands(stacked([*HEADER, *LINES]), candidate)
    assert bands is not None
    assert not bands.drifts


def test_a_page_that_slid_as_a_whole_has_no_rounding() -> None:
    reference = stacked([*HEADER, *LINES])
    candidate = stacked([blank(20), *rounded([*HEADER[1:], *LINES])])[: len(reference)]
    bands = find_bands(reference, candidate)
    assert bands is None or not bands.rounded
