"""Two pictures in one compression: it is recognised by what it left, what it explains is noise, and changes stay."""

from __future__ import annotations

import io
from functools import cache
from itertools import product
from typing import TYPE_CHECKING

import cv2
import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest
import skimage.data

from benchmarks.scenes.page import Text
from benchmarks.scenes.photo import load_photo
from diffspot import compare
from diffspot.pipeline import compression
from diffspot.pipeline.compression import as_near_as_may_be, find_compression, told_everywhere
from diffspot.pipeline.explained import places
from diffspot.pipeline.quantization import FULL, HALVED, compression_of
from diffspot.pipeline.recompression import NUMBERS, SAMPLINGS, compressed, in_halved_colours
from diffspot.pipeline.units import LOOKED_AT, sample_units
from tests.pipeline.verdict.drawing import drawn, edited, forgiven, in_regions, shop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.compression import Found

    Picture = NDArray[np.uint8]


def jpeg(picture: Picture, quality: int, sampling: tuple[int, int] = HALVED) -> Picture:
    """A picture as Pillow's encoder leaves it, which is another build of libjpeg-turbo than OpenCV's."""
    file = io.BytesIO()
    PIL.Image.fromarray(picture.squeeze()).save(file, "JPEG", quality=quality, subsampling=NUMBERS[sampling])
    return np.asarray(PIL.Image.open(file)).reshape(picture.shape)


@cache
def page() -> Picture:
    return drawn(shop())


@cache
def other_words() -> tuple[Picture, tuple[int, int, int, int]]:
    """The page with another word, and where it differs."""
    before = shop()
    named = next(one for one in before.elements if isinstance(one, Text) and len(one.text) > 5 and one.size > 12)
    after = drawn(edited(before, lambda one: one is named, text=named.text[::-1]))
    rows, columns = np.nonzero((after != page()).any(axis=2))
    x, y = int(columns.min()), int(rows.min())
    return after, (x, y, int(columns.max()) - x + 1, int(rows.max()) - y + 1)


def _found(
    reference: NDArray[np.uint8], candidate: NDArray[np.uint8], ignored: NDArray[np.bool_] | None = None
) -> Found | None:
    """How the worse of two pictures was compressed."""
    sample = sample_units(reference, candidate, ignored)
    return None if sample is None else find_compression(sample.units)


@pytest.mark.parametrize(
    ("quality", "sampling"), [*product([20, 45, 60, 85], [FULL, HALVED]), (60, (1, 2)), (85, (1, 2))]
)
def test_quality_and_sampling_of_a_jpeg_are_those_it_was_made_with(quality: int, sampling: tuple[int, int]) -> None:
    worse = jpeg(page(), quality, sampling)
    for pair, of_reference in (((page(), worse), True), ((worse, page()), False)):
        found = _found(*pair)
        assert found is not None
        assert found.compression == compression_of(quality, sampling)
        assert (found.of_reference, found.traces) == (of_reference, False)


@pytest.mark.parametrize("quality", [74, 75])
def test_where_luminance_fits_two_qualities_colours_tell_which_it_was(quality: int) -> None:
    few = np.random.default_rng(75).uniform(40, 215, (24, 32, 3)).astype(np.float32)
    smooth = np.rint(cv2.resize(few, (512, 384), interpolation=cv2.INTER_CUBIC)).clip(0, 255).astype(np.uint8)
    better = jpeg(smooth, 95)
    found = _found(better, jpeg(better, quality))
    assert found == (compression_of(quality), True, False)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("sampling", [FULL, HALVED, (1, 2), (2, 1)])
def test_a_compression_has_the_bits_of_opencv(channels: int, sampling: tuple[int, int]) -> None:
    picture = np.ascontiguousarray(load_photo("coffee", 133, 97)[..., :channels])
    factor = getattr(cv2, f"IMWRITE_JPEG_SAMPLING_FACTOR_{SAMPLINGS[sampling]}")
    for quality in (12, 50, 85, 97):
        settings = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, factor]
        _, file = cv2.imencode(".jpg", picture[..., ::-1], settings)
        expected = cv2.imdecode(file, cv2.IMREAD_GRAYSCALE if channels == 1 else cv2.IMREAD_COLOR_RGB)
        assert np.array_equal(compressed(picture, compression_of(quality, sampling)), expected.reshape(picture.shape))


def test_a_large_page_tells_it_too_by_some_of_its_rows() -> None:
    large = np.tile(page(), (6, 6, 1))
    assert large.size > 3 * 4 * LOOKED_AT * 256
    ignored = np.zeros(large.shape[:2], bool)
    ignored[: len(large) // 2] = True
    for areas in (None, ignored):
        found = _found(large, jpeg(large, 45), areas)
        assert found is not None
        assert found.compression == compression_of(45)


def test_a_jpeg_compressed_anew_shows_the_lower_quality_and_has_traces_left() -> None:
    found = _found(jpeg(page(), 92), jpeg(page(), 30))
    assert found is not None
    assert (found.compression, found.of_reference, found.traces) == (compression_of(30), True, True)


def coloured(prices: str) -> Picture:
    """Prices in three colours on white."""
    picture = PIL.Image.new("RGB", (320, 240), "white")
    pen = PIL.ImageDraw.Draw(picture)
    for row in range(12):
        text = prices if row == 5 else f"1{row}.08 {row * 7}.45"
        pen.text((20, 18 * row + 12), f"total {text} due {row}.50", ((0, 0, 200), (163, 21, 21), (0, 128, 0))[row % 3])
    return np.asarray(picture)


def test_where_each_was_compressed_the_colours_of_one_alone_have_half_the_resolution() -> None:
    full, halved = jpeg(coloured("41.70"), 80, FULL), jpeg(coloured("41.70"), 92, HALVED)
    for pair, of_reference in (((full, halved), True), ((halved, full), False)):
        found = _found(*pair)
        assert found is not None
        assert found == (None, of_reference, True)
        assert compare(*pair).status == "same"
    assert _found(full, jpeg(coloured("41.70"), 92, FULL)) is None
    changed = jpeg(coloured("41.78"), 92, HALVED)
    (region,) = compare(full, changed).regions
    rows, columns = np.nonzero((coloured("41.78") != coloured("41.70")).any(axis=2))
    x, y, w, h = region.bbox
    assert columns.min() <= x + w / 2 <= columns.max()
    assert rows.min() <= y + h / 2 <= rows.max()


def test_colours_of_half_the_resolution_are_those_of_jpeg_and_leave_luminance_and_even_areas() -> None:
    picture = coloured("41.70")
    expected = jpeg(picture, 100, HALVED).astype(int)
    halved = in_halved_colours(picture).astype(int)
    assert np.abs(halved - expected).mean() < 0.3 * np.abs(picture - expected).mean()
    assert (halved[:10] == picture[:10]).all()
    odd = in_halved_colours(picture[:239, :319])
    assert odd.shape == (239, 319, 3)
    assert (odd[:230, :310] == halved[:230, :310]).all()


def test_grain_and_moved_edges_are_no_compression(rng: np.random.Generator) -> None:
    grain = (page() + rng.normal(0, 4, page().shape)).clip(0, 255).round().astype(np.uint8)
    assert _found(page(), grain) is None
    assert _found(page(), np.roll(page(), 1, axis=1)) is None
    assert _found(page(), page()) is None
    assert _found(page()[:9], jpeg(page(), 30)[:9]) is None


def test_of_two_noisy_photos_nothing_is_compressed_to_learn_that_no_quality_explains_them(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Picture:
        raise AssertionError

    photo = load_photo("coffee", 640, 480)
    noisy = [jpeg((photo + rng.normal(0, 2, photo.shape)).clip(0, 255).astype(np.uint8), 92) for _ in range(2)]
    assert sample_units(*noisy) is not None
    monkeypatch.setattr(compression, "compressed", refuse)
    assert _found(*noisy) is None


def test_of_a_large_photo_it_is_not_asked_how_each_was_compressed_of_a_large_drawing_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def near(picture: Picture, one: int, other: int) -> bool:
        pair = jpeg(picture, one), jpeg(picture, other)
        sample = sample_units(*pair)
        assert sample is not None
        return as_near_as_may_be(*pair, sample, told_everywhere(pair[0], sample)) is not None

    photo = load_photo("coffee", 640, 480)
    assert near(photo, 90, 70)
    monkeypatch.setattr(compression, "ENOUGH", 640 * 480 - 1)
    assert not near(photo, 90, 70)
    assert near(page(), 90, 70)


def test_noise_is_not_taken_for_compression_where_both_were_compressed_alike(
    rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    photo = load_photo("coffee", 640, 480)
    one, other = (jpeg((photo + rng.normal(0, 1, photo.shape)).clip(0, 255).astype(np.uint8), 85) for _ in range(2))
    sample = sample_units(one, other)
    assert sample is not None
    assert sample.everywhere
    assert told_everywhere(one, sample) == (compression_of(85),) * 2
    with monkeypatch.context() as patch:
        patch.setattr(compression, "find_compression", refuse)  # no quality explains what one leaves
        assert not compare(one, other).regions
        with pytest.raises(AssertionError):
            compare(one, jpeg(other, 70))
    half = np.zeros(one.shape[:2], bool)
    half[:240] = True
    rest = sample_units(one, other, half)
    assert rest is not None
    assert rest.everywhere


def test_letters_that_were_drawn_anew_are_no_compression() -> None:
    height, width = page().shape[:2]
    anew = cv2.resize(cv2.resize(page(), (2 * width, 2 * height), interpolation=cv2.INTER_CUBIC), (width, height))
    assert np.mean(anew != page()) > 0.04
    assert sample_units(page(), anew) is None


@pytest.mark.parametrize(("better", "worse"), [(None, 30), (None, 85), (92, 50), (92, 60)])
def test_a_page_of_two_qualities_is_the_same_and_another_word_on_it_is_found(better: int | None, worse: int) -> None:
    reference = page() if better is None else jpeg(page(), better)
    after, (x, y, w, h) = other_words()
    for turned in (False, True):
        pair, changed = (reference, jpeg(page(), worse)), (reference, jpeg(after, worse))
        same, different = (compare(*(one[::-1] if turned else one)) for one in (pair, changed))
        assert same.status == "same", same.regions
        assert forgiven(same)["noise"] > 0
        assert different.status == "different"
        place = np.zeros(page().shape[:2], bool)
        place[y : y + h, x : x + w] = True
        assert in_regions(different)[place].mean() >= 0.5
        for left, top, width, height in (region.bbox for region in different.regions):
            assert x - 16 <= left + width / 2 <= x + w + 16, (left, width)
            assert y - 16 <= top + height / 2 <= y + h + 16, (top, height)


def test_another_light_is_no_compression(rng: np.random.Generator) -> None:
    photo: Picture = skimage.data.astronaut()[:240, :240] // 2 + 60  # type: ignore[no-untyped-call]
    brighter = (photo + 7 + rng.normal(0, 1, photo.shape)).round().astype(np.uint8)
    assert sample_units(photo, jpeg(photo, 30)) is not None
    assert sample_units(photo, brighter) is None


def test_grey_pages_too() -> None:
    grey = np.ascontiguousarray(page().mean(axis=2, dtype=np.float32).round().astype(np.uint8))[..., None]
    assert compare(grey, jpeg(grey, 20)).status == "same"


def test_areas_that_are_ignored_change_nothing_about_the_rest(rng: np.random.Generator) -> None:
    height, width = page().shape[:2]
    advert = 0, 0, width, height // 3
    worse = jpeg(page(), 30)
    other = worse.copy()
    other[: height // 3] = rng.integers(0, 256, (height // 3, width, 3), np.uint8)
    whole, rest = compare(page(), worse), compare(page(), other, ignore=[advert])
    assert rest.status == "same"
    assert rest.threshold is not None
    assert rest.threshold == pytest.approx(whole.threshold, abs=0.01)
    below = cv2.absdiff(page(), worse)[height // 3 :].max(axis=2)
    assert 0 < forgiven(rest)["noise"] <= np.count_nonzero(below > 255 * rest.threshold)


def test_what_one_compression_explains_is_told_place_by_place() -> None:
    photo = np.ascontiguousarray(skimage.data.coffee())  # type: ignore[no-untyped-call]
    worse = jpeg(photo, 40)
    result = compare(photo, worse)
    (noise,) = (one for one in result.forgiven if one.cause == "noise")
    assert result.threshold is not None
    differing = cv2.absdiff(photo, worse).max(axis=2) > 255 * result.threshold
    count, _, table, _ = cv2.connectedComponentsWithStats(differing.astype(np.uint8), connectivity=4)
    assert noise.places > 20
    assert noise.places == pytest.approx(count - 1, rel=0.2)
    assert noise.largest != (0, 0, *photo.shape[1::-1])
    assert noise.largest[2] * noise.largest[3] <= np.prod(table[1:, 2:4], axis=1).max()


def test_places_of_a_large_picture_are_told_apart_to_a_few_px() -> None:
    mask = np.zeros((3000, 2999), np.bool_)
    mask[5:15, 20:40] = mask[2000:2900, 1000:1010] = mask[-1, -1] = True
    assert places(mask) == (3, (999, 1998, 12, 903))
    assert places(mask[1990:2910, 990:1020]) == (1, (10, 10, 10, 900))


def test_what_is_longer_than_a_jpeg_can_be_was_none() -> None:
    tall = np.tile(page()[:400, :64], (170, 1, 1))
    worse = np.tile(jpeg(page()[:400, :64], 30), (170, 1, 1))
    assert _found(tall[:64000], worse[:64000]) is not None
    assert _found(tall, worse) is None


def test_measures_and_given_thresholds_take_the_pictures_as_they_are() -> None:
    worse = jpeg(page(), 30)
    error = page().astype(np.float64) - worse
    measured = compare(page(), worse, measure=("psnr",)).measures
    assert measured is not None
    assert measured["psnr"] == pytest.approx(10 * np.log10(255**2 / np.mean(error**2)), abs=0.01)
    assert compare(page(), worse, threshold=0.05).status == "different"
