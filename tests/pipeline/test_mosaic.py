"""Squares laid side by side hold what lies around them, mirrored beyond the edge as OpenCV does it."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest

from diffspot.pipeline.difference import SIDE, lay_squares


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_each_square_has_its_margin(kind: type, channels: int, rng: np.random.Generator) -> None:
    for height, width, margin in ((40, 51, 3), (16, 16, 5), (7, 33, 3), (2, 1, 4)):
        wide: Any = rng.integers(0, 256, (height, width + 3, channels)).astype(kind)
        picture = wide[:, 2 : 2 + width]  # part of a larger one, as windows are
        cells = np.ones((-(-height // SIDE), -(-width // SIDE)), bool)
        mosaic = lay_squares(cells, (height, width), margin)
        whole = np.pad(picture, ((margin, margin + SIDE), (margin, margin + SIDE), (0, 0)), mode="symmetric")
        held = mosaic.of(picture).reshape(SIDE + 2 * margin, -1, SIDE + 2 * margin, channels)
        for number, (row, column) in enumerate(np.ndindex(cells.shape)):
            side = SIDE + 2 * margin
            expected = whole[SIDE * row : SIDE * row + side, SIDE * column : SIDE * column + side]
            np.testing.assert_array_equal(held[:, number], expected)


def test_a_blur_of_the_squares_is_that_of_the_picture(rng: np.random.Generator) -> None:
    picture = rng.integers(0, 256, (70, 90, 3), np.uint8)
    cells = rng.random((5, 6)) < 0.5
    mosaic = lay_squares(cells, (70, 90), 3)
    blurred = [cv2.GaussianBlur(one, (7, 7), 1, borderType=cv2.BORDER_REFLECT) for one in (picture, mosaic.of(picture))]
    plane = np.zeros((70, 90), np.uint8)
    mosaic.put(blurred[1][..., 0], plane)
    own = cells.repeat(SIDE, axis=0).repeat(SIDE, axis=1)[:70, :90]
    np.testing.assert_array_equal(plane[own], blurred[0][own][:, 0])
    np.testing.assert_array_equal(plane[plane > 0], blurred[0][plane > 0][:, 0])
