"""Where crops lie: exact ones always, compressed ones nearly so, and nothing where there is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
import pytest
import skimage.data
import skimage.feature

from diffspot.model import Image
from diffspot.pipeline.finding import exact
from diffspot.pipeline.finding.exact import exact_places
from diffspot.pipeline.finding.locate import COARSE_PIXELS, correlate, locate
from diffspot.pipeline.finding.places import MOST_PLACES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

PHOTOS = ("astronaut", "coffee", "chelsea", "rocket", "camera", "page")


def photo(name: str) -> NDArray[np.uint8]:
    return np.atleast_3d(np.asarray(getattr(skimage.data, name)()))


def jpeg(pixels: NDArray[np.uint8], quality: int = 80) -> NDArray[np.uint8]:
    data = imagecodecs.jpeg_encode(np.ascontiguousarray(pixels.squeeze()), level=quality)
    return np.atleast_3d(imagecodecs.jpeg_decode(data))


def cut(pixels: NDArray[Any], box: tuple[int, int, int, int]) -> NDArray[Any]:
    x, y, w, h = box
    return np.ascontiguousarray(pixels[y : y + h, x : x + w])


def crops(count: int) -> Iterator[tuple[NDArray[np.uint8], tuple[int, int, int, int]]]:
    """Pictures and random boxes of 60 to 400 px a side in them."""
    rng = np.random.default_rng(1)
    for index in range(count):
        picture = photo(PHOTOS[index % len(PHOTOS)])
        h, w = (int(rng.integers(60, min(400, side) + 1)) for side in picture.shape[:2])
        y, x = int(rng.integers(0, picture.shape[0] - h + 1)), int(rng.integers(0, picture.shape[1] - w + 1))
        yield picture, (x, y, w, h)


@pytest.mark.parametrize("count", [18, pytest.param(200, marks=pytest.mark.slow)])
def test_crops_are_found_where_they_were_cut(count: int) -> None:
    found = {"exact": 0, "jpeg": 0}
    for picture, box in crops(count):
        part = cut(picture, box)
        places = locate(Image(picture), Image(part)).places
        found["exact"] += any(place.bbox == box and place.exact and place.score == 1 for place in places)
        places = locate(Image(picture), Image(jpeg(part))).places
        found["jpeg"] += bool(places) and places[0].bbox == box
    assert found["exact"] == count
    assert found["jpeg"] >= 0.98 * count


def test_the_best_place_is_that_of_scikit_image() -> None:
    picture, box = photo("camera"), (200, 90, 70, 81)
    part = jpeg(cut(picture, box), 60)
    oracle = skimage.feature.match_template(picture[..., 0], part[..., 0])
    y, x = np.unravel_index(oracle.argmax(), oracle.shape)
    (place,) = locate(Image(picture), Image(part)).places
    assert place.bbox == (x, y, 70, 81) == box
    # the oracle works in the frequency domain of float64 integers up to 255^2 * 5670, which is exact to 1e-5 here
    assert place.score == pytest.approx(float(oracle.max()), abs=1e-5)
    assert not place.exact


def test_a_large_picture_is_searched_on_a_smaller_one() -> None:
    picture, box = np.tile(photo("astronaut"), (2, 3, 1)), (813, 77, 101, 67)
    assert picture[..., 0].size > COARSE_PIXELS
    part = jpeg(cut(picture, box))
    places = locate(Image(picture), Image(part), top=None, min_score=0.8).places
    tiles = [(512 * column, 512 * row) for column in range(3) for row in range(2)]
    assert {place.bbox for place in places} == {(301 + x, 77 + y, 101, 67) for x, y in tiles}
    (alone,) = locate(Image(photo("astronaut")), Image(part)).places
    assert {place.score for place in places} == {alone.score}


@pytest.mark.parametrize(("gain", "offset"), [(0.6, 40), (1.2, -30), (0.5, 0)])
def test_light_may_change(gain: float, offset: float) -> None:
    picture, box = photo("chelsea"), (120, 60, 90, 75)
    part = np.clip(cut(picture, box) * gain + offset, 0, 255).astype(np.uint8)
    (place,) = locate(Image(picture), Image(part)).places
    assert place.bbox == box


def test_colour_counts() -> None:
    picture = np.full((80, 160, 3), 128, np.uint8)
    stripes = np.where(np.arange(24)[:, None] // 4 % 2, 60, -60) + np.zeros((24, 24))
    picture[20:44, 20:44, 0] += stripes.astype(np.uint8)
    picture[20:44, 100:124, 2] += stripes.astype(np.uint8)
    part = np.clip(cut(picture, (100, 20, 24, 24)) * 0.9, 0, 255).astype(np.uint8)
    assert [place.bbox for place in locate(Image(picture), Image(part), top=None).places] == [(100, 20, 24, 24)]


def test_places_that_are_equal_are_all_told() -> None:
    icon = np.random.default_rng(2).integers(0, 256, (4, 6, 3), np.uint8).repeat(5, axis=0).repeat(5, axis=1)
    picture = np.full((200, 300, 3), 250, np.uint8)
    corners = [(10, 20), (200, 20), (55, 130)]
    for x, y in corners:
        picture[y : y + 20, x : x + 30] = icon
    worse = np.clip(icon.astype(int) + np.random.default_rng(3).integers(-40, 41, icon.shape), 0, 255)
    picture[170:190, 250:280] = worse
    image, part = Image(picture), Image(icon)
    assert [place.bbox for place in locate(image, part).places] == [(x, y, 30, 20) for x, y in corners]
    assert [place.bbox[:2] for place in locate(image, part, top=None).places] == [*corners, (250, 170)]
    assert [place.bbox[:2] for place in locate(image, part, top=2, equals=False).places] == corners[:2]
    assert [place.bbox[:2] for place in locate(image, Image(jpeg(icon, 95))).places] == corners


def test_an_even_crop_is_found_exactly_or_not_at_all() -> None:
    picture = np.full((60, 90, 3), 250, np.uint8)
    picture[20:40, 30:50] = (10, 200, 30)
    even = Image(np.full((20, 20, 3), (10, 200, 30), np.uint8))
    assert [place.bbox for place in locate(Image(picture), even).places] == [(30, 20, 20, 20)]
    missed = locate(Image(picture), Image(np.full((20, 20, 3), (10, 201, 30), np.uint8)))
    assert missed.places == []
    assert missed.notes == ("the crop is of one colour, so only places equal in every pixel are found",)


def test_a_plain_crop_on_plain_paper_ends() -> None:
    found = locate(Image(np.full((400, 400, 1), 255, np.uint8)), Image(np.full((5, 5, 1), 255, np.uint8)))
    assert len(found.places) == MOST_PLACES
    assert found.notes == (f"only {MOST_PLACES} places are reported",)


def test_what_is_not_there_is_not_found() -> None:
    part = cut(photo("chelsea"), (150, 80, 80, 80))
    assert locate(Image(photo("coffee")), Image(part)).places == []
    larger = locate(Image(part), Image(photo("coffee")))
    assert larger == ([], ("the crop is larger than the picture",))


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_exact_places_are_those_of_the_double_loop(channels: int, dtype: type) -> None:
    rng = np.random.default_rng(channels)
    picture = rng.integers(0, 2, (19, 23, channels)).astype(dtype) * (np.iinfo(dtype).max // 3)
    part = np.ascontiguousarray(picture[7:9, 4:7])
    slow = {(x, y) for y in range(18) for x in range(21) if np.array_equal(picture[y : y + 2, x : x + 3], part)}
    found = {place.bbox[:2] for place in exact_places(picture, part)}
    assert found <= slow
    assert all(any(abs(x - u) < 2 and abs(y - v) < 1 for u, v in found) for x, y in slow)
    assert np.array_equal(exact._possible(picture, part).nonzero(), np.array(sorted((y, x) for x, y in slow)).T)  # noqa: SLF001


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 3), (9, 1, 1), (2, 2, 1)])
def test_tiny_crops(shape: tuple[int, ...]) -> None:
    picture = np.random.default_rng(9).integers(0, 256, (12, 14, shape[2]), np.uint8)
    part = np.ascontiguousarray(picture[3 : 3 + shape[0], 2 : 2 + shape[1]])
    assert (2, 3, shape[1], shape[0]) in [place.bbox for place in locate(Image(picture), Image(part)).places]


def test_a_crop_of_8_bits_in_a_picture_of_16() -> None:
    picture = photo("coffee").astype(np.uint16) * 257
    part = (cut(picture, (50, 60, 70, 80)) >> 8).astype(np.uint8)
    (place,) = locate(Image(picture), Image(part)).places
    assert place.bbox == (50, 60, 70, 80)
    assert place.exact


def test_correlation_has_no_nan() -> None:
    even, other = np.zeros((4, 4, 3), np.uint8), np.random.default_rng(1).integers(0, 256, (4, 4, 3), np.uint8)
    assert correlate(even, other) == 0
    assert correlate(other, other) == pytest.approx(1, abs=1e-12)
    assert correlate(other, 255 - other) == 0
