"""Pictures of different kinds are brought into one form, and said so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import pytest

from diffspot import compare
from diffspot.model import Image
from diffspot.pipeline.preparation import common_form, eight_bits, in_brightness, in_full_range, luminance, to_levels

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


def picture(*pixels: tuple[int, ...], dtype: DTypeLike = np.uint8) -> Image:
    """One row of pixels."""
    return Image(np.array([pixels], dtype))


def forms(reference: Image, candidate: Image) -> tuple[list[Any], list[Any], tuple[str, ...]]:
    """`common_form` as lists of pixels."""
    form = common_form(reference, candidate)
    assert form.reference.dtype == form.candidate.dtype
    return form.reference[0].tolist(), form.candidate[0].tolist(), form.notes


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("pixels", [((7,), (0,)), ((1, 2, 3), (250, 0, 9))], ids=["grey", "colour"])
def test_one_form_is_left_alone(pixels: tuple[tuple[int, ...], ...], dtype: DTypeLike) -> None:
    given = picture(*pixels, dtype=dtype)
    expected = [list(pixel) for pixel in pixels]
    assert forms(given, given) == (expected, expected, ())
    assert common_form(given, given)[0].dtype == dtype


def test_grey_beside_colour_gets_three_equal_channels() -> None:
    grey, colour = picture((9,), (200,)), picture((1, 2, 3), (4, 5, 6))
    notes = ("grey was compared as colour",)
    assert forms(grey, colour) == ([[9, 9, 9], [200, 200, 200]], [[1, 2, 3], [4, 5, 6]], notes)
    assert forms(colour, grey) == ([[1, 2, 3], [4, 5, 6]], [[9, 9, 9], [200, 200, 200]], notes)


def test_eight_bits_beside_sixteen_are_widened_end_to_end() -> None:
    narrow, wide = picture((0,), (1,), (255,)), picture((0,), (300,), (65535,), dtype=np.uint16)
    assert forms(narrow, wide) == ([[0], [257], [65535]], [[0], [300], [65535]], ("8 bits were widened to 16",))


def test_depth_and_colours_at_once() -> None:
    first, second, notes = forms(picture((2,)), picture((1, 2, 3), dtype=np.uint16))
    assert (first, second) == ([[514, 514, 514]], [[1, 2, 3]])
    assert notes == ("8 bits were widened to 16", "grey was compared as colour")


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_opaque_alpha_is_dropped(dtype: DTypeLike) -> None:
    full = int(np.iinfo(dtype).max)
    assert forms(picture((7, full), dtype=dtype), picture((8,), dtype=dtype)) == ([[7]], [[8]], ())
    both = picture((1, 2, 3, full), dtype=dtype)
    assert forms(both, both) == ([[1, 2, 3]], [[1, 2, 3]], ())


def test_colours_are_multiplied_by_alpha_and_rounded() -> None:
    reference = picture((255, 200, 3, 128), (255, 200, 1, 127), (90, 80, 70, 0), (1, 2, 3, 255))
    candidate = picture((255, 200, 3), (255, 200, 1), (90, 80, 70), (1, 2, 3))
    first, second, notes = forms(reference, candidate)
    # 200 * 128 / 255 = 100.39, 3 * 128 / 255 = 1.51; 200 * 127 / 255 = 99.61, 1 * 127 / 255 = 0.498
    assert first == [[128, 100, 2, 128], [127, 100, 0, 127], [0, 0, 0, 0], [1, 2, 3, 255]]
    assert second == [[255, 200, 3, 255], [255, 200, 1, 255], [90, 80, 70, 255], [1, 2, 3, 255]]
    assert notes == ("alpha was compared, and colours as far as it lets them show",)


def test_sixteen_bit_alpha_does_not_overflow() -> None:
    first, second, _ = forms(picture((65535, 65535), (40000, 32768), dtype=np.uint16), picture((200,), (100,)))
    # 40000 * 32768 / 65535 = 20000.3
    assert first == [[65535, 65535], [20000, 32768]]
    assert second == [[200 * 257, 65535], [100 * 257, 65535]]


def test_grey_with_alpha_beside_colour() -> None:
    assert forms(picture((200, 51)), picture((1, 2, 3)))[:2] == ([[40, 40, 40, 51]], [[1, 2, 3, 255]])


def test_what_is_hidden_does_not_count() -> None:
    first, second, _ = forms(picture((9, 9, 9, 0)), picture((200, 0, 50, 0)))
    assert first == second


def test_notes_say_whose_they_are_and_come_first() -> None:
    pixels = np.zeros((1, 1, 1), np.uint8)
    wide = Image(pixels.astype(np.uint16), ("EXIF orientation 6 applied",))
    assert common_form(Image(pixels, ("palette",)), wide)[2] == (
        "reference: palette",
        "candidate: EXIF orientation 6 applied",
        "8 bits were widened to 16",
    )


def test_inputs_are_not_written_to() -> None:
    reference, candidate = picture((200, 100)), picture((1, 2, 3), dtype=np.uint16)
    before = reference.pixels.copy(), candidate.pixels.copy()
    common_form(reference, candidate)
    assert np.array_equal(reference.pixels, before[0])
    assert np.array_equal(candidate.pixels, before[1])


def test_levels_keep_the_finer_steps_of_sixteen_bits() -> None:
    samples = np.array([[[0], [1], [257], [65535]]], np.uint16)
    levels = to_levels(samples)
    assert levels.dtype == np.float32
    assert levels.ravel().tolist() == pytest.approx([0, 1 / 257, 1, 255])
    assert len(np.unique(to_levels(np.arange(65536, dtype=np.uint16).reshape(1, -1, 1)))) == 65536


def test_levels_of_eight_bits_are_the_samples() -> None:
    samples = np.arange(256, dtype=np.uint8).reshape(1, -1, 1)
    assert to_levels(samples).dtype == np.uint8
    assert np.array_equal(to_levels(samples), samples)


@pytest.mark.parametrize(
    ("pixel", "dtype", "expected"),
    [
        ((7,), np.uint8, [7]),
        ((7, 99), np.uint8, [7]),
        ((1, 2, 3), np.uint8, [1, 2, 3]),
        ((1, 2, 3, 99), np.uint8, [1, 2, 3]),
        ((0x12FF,), np.uint16, [0x12]),
        ((0xFFFF, 0x0100, 0x00FF, 5), np.uint16, [255, 1, 0]),
    ],
)
def test_eight_bits(pixel: tuple[int, ...], dtype: DTypeLike, expected: list[int]) -> None:
    shown = eight_bits(picture(pixel, dtype=dtype).pixels)
    assert shown.dtype == np.uint8
    assert shown.flags.c_contiguous
    assert shown[0, 0].tolist() == expected


@pytest.mark.parametrize(
    ("pixel", "expected"), [((77,), 77), ((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29), ((9, 9, 9), 9)]
)
def test_luminance(pixel: tuple[int, ...], expected: int) -> None:
    plane: NDArray[np.uint8] = luminance(np.array([[pixel]], np.uint8))
    assert plane.tolist() == [[expected]]


@pytest.mark.parametrize(("largest", "bits"), [(200, 8), (256, 10), (1023, 10), (4095, 12), (4096, 14), (16383, 14)])
def test_samples_of_fewer_bits_are_scaled_by_the_larger_of_the_two(largest: int, bits: int) -> None:
    form = common_form(picture((0,), (3,), dtype=np.uint16), picture((1,), (largest,), dtype=np.uint16))
    factor = 2 ** (16 - bits)
    for given in (form, form._replace(reference=form.candidate, candidate=form.reference)):
        full = in_full_range(given)
        assert (full.reference == given.reference * factor).all()
        assert (full.candidate == given.candidate * factor).all()
        assert full.reference.dtype == np.uint16
        assert (full.notes, full.step) == ((f"{bits}-bit samples were scaled to 16",), 1 / (2**bits - 1))


@pytest.mark.parametrize(
    ("reference", "candidate"),
    [
        (picture((4095,), dtype=np.uint16), picture((16384,), dtype=np.uint16)),
        (picture((4095,), dtype=np.uint16), picture((3,))),
        (picture((257 * 9,), dtype=np.uint16), picture((257 * 8,), dtype=np.uint16)),
        (picture((7, 9), dtype=np.uint16), picture((8, 65535), dtype=np.uint16)),
        (picture((7,)), picture((9,))),
    ],
    ids=["one uses all bits", "beside 8 bits", "dark 8 bits widened", "alpha", "8 bits"],
)
def test_other_samples_keep_their_range(reference: Image, candidate: Image) -> None:
    form = common_form(reference, candidate)
    assert in_full_range(form) is form


COLOURS = np.random.default_rng(5).integers(0, 256, (40, 50, 3), np.uint8)
GREYS = COLOURS[..., :1]


@pytest.mark.parametrize("grey", [GREYS, np.repeat(GREYS, 3, axis=2)], ids=["one channel", "three equal channels"])
@pytest.mark.parametrize("depth", [1, 257])
@pytest.mark.parametrize("grey_first", [True, False])
def test_a_colour_photo_beside_a_grey_one_is_compared_by_its_brightness(
    grey: NDArray[np.uint8], depth: int, *, grey_first: bool
) -> None:
    dtype = np.uint8 if depth == 1 else np.uint16
    images = [Image(each.astype(dtype) * dtype(depth)) for each in (grey, COLOURS)]
    form = in_brightness(common_form(*(images if grey_first else images[::-1])))
    first, second = (form.reference, form.candidate) if grey_first else (form.candidate, form.reference)
    assert first.shape == second.shape == (40, 50, 1)
    assert np.array_equal(first, GREYS.astype(dtype) * depth)
    # The full-range luma of BT.601, to the rounding of its factors to 14 bits or so.
    luma = COLOURS @ np.array([0.299, 0.587, 0.114]) * depth
    assert np.abs(second[..., 0] - luma).max() <= 0.5 + 0.01 * depth
    assert form.notes == ("colour was compared with grey by its brightness",)


def test_colours_in_places_only_are_content() -> None:
    spot = np.repeat(GREYS, 3, axis=2)
    spot[5:15, 5:20] = (200, 30, 40)
    form = common_form(Image(GREYS), Image(spot))
    assert in_brightness(form) is form
    both = common_form(Image(COLOURS), Image(COLOURS[::-1].copy()))
    assert in_brightness(both) is both


def test_grey_but_for_one_pixel_is_colour() -> None:
    nearly = np.repeat(GREYS, 3, axis=2)
    nearly[17, 23] = (9, 10, 9)
    form = common_form(Image(nearly), Image(COLOURS))
    assert in_brightness(form) is form


def test_translucent_pictures_keep_their_colours() -> None:
    cover = np.full((40, 50, 1), 90, np.uint8)
    form = common_form(Image(np.dstack([COLOURS, cover])), Image(np.dstack([GREYS, GREYS, GREYS, cover])))
    assert in_brightness(form) is form


@pytest.mark.parametrize("grey_first", [True, False])
def test_colour_that_is_not_compared_is_counted(*, grey_first: bool) -> None:
    """Nothing is forgiven silently: whoever fails on what is forgiven fails on a photo that lost its colour."""
    rng = np.random.default_rng(7)
    scene = cv2.GaussianBlur(rng.uniform(0, 255, (200, 240, 3)).astype(np.float32), (0, 0), 6)
    scene = cv2.normalize(scene, None, 0, 255, cv2.NORM_MINMAX)  # type: ignore[call-overload]
    first, second = (np.asarray(scene + rng.normal(0, 2, scene.shape)).clip(0, 255).astype(np.uint8) for _ in range(2))
    pictures = first, cv2.cvtColor(second, cv2.COLOR_RGB2GRAY)
    result = compare(*(pictures[::-1] if grey_first else pictures), ignore=[(0, 0, 240, 50)])
    assert result.status == "same"
    (light,) = result.forgiven
    assert light.cause == "light"
    assert 0.9 * 240 * 150 < light.pixels <= 240 * 150
    assert compare(*pictures, normalize="none").status == "different"
