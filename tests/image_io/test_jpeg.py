"""A JPEG that its decoder calls damaged is refused; whole ones of every kind are not."""

from __future__ import annotations

import struct
from pathlib import Path

import imagecodecs
import numpy as np
import PIL.Image
import pytest
import simplejpeg
from numpy.testing import assert_array_equal

from diffspot.errors import ImageReadError
from diffspot.image_io import decode, peek_size
from tests.made_pictures import noise, picture, pillow, save

NOWHERE = Path("picture.jpg")
END = b"\xff\xd9"
SOURCE = picture().resize((96, 64))
WHOLE = {
    "baseline": save(SOURCE, "JPEG"),
    "progressive": save(SOURCE, "JPEG", progressive=True),
    "restarts": save(SOURCE, "JPEG", restart_marker_blocks=4),
    "grey": save(SOURCE.convert("L"), "JPEG"),
    "cmyk": save(SOURCE.convert("CMYK"), "JPEG"),
}


def start_of_scan(data: bytes) -> int:
    return data.index(b"\xff\xda") + 14


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_half_of_the_data_with_an_end_marker_is_damage(data: bytes) -> None:
    middle = (start_of_scan(data) + len(data)) // 2
    with pytest.raises(ImageReadError, match=r"^picture\.jpg is a damaged JPEG \(.+\); copy or save it again\.$"):
        decode(data[:middle] + END, NOWHERE)


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_zeroed_stretches_of_the_data_are_found_more_often_than_not(data: bytes) -> None:
    """Without a checksum, what still decodes to the right number of blocks is not seen."""
    starts = range(start_of_scan(data), len(data) - 100, 50)
    found = [is_refused(data[:start] + bytes(30) + data[start + 30 :]) for start in starts]
    assert sum(found) > len(found) / 2
    assert len(found) > 10


def is_refused(data: bytes) -> bool:
    try:
        decode(data, NOWHERE)
    except ImageReadError as error:
        return "is a damaged JPEG (" in str(error)
    return False


def with_revision(data: bytes) -> bytes:
    return data.replace(b"JFIF\0\1\1", b"JFIF\0\7\1")


HARMLESS = {
    "bytes after the end": lambda data: data + b"trailing" * 1000,
    "zeros before the end": lambda data: data.removesuffix(END) + bytes(40) + END,
    "fill bytes before the end": lambda data: data.removesuffix(END) + b"\xff" * 40 + END,
    "unknown revision": with_revision,
}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
def test_what_does_not_touch_the_picture_data_is_no_damage(change: object) -> None:
    data = WHOLE["baseline"]
    changed = change(data)  # type: ignore[operator]
    assert changed != data
    assert_array_equal(decode(changed, NOWHERE).pixels, decode(data, NOWHERE).pixels)


def test_bytes_left_over_before_the_end_are_damage() -> None:
    left_over = WHOLE["baseline"].removesuffix(END) + b"\x31\x41" * 20 + END
    with pytest.raises(ImageReadError, match="extraneous bytes before marker 0xd9"):
        decode(left_over, NOWHERE)


def test_a_revision_that_is_not_known_hides_no_missing_end() -> None:
    changed = with_revision(WHOLE["baseline"])
    with pytest.raises(ImageReadError, match="is a JPEG that ends too early"):
        decode(changed[:-2], NOWHERE)


def test_second_pictures_of_a_camera_are_left_alone() -> None:
    data = save(SOURCE, "MPO", save_all=True, append_images=[SOURCE.rotate(180)])
    assert_array_equal(decode(data, NOWHERE).pixels, pillow(WHOLE["baseline"], "RGB"))


def test_twelve_bits_fill_sixteen() -> None:
    samples = np.full((16, 16), 3000, np.uint16)
    samples[:, 8:] = 4095
    data = imagecodecs.jpeg8_encode(samples, level=100, bitspersample=12)
    image = decode(data, NOWHERE)
    assert image.notes == ("12-bit samples expanded to 16 bits",)
    assert peek_size(data, NOWHERE) == (16, 16, 1, 2)
    assert image.pixels.dtype == np.uint16
    assert_array_equal(image.pixels[..., 0] >> 4, samples)
    assert image.pixels.max() == 65535
    with pytest.raises(ImageReadError, match="is a JPEG that ends too early"):
        decode(data[:-2], NOWHERE)


def test_lossless_ones_are_exact() -> None:
    pixels = noise(3)
    assert_array_equal(decode(imagecodecs.jpeg8_encode(pixels, lossless=True), NOWHERE).pixels, pixels)


def test_subsampling_that_simplejpeg_does_not_know() -> None:
    """Of a medium grey, every block of every channel takes two zero bits, so the frame may be rewritten."""
    data = bytearray(save(PIL.Image.new("RGB", (48, 48), (128,) * 3), "JPEG", subsampling=0, optimize=True))
    frame = data.index(b"\xff\xc0")
    struct.pack_into(">HH", data, frame + 5, 56, 72)
    data[frame + 11] = 0x31  # three blocks of luma to one of each chroma
    with pytest.raises(ValueError, match="subsampling"):
        simplejpeg.decode_jpeg(data)
    assert_array_equal(decode(bytes(data), NOWHERE).pixels, np.full((56, 72, 3), 128))
