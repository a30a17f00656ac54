"""Pages that lie where they lay, drawn anew or edited, are told from pages of which anything moved."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
import skimage.data

from benchmarks.scenes.page import make_page
from benchmarks.scenes.render import render_page
from diffspot.pipeline.layout import is_unmoved_page
from diffspot.pipeline.layout.still import LEAST_IN_LINE, LEAST_TILES, MOST_UNLIKE
from diffspot.pipeline.likeness import TILE
from diffspot.pipeline.preparation import luminance
from tests.pipeline.layout.pages import page, stacked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Plane = NDArray[np.uint8]

PAGE = page()
WHOLE = luminance(stacked(PAGE))
SIDE = 4 * TILE
"""Px of a tile in the picture."""
PHOTOS = ("astronaut", "coffee", "chelsea", "camera", "moon", "retina", "page")


@cache
def drawn(seed: int, jitter: float = 0.0, *, hinted: bool = True) -> Plane:
    """A page, words moved by up to `jitter` px and drawn bolder, or letters of another shape."""
    made = make_page(np.random.default_rng(seed), width=640, height=480)
    return luminance(render_page(made, np.random.default_rng(seed), jitter=jitter, hinted=hinted))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("jitter", "hinted"), [(0.2, True), (0.0, False)], ids=["bolder", "unhinted"])
def test_a_page_drawn_anew_lies_still(seed: int, jitter: float, hinted: bool) -> None:  # noqa: FBT001 - a column of the table
    reference, candidate = drawn(seed), drawn(seed, jitter, hinted=hinted)
    assert (reference != candidate).any()
    assert is_unmoved_page(reference, candidate)
    assert is_unmoved_page(candidate, reference)
    assert not is_unmoved_page(reference, np.roll(candidate, 2, axis=0))


def test_an_equal_page_and_one_with_an_edit_lie_still() -> None:
    candidate = WHOLE.copy()
    candidate[300:330, 200:250] = 77
    candidate[1500:1520, 900:960] = 200
    assert (candidate != WHOLE).any()
    assert is_unmoved_page(WHOLE, WHOLE.copy())
    assert is_unmoved_page(WHOLE, candidate)


@pytest.mark.parametrize("by", [1, -1, 2, 7, 24, 130])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_page_moved_as_a_whole_does_not(axis: int, by: int) -> None:
    for reference in (WHOLE, drawn(0)):
        assert not is_unmoved_page(reference, np.roll(reference, by, axis=axis))


@pytest.mark.parametrize(("dx", "dy"), [(0.5, 0), (0, 0.5), (0, -0.5), (-0.5, 0.5)])
def test_a_page_moved_by_half_a_pixel_does_not(dx: float, dy: float) -> None:
    for reference in (WHOLE, drawn(0)):
        size = reference.shape[1], reference.shape[0]
        moved = cv2.warpAffine(reference, np.array([[1, 0, dx], [0, 1, dy]]), size, borderMode=cv2.BORDER_REPLICATE)
        assert not is_unmoved_page(reference, np.asarray(moved, np.uint8))


@pytest.mark.parametrize("rows", [1, 2, 8, 20, 60, 200])
@pytest.mark.parametrize("place", [0, len(WHOLE) // 2])
def test_a_page_with_a_banner_inserted_does_not(place: int, rows: int) -> None:
    banner = np.full((rows, WHOLE.shape[1]), 90, np.uint8)
    candidate = np.vstack([WHOLE[:place], banner, WHOLE[place:]])[: len(WHOLE)]
    assert not is_unmoved_page(WHOLE, candidate)
    assert not is_unmoved_page(candidate, WHOLE)


@pytest.mark.parametrize("columns", [2, 8, 20, 60, 200])
def test_a_page_with_a_column_moved_does_not(columns: int) -> None:
    gap = np.full((len(WHOLE), columns), 255, np.uint8)
    for place in (0, 400, 640):
        candidate = np.hstack([WHOLE[:, :place], gap, WHOLE[:, place:]])[:, : WHOLE.shape[1]]
        assert not is_unmoved_page(WHOLE, np.ascontiguousarray(candidate))


@pytest.mark.parametrize("name", PHOTOS)
@pytest.mark.parametrize("shift", [1, 2, 5, 17])
def test_a_moved_photo_does_not(name: str, shift: int) -> None:
    photo = np.asarray(getattr(skimage.data, name)())
    plane = luminance(np.ascontiguousarray(photo.reshape(*photo.shape[:2], -1)))
    assert is_unmoved_page(plane, plane.copy())
    for way in (plane, np.ascontiguousarray(plane.T)):
        assert not is_unmoved_page(way[shift:], way[:-shift])


def test_another_page_does_not() -> None:
    assert not is_unmoved_page(WHOLE[:1500], luminance(stacked(page(2)))[:1500])
    assert not is_unmoved_page(drawn(0), drawn(1))


@pytest.mark.parametrize("cut", [(1, 0), (0, 1), (40, 0)])
def test_another_size_does_not(cut: tuple[int, int]) -> None:
    part = WHOLE[: len(WHOLE) - cut[0], : WHOLE.shape[1] - cut[1]]
    assert is_unmoved_page(part, part.copy())
    assert not is_unmoved_page(WHOLE, part)
    assert not is_unmoved_page(part, WHOLE)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (1, 2000), (SIDE - 1, 2000), (2000, SIDE - 1), (SIDE, SIDE)])
def test_a_tiny_picture_does_not(shape: tuple[int, int], rng: np.random.Generator) -> None:
    picture = rng.integers(0, 256, shape, np.uint8)
    assert not is_unmoved_page(picture, picture.copy())


def test_a_picture_of_one_shade_does_not() -> None:
    assert not is_unmoved_page(np.full((900, 900), 255, np.uint8), np.full((900, 900), 255, np.uint8))


def tiled(told: int) -> Plane:
    """30 x 40 tiles, of which the first so many show a soft spot."""
    picture = np.full((30 * SIDE, 40 * SIDE), 200, np.uint8)
    away = np.hypot(*np.mgrid[:SIDE, :SIDE] - (SIDE - 1) / 2)
    for number in range(told):
        y, x = (SIDE * place for place in divmod(number, 40))
        picture[y : y + SIDE, x : x + SIDE] -= np.rint(np.maximum(0, 150 - 5 * away)).astype(np.uint8)
    return picture


@pytest.mark.parametrize("tiles", [LEAST_TILES - 1, LEAST_TILES])
def test_few_tiles_that_show_anything_decide_nothing(tiles: int) -> None:
    assert is_unmoved_page(tiled(tiles), tiled(tiles)) is (tiles == LEAST_TILES)


def turned(picture: Plane, numbers: range | list[int]) -> Plane:
    """The tiles of these numbers turned into their opposite."""
    other = picture.copy()
    for number in numbers:
        y, x = (SIDE * place for place in divmod(number, 40))
        other[y : y + SIDE, x : x + SIDE] = 255 - other[y : y + SIDE, x : x + SIDE]
    return other


@pytest.mark.parametrize("told", [1200, 300])
def test_only_few_tiles_may_be_unlike(told: int) -> None:
    most, reference = int(MOST_UNLIKE * told), tiled(told)
    for unlike in (most, most + 1):
        apart = [41 * number % told for number in range(unlike)]
        assert is_unmoved_page(reference, turned(reference, apart)) is (unlike == most)


@pytest.mark.parametrize("beside", [0, 1])
def test_a_line_of_which_most_tiles_are_unlike_has_moved(beside: int) -> None:
    """Of the last row of 1160 tiles and some more, LEAST_IN_LINE are unlike: more than half of it, or half."""
    reference = tiled(1160 + 2 * LEAST_IN_LINE - 1 + beside)
    candidate = turned(reference, range(1160, 1160 + LEAST_IN_LINE))
    assert is_unmoved_page(reference, candidate) is bool(beside)
    sides = [np.ascontiguousarray(plane.T) for plane in (reference, candidate)]
    assert is_unmoved_page(*sides) is bool(beside)


def test_a_line_of_few_tiles_may_be_edited_whole() -> None:
    reference = tiled(1160 + LEAST_IN_LINE - 1)
    assert is_unmoved_page(reference, turned(reference, range(1160, 1160 + LEAST_IN_LINE - 1)))
