"""Sums along lines are those of the pixels that each line crosses, and reach all directions up to 45 degrees."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.pipeline.line_sums import QUANTUM, line_sums


def pixels_of(length: int, slope: int) -> list[int]:
    """The row of a line in each of its columns: halves that meet, as Brady defines it."""
    if length == 1:
        return [0]
    half = pixels_of(length // 2, slope // 2)
    return half + [row + (slope + 1) // 2 for row in half]


@pytest.mark.parametrize(("height", "width"), [(20, 32), (11, 45), (40, 7)])
def test_sums_are_those_of_the_pixels(height: int, width: int) -> None:
    plane = np.random.default_rng(height).uniform(-3, 3, (height, width)).astype(np.float32)
    steps = np.zeros((2 * height + 64, width + 64))
    steps[:height, :width] = np.rint(QUANTUM * plane)
    for length, sums in line_sums(plane, 8, 16):
        assert sums.shape[1:] == (length, height)
        for start in range(len(sums)):
            for slope in range(length):
                lines = sum(
                    steps[row : row + height, start * length // 2 + column]
                    for column, row in enumerate(pixels_of(length, slope))
                )
                np.testing.assert_array_equal(sums[start, slope], lines)


def test_lines_begin_at_every_half_of_their_length() -> None:
    lengths = {length: len(sums) for length, sums in line_sums(np.zeros((9, 64), np.float32), 8, 32)}
    assert lengths == {8: 15, 16: 7, 32: 3}


def test_lines_are_straight() -> None:
    for slope in (0, 5, 13, 31):
        rows = np.array(pixels_of(32, slope))
        assert rows[-1] == slope
        assert np.abs(rows - slope * np.arange(32) / 31).max() <= 2
