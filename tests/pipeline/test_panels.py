"""Sheets with both panels: where the cut is, and that every planted difference is found beyond it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

import diffspot
from diffspot.image_io import read_image
from diffspot.pipeline.panels import find_panels
from tests.pipeline.registration.scenes import bricks, photo
from tests.pipeline.sheets import SHEETS, scene
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box

MOST_OFF = 2
"""Px that a cut may be off."""


def meet(first: Box, second: Box) -> bool:
    return all(first[i] < second[i] + second[i + 2] and second[i] < first[i] + first[i + 2] for i in (0, 1))


@pytest.mark.parametrize("name", sweep(SHEETS, keep=6))
def test_the_cut_is_found_and_all_that_was_planted(name: str) -> None:
    sheet = SHEETS[name]()
    result = diffspot.compare(sheet.pixels, split="auto")
    split = result.split
    assert split is not None
    assert (split.direction, split.size) == (sheet.direction, sheet.pixels.shape[1::-1])
    assert abs(split.cut - sheet.cut) <= MOST_OFF
    assert result.size == split.reference[2:] == split.candidate[2:]
    lag, truth = (np.subtract(two, one)[:2] for one, two in ((split.reference, split.candidate), sheet.panels))
    assert np.abs(lag - truth).max() <= 1
    left, top = np.subtract(sheet.panels[0], split.reference)[:2].tolist()
    for x, y, w, h in sheet.planted:
        assert any(meet(region.bbox, (x + left, y + top, w, h)) for region in result.regions)


@pytest.mark.parametrize("name", sweep(SHEETS, keep=6))
def test_frames_gutters_and_captions_are_no_part_of_the_panels(name: str) -> None:
    sheet = SHEETS[name]()
    found = find_panels(sheet.pixels, "auto")
    assert found is not None
    for box, (x, y, w, h) in zip((found.reference, found.candidate), sheet.panels, strict=True):
        edges = box[0] - x, box[1] - y, x + w - box[0] - box[2], y + h - box[1] - box[3]
        assert min(edges) >= -1  # what JPEG leaves of a frame's edge
        assert box[2] * box[3] > 0.9 * w * h


def test_the_direction_can_be_given() -> None:
    sheet = SHEETS["framed"]()
    found = find_panels(sheet.pixels, "left-right")
    assert found is not None
    assert abs(found.cut - sheet.cut) <= MOST_OFF
    assert find_panels(sheet.pixels, "top-bottom") is None


def test_sixteen_bits_and_alpha_are_cut_alike() -> None:
    sheet = SHEETS["gutter"]()
    deep = sheet.pixels.astype(np.uint16) * 257
    clear = np.dstack([sheet.pixels, np.full(sheet.pixels.shape[:2], 255, np.uint8)])
    expected = find_panels(sheet.pixels, "auto")
    assert find_panels(deep, "auto") == find_panels(clear, "auto") == expected


@pytest.mark.slow
@pytest.mark.parametrize("scale", [0.5, 2, 3])
@pytest.mark.parametrize("name", ["captions", "framed-below", "jpeg"])
def test_scans_of_another_size_are_cut_alike(name: str, scale: float) -> None:
    sheet = SHEETS[name]()
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    found = find_panels(np.asarray(cv2.resize(sheet.pixels, None, fx=scale, fy=scale, interpolation=how)), "auto")
    assert found is not None
    assert found.direction == sheet.direction
    assert abs(found.cut - scale * sheet.cut) <= MOST_OFF
    # soft frames leave a px or two
    assert np.abs(np.subtract(found.reference, scale * np.array(sheet.panels[0]))).max() <= 4 + scale


@pytest.mark.parametrize("frame", [0, 3])
def test_a_difference_at_the_very_edge_is_kept(frame: int) -> None:
    """Even sky along the edge is taken off only where it is the same in both, and a bird in it is not."""
    picture = scene(21)
    picture[:30] = 150, 200, 240
    candidate = picture.copy()
    candidate[1:7, 200:230] = 20
    sheet = np.full((360, 900, 3), 255, np.uint8)
    for x, panel in ((20, picture), (450, candidate)):
        sheet[30 - frame : 330 + frame, x - frame : x + 400 + frame] = 40
        sheet[30:330, x : x + 400] = panel
    result = diffspot.compare(sheet, split="auto")
    assert result.split is not None
    left, top = result.split.reference[:2]
    assert any(meet(region.bbox, (220 - left, 31 - top, 30, 6)) for region in result.regions)


@pytest.mark.parametrize("name", ["astronaut", "coffee", "coins", "grass", "rocket", "text"])
def test_a_picture_alone_is_no_sheet(name: str) -> None:
    assert find_panels(photo(name), "auto") is None


@pytest.mark.parametrize("name", ["letters-spaced", "tiny-change-on-page"])
def test_a_page_of_text_is_no_sheet_unless_that_is_said(name: str) -> None:
    page = read_image(Path("fixtures", name, "reference.png")).pixels
    assert find_panels(page, "auto") is None
    assert any(find_panels(page, direction) is not None for direction in ("left-right", "top-bottom"))


@pytest.mark.parametrize(
    "picture",
    [
        np.full((60, 80, 3), 200, np.uint8),
        np.random.default_rng(1).integers(0, 256, (120, 160, 3), np.uint8),
        np.zeros((1, 1, 1), np.uint8),
        np.zeros((17, 900, 3), np.uint8),
        np.repeat(np.arange(1600, dtype=np.uint16), 16).reshape(1600, 16, 1) * 40,
    ],
)
def test_what_has_no_panels(picture: NDArray[np.uint8]) -> None:
    assert find_panels(picture, "auto") is None


def test_a_pattern_that_repeats_has_panels_of_one_size() -> None:
    """A wall is like itself at every second brick; whatever is taken, both panels are the same."""
    found = find_panels(bricks(), "auto")
    if found is not None:
        assert found.reference[2:] == found.candidate[2:]
