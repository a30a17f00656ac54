"""Bars of 2 px that were blended anew keep their colour, and other bars are found."""

from __future__ import annotations

from benchmarks.agreement import overlap
from benchmarks.pairs.kinds import KINDS
from diffspot import compare
from tests.pipeline.test_compare import boxes

KIND = next(one for one in KINDS if one.name == "page, barcodes blended anew")


def test_of_sheets_that_were_scaled_and_back_other_bars_alone_are_found() -> None:
    for index in range(4):
        pair = KIND.pair(index, seed=3)
        found = boxes(compare(pair.reference, pair.candidate))
        assert len(found) == len(pair.boxes)
        for true in pair.boxes:
            assert any(overlap(one, true) > 0.33 for one in found)
