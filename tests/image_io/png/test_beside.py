"""A PNG that is decoded beside another one gives the pixels that libpng makes of it."""

from __future__ import annotations

import zlib
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from diffspot.errors import ImageReadError
from diffspot.image_io import decode_both, open_picture
from diffspot.image_io.png.beside import Beside, unfilter_beside
from diffspot.image_io.png.scanlines import Frame, inflate, unfilter_all
from tests.image_io.png.test_scanlines import SAMPLES, line_lengths, png, raw_lines

GREY, RGB, GREY_ALPHA, RGBA = 0, 2, 4, 6


def beside(first: bytes, second: bytes) -> np.ndarray:
    both = Beside()
    both.first(first)
    return np.asarray(both.second(second))


def assert_as_libpng(first: bytes, second: bytes) -> None:
    expected = imagecodecs.png_decode(second)
    found = beside(first, second)
    assert found.dtype == expected.dtype
    assert_array_equal(found.reshape(expected.shape), expected)
    assert found.flags.c_contiguous


def lines_of(frame: Frame, filters: list[int], seed: int) -> np.ndarray:
    return np.frombuffer(raw_lines(frame, filters, seed), np.uint8).reshape(frame.height, -1).copy()


def packed(frame: Frame, lines: np.ndarray) -> bytes:
    return png(frame._replace(height=len(lines)), zlib.compress(lines.tobytes()))


@settings(derandomize=True, deadline=None, max_examples=200)
@given(st.data())
def test_any_lines_in_common(data: st.DataObject) -> None:
    colour = data.draw(st.sampled_from([GREY, RGB, GREY_ALPHA, RGBA]))
    frame = Frame(data.draw(st.integers(1, 9)), data.draw(st.integers(1, 60)), 8, colour, 0, 0, 0)
    filters = data.draw(st.lists(st.integers(0, data.draw(st.sampled_from([2, 4]))), min_size=1, max_size=9))
    first = lines_of(frame, filters, data.draw(st.integers(0, 99)))
    first[data.draw(st.integers(0, 60)) :: 2, 1:] = 0  # so that what changed above shows below
    second = first.copy()
    for line in data.draw(st.lists(st.integers(0, frame.height - 1), max_size=3)):
        second[line, data.draw(st.integers(1, second.shape[1] - 1))] ^= data.draw(st.integers(1, 255))
    second[data.draw(st.integers(0, frame.height)) :, 0] = data.draw(st.sampled_from(filters))
    longer = lines_of(frame, filters, 7)[: data.draw(st.integers(0, 5))]
    assert_as_libpng(packed(frame, first), packed(frame, np.concatenate([second, longer])))
    assert_as_libpng(packed(frame, np.concatenate([first, longer])), packed(frame, second))


@pytest.mark.parametrize("colour", [GREY, RGB, GREY_ALPHA, RGBA])
@pytest.mark.parametrize("filters", [[0], [1], [2], [3], [4]])
def test_a_change_reaches_as_far_down_as_the_filter_carries_it(colour: int, filters: list[int]) -> None:
    frame = Frame(6, 40, 8, colour, 0, 0, 0)
    first = lines_of(frame, filters, 3)
    second = first.copy()
    second[10, 1 : 1 + SAMPLES[colour]] ^= 90
    second[25, 5] ^= 3
    assert (
        unfilter_beside(*(inflate_all(frame, lines) for lines in (second, first)), pixels_of(frame, first)) is not None
    )
    assert_as_libpng(packed(frame, first), packed(frame, second))


def inflate_all(frame: Frame, lines: np.ndarray):  # noqa: ANN201
    found = inflate(packed(frame, lines))
    assert found is not None
    return found


def pixels_of(frame: Frame, lines: np.ndarray) -> np.ndarray:
    return np.asarray(unfilter_all(inflate_all(frame, lines)))


def test_lines_that_are_alike_are_taken_from_the_other_picture() -> None:
    frame = Frame(6, 40, 8, RGB, 0, 0, 0)
    first = lines_of(frame, [1], 3)
    second = first.copy()
    second[10, 1] ^= 90
    other = pixels_of(frame, first)
    other[30] = 77
    found = unfilter_beside(inflate_all(frame, second), inflate_all(frame, first), other)
    assert found is not None
    assert (found[30] == 77).all()
    assert_array_equal(found[10], pixels_of(frame, second)[10])


def test_pictures_with_few_lines_in_common_are_decoded_at_once() -> None:
    frame = Frame(6, 40, 8, RGB, 0, 0, 0)
    first, second = (lines_of(frame, [4], seed) for seed in (3, 4))
    assert unfilter_beside(inflate_all(frame, second), inflate_all(frame, first), pixels_of(frame, first)) is None


@pytest.mark.parametrize(
    "other",
    [
        Frame(7, 40, 8, RGB, 0, 0, 0),
        Frame(6, 40, 16, RGB, 0, 0, 0),
        Frame(6, 40, 8, RGBA, 0, 0, 0),
        Frame(6, 40, 8, 3, 0, 0, 0),
        Frame(6, 40, 8, RGB, 0, 0, 1),
    ],
)
def test_other_kinds_beside_each_other(other: Frame) -> None:
    frame = Frame(6, 40, 8, RGB, 0, 0, 0)
    one = png(frame, zlib.compress(raw_lines(frame, [4, 2])))
    two = png(other, zlib.compress(raw_lines(other, [4, 2])))
    assert line_lengths(other)
    for first, second in ((one, two), (two, one), (two, two)):
        assert_as_libpng(first, second)


def test_both_pictures_are_read_and_the_damaged_one_is_named() -> None:
    frame = Frame(6, 40, 8, RGB, 0, 0, 0)
    first = lines_of(frame, [4, 1, 0], 3)
    second = first.copy()
    second[10, 1] ^= 90
    damaged = second.copy()
    damaged[12, 0] = 9  # no such filter
    one, two, bad = (packed(frame, lines) for lines in (first, second, damaged))
    opened = [open_picture(data, Path(f"{name}.png")) for data, name in ((one, "one"), (two, "two"), (bad, "bad"))]
    found = [decode() for decode in decode_both(*opened[:2])]
    for image, data in zip(found, (one, two), strict=True):
        assert_array_equal(image.pixels, imagecodecs.png_decode(data))
    good, spoilt = decode_both(opened[0], opened[2])
    assert_array_equal(good().pixels, imagecodecs.png_decode(one))
    with pytest.raises(ImageReadError, match=r"bad\.png is a damaged PNG"):
        spoilt()
