"""Bars of 2 px that were blended anew keep their colour, and other bars are found."""

from __future__ import annotations

from tests.kinds import assert_changes_found, kind


def test_of_sheets_that_were_scaled_and_back_other_bars_alone_are_found() -> None:
    for index in range(4):
        assert_changes_found(kind("page, barcodes blended anew").pair(index, seed=3), alone=False)
