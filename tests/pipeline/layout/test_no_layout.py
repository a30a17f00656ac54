"""What is no layout shift: photos, noise, other pages, and pages whose lines stayed where they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import skimage.data

from diffspot.pipeline.layout import looks_rendered
from tests.pipeline.layout.pages import blank, page, paragraph, stacked
from tests.placing import find_bands

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.pipeline.layout.pages import Picture

PAGE = page()
WHOLE = stacked(PAGE)
PHOTOS = ("astronaut", "coffee", "chelsea", "camera", "moon", "retina", "page")


def left_to_registration(reference: Picture, candidate: Picture) -> bool:
    """Whether the pair is no page, or is one without a layout."""
    return not (looks_rendered(reference) or looks_rendered(candidate)) or find_bands(reference, candidate) is None


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("shift", [5, 17])
def test_moved_photo_is_left_to_registration(name: str, shift: int) -> None:
    photo = np.asarray(getattr(skimage.data, name)())
    photo = photo.reshape(*photo.shape[:2], -1)
    sideways = np.ascontiguousarray(photo.transpose(1, 0, 2))
    for picture in (photo, sideways):
        up, down = picture[shift:], picture[:-shift]
        assert left_to_registration(down, up)
        assert left_to_registration(picture, up)
        assert left_to_registration(down, picture)


def test_noise_and_soft_pictures_have_no_layout() -> None:
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (2, 800, 900, 3), np.uint8)
    assert find_bands(noise[0], noise[1]) is None
    soft = np.asarray(cv2.GaussianBlur(noise[0], (0, 0), 6), np.uint8)
    assert find_bands(soft, np.roll(soft, 9, axis=0)) is None


def test_blank_pages_have_no_layout() -> None:
    assert find_bands(blank(600), blank(600)) is None
    assert find_bands(blank(600), blank(600, shade=90)) is None


def _elements_changed(reference: Picture) -> Picture:
    candidate = reference.copy()
    candidate[300:340, 200:400] = 77
    candidate[1500:1520, 900:1000] = (0, 0, 255)
    return candidate


def _area_redrawn(reference: Picture) -> Picture:
    candidate = reference.copy()
    candidate[200:700, 300:900] = stacked(page(99))[200:700, 300:900]
    return candidate


def _section_redrawn(reference: Picture) -> Picture:
    candidate = reference.copy()
    top = sum(map(len, PAGE[:3]))
    candidate[top : top + len(PAGE[3])] = paragraph(np.random.default_rng(77), 6)
    return candidate


@pytest.mark.parametrize("change", [np.copy, _elements_changed, _area_redrawn, _section_redrawn])
def test_pages_whose_lines_stayed(change: Callable[[Picture], Picture]) -> None:
    assert find_bands(WHOLE, change(WHOLE)) is None


def test_another_page_has_no_layout() -> None:
    assert find_bands(WHOLE[:1500], stacked(page(2))[:1500]) is None


def test_sizes_that_differ_both_ways_are_left_to_registration() -> None:
    assert find_bands(WHOLE, WHOLE[43:, 60:]) is None


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (5, 200), (200, 5)])
@pytest.mark.parametrize("channels", [1, 3])
def test_tiny_pictures_have_an_answer(shape: tuple[int, int], channels: int) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (*shape, channels), np.uint8)
    for candidate in (picture, 255 - picture, np.vstack([picture, picture])):
        assert left_to_registration(picture, candidate)
