"""Slivers along the margin of a registered picture are forgiven; what reaches into it, or changed there, is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from diffspot import compare
from diffspot.backends import get_backend
from diffspot.pipeline.pair import RegisteredPair
from diffspot.pipeline.verdict.margins import DEEPEST, LONG, without_slivers

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box

THRESHOLD = 0.1


def kept(*boxes: Box, valid: NDArray[np.bool_] | None = None) -> list[Box]:
    """Which of the components that fill these boxes are no slivers, of a pair of 200 x 300 px."""
    difference = np.zeros((200, 300), np.uint8)
    for x, y, w, h in boxes:
        difference[y : y + h, x : x + w] = 90
    picture = np.zeros((200, 300, 1), np.uint8)
    pair = RegisteredPair(picture, picture, np.ones((200, 300), bool) if valid is None else valid, difference)
    components = [(box, box[2] * box[3], 0.35, 0.35) for box in boxes]
    left, tally = without_slivers(components, pair, THRESHOLD, get_backend("numpy"))
    assert [cause for cause, *_ in tally.places] == ["movement"] * (len(boxes) - len(left))
    return [box for box, *_ in left]


@pytest.mark.parametrize("box", [(40, 0, 90, 4), (40, 196, 90, 4), (0, 30, 4, 90), (296, 30, 4, 90)])
def test_slivers_along_each_margin_are_forgiven(box: Box) -> None:
    assert kept(box) == []


def test_what_reaches_deeper_or_is_short_or_lies_inside_stays() -> None:
    deeper, short = (40, 0, 90, DEEPEST + 1), (180, 0, LONG * 4 - 1, 4)
    inside = (40, 100, 90, 4)
    assert kept(deeper, short, inside) == [deeper, short, inside]


def test_the_margin_is_that_of_what_is_compared() -> None:
    valid = np.ones((200, 300), bool)
    valid[:20] = False
    box = (40, 20, 90, 4)
    assert kept(box, valid=valid) == []
    assert kept(box) == [box]


def scans(bed: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """A sheet with a change, and the same sheet turned by 0.6 degrees on a scanner whose lid has that shade."""
    rng = np.random.default_rng(2)
    sheet = np.full((300, 400), 240, np.uint8)
    for x, y in rng.integers(20, 260, (40, 2)):
        sheet[y : y + 8, x + 40 : x + 52] = 40
    first = cv2.warpAffine(sheet, cv2.getRotationMatrix2D((200, 150), 0.6, 1), (400, 300), borderValue=240)
    sheet[120:140, 18:32] = 40
    second = cv2.warpAffine(sheet, cv2.getRotationMatrix2D((200, 150), 1.2, 1), (400, 300), borderValue=bed)
    noisy = [(one + rng.normal(0, 2, one.shape)).clip(0, 255).astype(np.uint8) for one in (first, second)]
    return noisy[0], noisy[1]


@pytest.mark.parametrize("bed", [40, 180])
def test_the_lid_of_the_scanner_is_no_change(bed: int) -> None:
    (region,) = compare(*scans(bed)).regions
    x, y, w, h = region.bbox
    assert (abs(x - 17) < 6, abs(y - 120) < 6, w < 28, h < 34) == (True,) * 4
