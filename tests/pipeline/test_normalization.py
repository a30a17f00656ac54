"""Light is fitted on what did not change, undone, and left alone where there is none to undo."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from benchmarks.scenes.page import make_page
from benchmarks.scenes.photo import load_photo
from benchmarks.scenes.render import render_page
from diffspot import compare
from diffspot.backends import get_backend
from diffspot.backends.interface import Backend
from diffspot.model import Normalization
from diffspot.pipeline.normalization import apply_normalization, fit_normalization
from tests.sweep import sweep

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

NUMPY = get_backend("numpy")
WIDTH, HEIGHT = 400, 300
PHOTOS = ("astronaut", "chelsea", "coffee", "camera")
GAIN, OFFSET = np.array([0.8, 1.1, 1.2]), np.array([12, -9, 4])
SHADING = np.array([0, 0.1, -0.05, -0.12, 0.04, -0.08])
FIFTH = (slice(60, 193), slice(50, 230))
"""Rows and columns of a fifth of the picture."""


@cache
def photo(name: str) -> Picture:
    picture = load_photo(name, WIDTH, HEIGHT)
    return picture.reshape(HEIGHT, WIDTH, -1)


def seen(picture: NDArray[np.float64], sigma: float, seed: int = 0) -> Picture:
    """A picture as a sensor with noise gives it."""
    rng = np.random.default_rng(seed)
    return np.clip(np.rint(picture + rng.normal(0, sigma, picture.shape)), 0, 255).astype(np.uint8)


def fitted(
    reference: NDArray[np.uint8], candidate: NDArray[np.uint8], backend: Backend = NUMPY
) -> Normalization | None:
    valid = backend.xp.ones(reference.shape[:2], bool)
    return fit_normalization(backend.from_host(reference), backend.from_host(candidate), valid, backend)


def shade() -> NDArray[np.float64]:
    """(H, W, 1) factors of `SHADING`."""
    v, u = np.meshgrid(np.linspace(-1, 1, HEIGHT), np.linspace(-1, 1, WIDTH), indexing="ij")
    terms = np.stack([np.ones_like(u), u, v, u * u, u * v, v * v])
    return 1 + np.tensordot(SHADING, terms, 1)[..., None]


@pytest.mark.parametrize("name", PHOTOS)
def test_gain_and_offset_are_found_though_a_fifth_has_changed(name: str) -> None:
    reference = photo(name)
    channels = reference.shape[2]
    gain, offset = GAIN[:channels], OFFSET[:channels]
    candidate = (reference - offset) / gain
    candidate[FIFTH] = np.random.default_rng(2).integers(0, 256, candidate[FIFTH].shape)
    light = fitted(reference, seen(candidate, 3))
    assert light is not None
    assert light.shading is None
    # Half a percent of 128 levels and half a level together stay within the noise of a single pixel.
    assert light.gain == pytest.approx(gain, abs=0.005)
    assert light.offset == pytest.approx(offset, abs=0.5)


def test_every_backend_finds_the_same(backend: Backend) -> None:
    reference = photo("chelsea")
    light = fitted(reference, seen((reference - OFFSET) / GAIN, 3), backend)
    assert light is not None
    assert light.gain == pytest.approx(GAIN, abs=0.005)
    assert light.offset == pytest.approx(OFFSET, abs=0.5)


@pytest.mark.parametrize("name", ["astronaut", "chelsea"])
def test_uneven_light_is_found(name: str) -> None:
    reference = photo(name)
    light = fitted(reference, seen(reference / shade(), 1))
    assert light is not None
    assert light.shading is not None
    for factors in light.shading:
        assert factors == pytest.approx(SHADING, abs=0.01)
    assert light.gain == pytest.approx((1, 1, 1), abs=0.01)


@pytest.mark.parametrize("name", sweep(PHOTOS))
def test_uneven_light_is_undone(name: str) -> None:
    reference = photo(name)
    candidate = seen(reference / shade(), 0)
    light = fitted(reference, candidate)
    assert light is not None
    before = np.abs(reference.astype(int) - candidate)
    pictures = apply_normalization(reference, candidate, light, NUMPY)
    after = np.abs(pictures[0].astype(int) - pictures[1])
    assert np.quantile(before, 0.9) > 10
    assert np.quantile(after, 0.9) <= 2


@pytest.mark.parametrize("sigma", [0, 2, 6])
@pytest.mark.parametrize("name", PHOTOS)
def test_unchanged_light_is_left_alone(name: str, sigma: float) -> None:
    assert fitted(photo(name), seen(photo(name).astype(float), sigma)) is None


@pytest.mark.parametrize(("jitter", "hinted"), [(0.2, True), (0.0, False)], ids=["bolder", "unhinted"])
def test_a_page_drawn_again_is_left_alone(jitter: float, hinted: bool) -> None:  # noqa: FBT001 - a column of the table
    page, rng = make_page(np.random.default_rng(3), width=480, height=320), np.random.default_rng(3)
    assert fitted(render_page(page), render_page(page, rng, jitter=jitter, hinted=hinted)) is None


def test_where_a_third_is_untouched_the_rest_is_content() -> None:
    reference = photo("coffee")
    candidate = (reference * 0.8).astype(np.uint8)
    assert fitted(reference, candidate) is not None
    candidate[: HEIGHT // 3] = reference[: HEIGHT // 3]
    assert fitted(reference, candidate) is None


def test_noise_that_is_not_shared_gives_no_gain() -> None:
    rng = np.random.default_rng(0)
    weak, strong = (np.rint(rng.normal(120, sigma, (200, 200, 1))).astype(np.uint8) for sigma in (16, 30))
    assert fitted(strong, weak) is None


@pytest.mark.parametrize("name", PHOTOS)
def test_a_half_that_was_recoloured_does_not_drag_the_other(name: str) -> None:
    candidate = photo(name).astype(float)
    candidate[:, WIDTH // 2 :, 0] = candidate[:, WIDTH // 2 :, 0] * 0.5 + 60
    assert fitted(photo(name), seen(candidate, 1.5)) is None


@pytest.mark.parametrize(("height", "width"), [(1, 1), (3, 2000), (5, 5), (39, 40)])
def test_too_little_says_nothing(height: int, width: int) -> None:
    reference = np.random.default_rng(0).integers(40, 120, (height, width, 3), np.uint8)
    assert fitted(reference, reference + np.uint8(20)) is None


def test_the_area_that_is_not_valid_says_nothing() -> None:
    reference = photo("camera")
    candidate = seen(reference * 0.8, 1)
    valid = np.zeros((HEIGHT, WIDTH), bool)
    valid[:30, :30] = True
    assert fit_normalization(reference, candidate, valid, NUMPY) is None
    valid[:, :200] = True
    candidate[:, 200:] = 255 - candidate[:, 200:]
    light = fit_normalization(reference, candidate, valid, NUMPY)
    assert light is not None
    assert light.gain == pytest.approx((1.25,), abs=0.01)


@pytest.mark.parametrize("levels", [0, 128, 255])
def test_flat_pictures_that_are_equal_say_nothing(levels: int) -> None:
    assert fitted(np.full((90, 90, 3), levels, np.uint8), np.full((90, 90, 3), levels, np.uint8)) is None


def test_a_movement_of_more_than_the_light_makes_is_a_change() -> None:
    reference = photo("chelsea") // 3
    assert fitted(reference, seen(reference + 110.0, 1)) is None
    assert fitted(reference, seen(reference + 50.0, 1)) is not None


def test_dusk_takes_more_from_what_is_bright() -> None:
    """Exposure shifts the middle of a bright picture by more than an offset may, and goes through black."""
    reference = (160 + photo("chelsea") // 3).astype(np.uint8)
    light = fitted(reference, seen(reference * np.array([0.42, 0.55, 0.7]), 1))
    assert light is not None
    assert light.gain == pytest.approx((1 / 0.42, 1 / 0.55, 1 / 0.7), rel=0.03)


@pytest.mark.parametrize(
    ("gain", "offset", "light"),
    [(0.45, 0, True), (0.42, -35, True), (0.42, -60, False), (0.8, -90, False)],
    ids=["exposure", "black level", "gloom", "offset"],
)
def test_which_picture_is_darker_does_not_say_whether_light_made_it_so(gain: float, offset: float, light: bool) -> None:  # noqa: FBT001
    bright = (160 + photo("chelsea") // 3).astype(np.uint8)
    dark = seen(bright * gain + offset, 1)
    assert [fitted(*pair) is not None for pair in ((bright, dark), (dark, bright))] == [light, light]


def test_normalize_cuts_both_to_what_both_can_show() -> None:
    reference = np.array([0, 10, 60, 137, 200, 255], np.uint8).reshape(1, 6, 1)
    candidate = np.array([0, 0, 100, 254, 255, 255], np.uint8).reshape(1, 6, 1)
    light = Normalization(gain=(0.5,), offset=(10.0,))
    cut, mapped = apply_normalization(reference, candidate, light, NUMPY)
    assert (cut.dtype, mapped.dtype) == (np.uint8, np.uint8)
    # The candidate's 0..255 maps to 10..137.5, rounded to even.
    assert cut.ravel().tolist() == [10, 10, 60, 137, 138, 138]
    assert mapped.ravel().tolist() == [10, 10, 60, 137, 138, 138]
    precise = apply_normalization(reference.astype(np.float32), candidate.astype(np.float32), light, NUMPY)
    assert [picture.dtype for picture in precise] == [np.float32, np.float32]
    assert precise[0].ravel().tolist() == [10, 10, 60, 137, 137.5, 137.5]


def test_normalize_keeps_within_the_range() -> None:
    reference = np.array([0, 255], np.uint8).reshape(1, 2, 1)
    cut, mapped = apply_normalization(reference, reference, Normalization(gain=(2.0,), offset=(-30.0,)), NUMPY)
    assert cut.ravel().tolist() == [0, 255]
    assert mapped.ravel().tolist() == [0, 255]


def test_normalize_shades_each_channel_for_itself() -> None:
    picture = np.full((3, 5, 2), 100, np.uint8)
    shading = ((0.0, 0.5, 0.0, 0.0, 0.0, 0.0), (0.1, 0.0, -0.2, 0.0, 0.0, 0.0))
    light = Normalization(gain=(1.0, 1.0), offset=(0.0, 0.0), shading=shading)
    _, mapped = apply_normalization(picture, picture, light, NUMPY)
    assert mapped[0, :, 0].tolist() == [50, 75, 100, 125, 150]
    assert mapped[:, 0, 1].tolist() == [130, 110, 90]


def test_what_was_clipped_is_no_difference() -> None:
    reference = photo("coffee")
    candidate = seen(reference * 1.5, 0)
    light = fitted(reference, candidate)
    assert light is not None
    cut, mapped = apply_normalization(reference, candidate, light, NUMPY)
    clipped = candidate == 255
    assert clipped.mean() > 0.05
    assert np.abs(cut[clipped].astype(int) - mapped[clipped]).max() <= 1
    assert abs(int(cut.max()) - 170) <= 2


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_even_light_of_bytes_is_looked_up_as_it_is_worked_out(channels: int, rng: np.random.Generator) -> None:
    reference, candidate = rng.integers(0, 256, (2, 40, 30, channels), dtype=np.uint8)
    light = Normalization(gain=(0.83, 1.0, 1.37, 0.5)[:channels], offset=(11.3, -4.0, -7.5, 0.25)[:channels])
    gain, offset = np.float32(light.gain), np.float32(light.offset)
    shown = np.clip(np.rint(np.clip(reference, offset, 255 * gain + offset)), 0, 255)
    mapped = np.rint(np.clip(candidate * gain + offset, 0, 255))
    for backend in (NUMPY, Backend()):
        found = apply_normalization(reference, candidate, light, backend)
        assert [picture.dtype for picture in found] == [np.uint8, np.uint8]
        np.testing.assert_array_equal(found[0], shown)
        np.testing.assert_array_equal(found[1], mapped)


def test_a_reference_of_which_nothing_is_cut_stays_itself() -> None:
    reference = photo("coffee") // 2 + 60
    light = Normalization(gain=(0.8,) * 3, offset=(10.0,) * 3)
    assert apply_normalization(reference, reference, light, NUMPY)[0] is reference
    bright = np.maximum(reference, 240)
    assert int(apply_normalization(bright, bright, light, NUMPY)[0].max()) == 214


@pytest.mark.parametrize("kind", [np.uint8, np.float32])
def test_normalize_is_the_same_in_strips_and_on_the_whole(kind: type, rng: np.random.Generator) -> None:
    reference, candidate = rng.integers(0, 256, (2, 700, 401, 3)).astype(kind)
    assert len(NUMPY.strips(reference.shape)) > 1
    light = Normalization(gain=(0.8, 1.0, 1.3), offset=(9.0, 0.0, -7.0), shading=(tuple(SHADING.tolist()),) * 3)
    whole = apply_normalization(reference, candidate, light, Backend())
    for found, expected in zip(apply_normalization(reference, candidate, light, NUMPY), whole, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("shape", [(40, 30), (1, 1), (1, 50), (50, 1)])
def test_light_and_tone_of_each_channel_are_those_of_each_px(shape: tuple[int, int], rng: np.random.Generator) -> None:
    candidate = rng.uniform(40, 200, (*shape, 3)).astype(np.float32)
    shading, tone = rng.uniform(-0.05, 0.05, (3, 6)), rng.uniform(-0.1, 0.1, (3, 2))
    gain, offset = np.array([0.8, 1.0, 1.1]), np.array([9.0, 0.0, -7.0])
    light = Normalization(gain=gain.tolist(), offset=offset.tolist(), shading=shading.tolist(), tone=tone.tolist())
    v, u = (np.linspace(-1, 1, side) for side in shape)
    u, v = u[None, :, None], v[:, None, None]
    flat, x, y, xx, xy, yy = shading.T
    shade = 1 + flat + x * u + y * v + xx * u * u + xy * u * v + yy * v * v
    bent = candidate * (255 - candidate) / 255
    expected = candidate * gain * shade + offset + tone[:, 0] * bent + tone[:, 1] * bent * (candidate / 127.5 - 1)
    for backend in (NUMPY, Backend()):
        _, mapped = apply_normalization(candidate, candidate, light, backend)
        np.testing.assert_allclose(mapped, expected.clip(0, 255), atol=1e-3)  # float32 has steps of 1.5e-5 there


@pytest.mark.parametrize("vignette", [0.08, 0.15, 0.25])
def test_what_a_wall_of_one_shade_leaves_open_is_no_light(vignette: float) -> None:
    """Of few shades any gain is as good as another offset or another curve."""
    wall = np.full((HEIGHT, WIDTH, 3), (186.0, 188.0, 195.0))
    for x in (20, 115, 210):
        cv2.rectangle(wall, (x, 15), (x + 40, 55), (120, 90, 60), -1)
    v, u = np.meshgrid(np.linspace(-1, 1, HEIGHT), np.linspace(-1, 1, WIDTH), indexing="ij")
    darker = (1 - vignette * (0.64 * u * u + 0.36 * v * v))[..., None] * (1, 1.03, 0.97)
    light = fitted(seen(wall, 1.5), seen(wall * darker, 1.5, seed=1))
    assert light is not None
    assert light.gain == pytest.approx((1, 1 / 1.03, 1 / 0.97), abs=0.02)
    assert light.offset == pytest.approx((0, 0, 0), abs=2)
    assert light.shading is not None
    assert [factors[3] for factors in light.shading] == pytest.approx([0.76 * vignette] * 3, abs=0.02)


def test_what_lights_one_channel_unevenly_lights_the_others_too(rng: np.random.Generator) -> None:
    """Noise hides in the red channel alone that shading is worth it."""
    reference = photo("coffee").astype(np.float64)
    candidate = reference / (1 + 0.3 * (shade() - 1))
    noise = rng.normal(0, 1, reference.shape) * np.array([17.0, 2.0, 2.0])
    light = fitted(seen(reference, 0), seen(np.asarray(candidate + noise, np.float64), 0))
    assert light is not None
    assert light.shading is not None
    assert light.shading[0] == pytest.approx(0.3 * SHADING, abs=0.02)


def test_uneven_light_does_not_bend_the_line() -> None:
    u, v = np.linspace(-1, 1, WIDTH)[None, :, None], np.linspace(-1, 1, HEIGHT)[:, None, None]
    reference = photo("camera")
    light = fitted(reference, seen(reference / (1 - 0.15 * u - 0.075 * v), 1))
    assert light is not None
    assert light.offset == pytest.approx((0,), abs=0.5)


def test_what_another_light_explains_is_told() -> None:
    """Counted are the px that differ by more than the threshold, before both are brought into one light."""
    coffee = photo("coffee")
    bright = np.clip(coffee.astype(np.int16) + 30, 0, 255).astype(np.uint8)
    result = compare(coffee, bright)
    assert (result.status, result.regions) == ("same", ())
    (light,) = (entry for entry in result.forgiven if entry.cause == "light")
    assert result.threshold is not None
    apart = (bright.astype(np.int16) - coffee).max(axis=2)
    assert light.pixels == np.count_nonzero(apart > 255 * result.threshold) > 0.5 * apart.size


def test_light_and_compression_are_told_apart() -> None:
    coffee = photo("coffee")
    dim = np.clip(coffee * 0.8 + 5, 0, 255).astype(np.uint8)
    saved = cv2.imdecode(cv2.imencode(".jpg", dim, [cv2.IMWRITE_JPEG_QUALITY, 30])[1], cv2.IMREAD_COLOR)
    result = compare(coffee, saved)
    assert result.threshold is not None
    causes = {entry.cause: entry.pixels for entry in result.forgiven}
    by_light = np.abs(0.8 * coffee + 5 - coffee).max(axis=2) > 255 * result.threshold
    assert 0.6 * np.count_nonzero(by_light) < causes["light"] <= np.count_nonzero(by_light)


def test_what_noise_adds_to_a_faint_light_is_no_light() -> None:
    """3 levels of light are below the threshold wherever noise lifts them above it."""
    coffee = photo("coffee").astype(np.float64) * 0.8
    result = compare(seen(coffee, 3, seed=1), seen(coffee + 3, 3, seed=2))
    assert result.normalization is not None
    assert [entry.cause for entry in result.forgiven if entry.cause == "light"] == []
