"""Pictures of different kinds are brought into one form, and said so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from diffspot.model import Image
from diffspot.pipeline.preparation import common_form, eight_bits, in_depth_of, in_used_depth, luminance, to_levels

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray


def picture(*pixels: tuple[int, ...], dtype: DTypeLike = np.uint8) -> Image:
    """One row of pixels."""
    return Image(np.array([pixels], dtype))


def forms(reference: Image, candidate: Image) -> tuple[list[Any], list[Any], tuple[str, ...]]:
    """`common_form` as lists of pixels."""
    first, second, notes, *_ = common_form(reference, candidate)
    assert first.dtype == second.dtype
    return first[0].tolist(), second[0].tolist(), notes


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


@pytest.mark.parametrize(("brightest", "bits"), [(255, 8), (256, 10), (4095, 12), (4096, 14), (16384, 16)])
def test_the_bits_that_sixteen_bit_pictures_use_are_their_range(brightest: int, bits: int) -> None:
    samples = np.array([[[0], [1], [brightest]]], np.uint16)
    pair = in_used_depth(common_form(Image(samples), Image(samples // 2)))
    full = (1 << bits) - 1
    assert pair.reference.ravel().tolist() == [(sample * 65535 + full // 2) // full for sample in (0, 1, brightest)]
    assert pair.step == 1 / full
    assert pair.widened == 65535 / full
    assert pair.notes == ((f"{bits} of 16 bits are used; their range was compared",) if bits < 16 else ())


def test_other_pictures_have_the_range_of_their_samples() -> None:
    dark, wide = picture((9,)), picture((9,), dtype=np.uint16)
    covered = picture((9, 9), dtype=np.uint16)
    for pair in (common_form(dark, dark), common_form(dark, wide), common_form(covered, covered)):
        assert in_used_depth(pair) is pair


def test_a_spread_has_the_range_of_its_pair() -> None:
    samples, spread = np.full((1, 2, 1), 4000, np.uint16), np.array([[2, 200]], np.uint8)
    pair = in_used_depth(common_form(Image(samples), Image(samples)))
    levels = in_depth_of(pair, spread)
    assert levels is not None
    assert levels.tolist() == [[33, 255]]  # 16.004 times as many
    assert in_depth_of(pair, None) is None
