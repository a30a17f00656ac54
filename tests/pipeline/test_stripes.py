"""The ground of lines that moved onto other stripes."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.pipeline.stripes import _grounds_change


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
@pytest.mark.parametrize("width", [40, 41])
def test_the_ground_of_a_line_is_told_from_half_its_px(kind: type, width: int) -> None:
    rng = np.random.default_rng(0)
    one = rng.integers(0, 256, (60, width, 3)).astype(kind)
    changed = rng.random((60, width, 1)) < rng.choice([0.0, 0.2, 0.5, 0.6, 1.0], (60, 1, 1))
    other = np.where(changed, one[::-1], one)
    signed = np.result_type(one, np.int16)
    expected = np.median(one.astype(signed) - other, axis=1).astype(signed)
    found = _grounds_change(one, other)
    assert found.dtype == signed
    np.testing.assert_array_equal(found, expected)
    assert 10 < np.count_nonzero(expected.any(axis=1)) < 50
