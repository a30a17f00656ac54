"""Hatching: visible on every ground, and only where it belongs."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.outputs.drawing.annotate import SPACING, hatch


@pytest.mark.parametrize("ground", [0, 60, 128, 200, 255])
@pytest.mark.parametrize("line", [1, 3])
def test_strokes_show_on_any_ground_and_leave_most_of_it(ground: int, line: int) -> None:
    canvas = np.full((120, 150, 3), ground, np.uint8)
    area = np.zeros((120, 150), np.bool_)
    area[24:96, 30:126] = True
    hatch(canvas, area, line)
    change = np.abs(canvas[..., 0].astype(int) - ground)
    assert not change[~area].any()
    inside = change[24:96, 30:126]
    assert inside.max() >= 40
    assert (inside == 0).mean() == pytest.approx(1 - 2 / SPACING, abs=0.02)
    assert all(inside[start : start + line * SPACING].any() for start in range(72 - line * SPACING))


def test_strokes_do_not_depend_on_how_far_down_they_are() -> None:
    canvas = np.full((3, 70_000, 3), 255, np.uint8)
    hatch(canvas, np.ones((3, 70_000), np.bool_), 1)
    assert (canvas[:, :SPACING] == canvas[:, -SPACING - 70_000 % SPACING :][:, :SPACING]).all()
