"""The check that spares pictures of one size the search: only long runs of differing lines can be a layout shift."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.pipeline.layout.find import BLANK, LONGEST_ELEMENT, may_have_moved


@pytest.mark.parametrize("width", [40, 41])
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], False),
        (range(100, 100 + LONGEST_ELEMENT), False),
        (range(100, 101 + LONGEST_ELEMENT), True),
        ([10, 10 + BLANK, 10 + 2 * BLANK], True),
        ([10, 11 + BLANK, 12 + 2 * BLANK], False),
    ],
    ids=["equal", "element", "longer", "one run", "three runs"],
)
def test_may_have_moved(lines: list[int], expected: bool, width: int) -> None:  # noqa: FBT001 - a column of the table
    reference = np.random.default_rng(0).integers(0, 255, (400, width, 3), np.uint8)
    candidate = reference.copy()
    candidate[list(lines), width - 1, 2] ^= 1
    assert may_have_moved(reference, candidate) is expected
