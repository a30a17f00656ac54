"""Hairlines of scans in black and white: found where one page alone has them, and clean where strokes break."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from benchmarks.scenes.text import SENTENCES
from diffspot import compare
from diffspot.pipeline.verdict.far import far_strokes
from tests.pipeline.verdict.drawing import line

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _page() -> NDArray[np.uint8]:
    """Twenty lines of text of 17 px, in grey."""
    page = np.full((560, 620), 255, np.uint8)
    for at in range(20):
        ink = np.asarray(line(SENTENCES[at % len(SENTENCES)][:48], 17), np.uint8)[:, :580]
        page[20 + 26 * at : 20 + 26 * at + ink.shape[0], 20 : 20 + ink.shape[1]] = 255 - ink
    return page


def _scanned(page: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """The page in black and white: a threshold of half over noise of 15 levels."""
    noise = 15 * np.random.default_rng(seed).standard_normal(page.shape)
    blurred = cv2.GaussianBlur(page, (0, 0), 0.6)
    return np.where(blurred + noise > 140, 255, 0).astype(np.uint8)


def test_strokes_that_break_are_no_changes() -> None:
    page = _page()
    for seed in range(3):
        assert compare(_scanned(page, seed), _scanned(page, seed + 10)).status == "same"


@pytest.mark.parametrize("length", [24, 80])
def test_a_rule_one_px_wide_is_found_in_either_order(length: int) -> None:
    page = _page()
    ruled = page.copy()
    ruled[305, 300 : 300 + length] = 0
    ruled[304:307, 300 : 300 + length] = np.minimum(ruled[304:307, 300 : 300 + length], 60)
    pictures = _scanned(page, 0), _scanned(np.where(ruled == 60, page, ruled).astype(np.uint8), 1)
    for pair in (pictures, pictures[::-1]):
        (region,) = compare(*pair).regions
        x, y, w, h = region.bbox
        assert (abs(x - 300) <= 20, abs(x + w - 300 - length) <= 20, abs(y - 305) <= 20, h <= 30) == (True,) * 4


def test_a_black_box_is_one_region() -> None:
    page = _page()
    covered = page.copy()
    covered[200:300, 100:400] = 0
    (region,) = compare(_scanned(page, 0), _scanned(covered, 1)).regions
    assert np.abs(np.subtract(region.bbox, (100, 200, 300, 100))).max() <= 8


def test_far_ink_is_weighed_by_that_of_the_page() -> None:
    """Forty breaks of a px each on 40 strokes; six px side by side are more than these leave anywhere."""
    other = np.zeros((400, 400), bool)
    for at in range(40):
        other[10 * at + 3, 20:380] = True
    one = other.copy()
    one[3::10, 200:203] = False  # of which the middle px is far
    far = far_strokes(one, other, (one.astype(np.float32), other.astype(np.float32)), np.ones_like(one))
    assert not far.any()
    one[203, 300:320] = False
    far = far_strokes(one, other, (one.astype(np.float32), other.astype(np.float32)), np.ones_like(one))
    rows, columns = np.nonzero(far)
    assert (rows.min(), rows.max()) == (203, 203)
    assert (columns.min(), columns.max()) == (300, 319)
