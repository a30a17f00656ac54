"""A page that was zoomed by its browser is as crisp as before; a picture of it that was scaled is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from benchmarks.scenes.text import font
from diffspot import compare
from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.registration.redrawn import is_redrawn, whole_steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 640, 480


def page(size: int) -> Picture:
    """Sixteen lines of text and a box, all of it as large as its type."""
    drawing = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    draw, scale = ImageDraw.Draw(drawing), size / 14
    draw.rectangle([round(scale * side) for side in (300, 20, 420, 60)], outline=(40, 90, 180), width=2)
    for line in range(16):
        words = f"{line * 7919} what a page says on its line {line}"
        draw.text((round(16 * scale), round((20 + 24 * line) * scale)), words, fill=(20, 20, 20), font=font(size))
    return np.asarray(drawing).copy()


def scaled(picture: Picture, scale: float, interpolation: int) -> Picture:
    matrix = np.array([[scale, 0, 0], [0, scale, 0]])
    return np.asarray(
        cv2.warpAffine(picture, matrix, (WIDTH, HEIGHT), flags=interpolation, borderMode=cv2.BORDER_REPLICATE), np.uint8
    )


@pytest.mark.parametrize("size", [13, 15, 16])
def test_a_page_drawn_at_another_size_is_as_crisp(size: int) -> None:
    assert is_redrawn(luminance(page(14)), luminance(page(size)))


@pytest.mark.parametrize("interpolation", [cv2.INTER_LINEAR, cv2.INTER_CUBIC, cv2.INTER_LANCZOS4])
@pytest.mark.parametrize("scale", [0.97, 1.01, 15 / 14])
def test_a_page_that_was_scaled_is_not(scale: float, interpolation: int) -> None:
    assert not is_redrawn(luminance(page(14)), luminance(scaled(page(14), scale, interpolation)))


def test_the_share_of_whole_steps() -> None:
    """Of the edges of a white square on black all are whole steps; over two px each none is."""
    square = np.zeros((200, 200), np.uint8)
    square[50:150, 50:150] = 255
    assert whole_steps(square) == 1
    soft = square.copy()
    soft[49, 50:150] = soft[150, 50:150] = soft[50:150, 49] = soft[50:150, 150] = 128
    assert whole_steps(soft) < 0.02  # but for the corners of the rim
    assert whole_steps(square[:60, :60]) == 0  # too few say nothing
    for side in (1, 2):
        assert whole_steps(np.tile(square[100], (side, 9))) == whole_steps(np.tile(square[100], (side, 9)).T) == 0


def test_text_that_a_browser_drew_larger_is_told_and_a_picture_that_was_scaled_is_the_same() -> None:
    zoomed = compare(page(14), page(15))
    assert zoomed.status == "different"
    assert zoomed.registration.method == "none"
    rescaled = compare(page(14), scaled(page(14), 15 / 14, cv2.INTER_CUBIC))
    assert rescaled.status == "same"
    assert rescaled.registration.matrix[0][0] == pytest.approx(14 / 15, abs=0.001)
