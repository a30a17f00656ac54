"""A file that cannot be read whole is refused with one sentence, never half a picture."""

from __future__ import annotations

import gc
import struct
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diffspot.errors import ImageReadError
from diffspot.image_io import decode, peek_size
from diffspot.model import MAX_PIXELS
from tests.made_pictures import noise, picture, png_of, save, tiff

NOWHERE = Path("picture")


def run_length_bmp() -> bytes:
    """Return a 4x2 px bitmap in RLE8: 4 px of colour 1, end of line, 4 of colour 2, end."""
    palette = b"\0\0\0\0" + b"\xff\0\0\0" + b"\0\xff\0\0"
    pixels = bytes([4, 1, 0, 0, 4, 2, 0, 1])
    start = 54 + len(palette)
    info = struct.pack("<IiiHHIIiiII", 40, 4, 2, 1, 8, 1, len(pixels), 0, 0, 3, 0)
    file_header = struct.pack("<2sIHHI", b"BM", start + len(pixels), 0, 0, start)
    return file_header + info + palette + pixels


WHOLE = {
    "png": save(picture("RGB"), "PNG"),
    "png palette": save(picture("P"), "PNG"),
    "jpeg": save(picture("RGB"), "JPEG"),
    "jpeg progressive": save(picture("RGB"), "JPEG", progressive=True),
    "jpeg restarts": save(picture("RGB"), "JPEG", restart_marker_blocks=1),
    "jpeg grey": save(picture("L"), "JPEG"),
    "jpeg cmyk": save(picture("CMYK"), "JPEG"),
    "webp": save(picture("RGB"), "WEBP"),
    "webp lossless": save(picture("RGB"), "WEBP", lossless=True),
    "webp animated": save(picture(), "WEBP", save_all=True, append_images=[picture().rotate(180)]),
    "webp exif": save(picture(), "WEBP", exif=b"Exif\0\0" + bytes(60)),
    "tiff": save(picture("RGB"), "TIFF"),
    "tiff lzw": save(picture("RGB"), "TIFF", compression="tiff_lzw"),
    "tiff jpeg": save(picture("RGB"), "TIFF", compression="jpeg"),
    "tiff palette": save(picture("P"), "TIFF"),
    "tiff fax": save(picture("1"), "TIFF", compression="group4"),
    "tiff tiles": tiff(noise(3), photometric="rgb", tile=(16, 16), compression="zlib"),
    "tiff pages": tiff(np.stack([noise(3)] * 2), photometric="rgb", compression="zlib"),
    "gif": save(picture("P"), "GIF"),
    "gif animated": save(picture("P"), "GIF", save_all=True, append_images=[picture("P").rotate(180)]),
    "bmp": save(picture("RGB"), "BMP"),
    "bmp palette": save(picture("P"), "BMP"),
}


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_truncation_anywhere_is_found(data: bytes) -> None:
    whole = decode(data, NOWHERE).pixels
    step = max(1, len(data) // 150)
    cuts = {*range(1, len(data), step), *range(len(data) - 40, len(data))}
    gc.freeze()  # what earlier tests left would take its references along while this one counts
    references = sys.getrefcount(None)
    for cut in sorted(cuts):
        with pytest.raises(ImageReadError, match=r"^picture is [^\n]*\.$"):
            decode(data[:cut], NOWHERE)
    assert whole.shape[2] in {1, 3}
    # A decoder that drops a reference to None with each error would end Python 3.11 in a long run.
    assert sys.getrefcount(None) > references - len(cuts) // 2
    gc.unfreeze()


@pytest.mark.parametrize("name", ["png", "jpeg", "webp", "tiff", "gif", "bmp"])
def test_truncation_is_called_by_its_name(name: str) -> None:
    half = WHOLE[name][: len(WHOLE[name]) // 2]
    with pytest.raises(ImageReadError) as caught:
        decode(half, NOWHERE)
    words = "that ends too early; copy or save it again."
    assert str(caught.value).lower() == f"picture is a {name} {words}"


def test_run_length_bmp_and_its_truncation() -> None:
    data = run_length_bmp()
    image = decode(data, NOWHERE)
    assert image.pixels[:, 0].tolist() == [[0, 255, 0], [0, 0, 255]]
    for cut in range(1, len(data)):
        with pytest.raises(ImageReadError, match=r"^picture is "):
            decode(data[:cut], NOWHERE)


@pytest.mark.parametrize("name", ["png", "png palette"])
def test_any_flipped_byte_of_a_png_is_found(name: str) -> None:
    data = WHOLE[name]
    for position in range(0, len(data), 5):
        broken = bytearray(data)
        broken[position] ^= 0x55
        with pytest.raises(ImageReadError):
            decode(bytes(broken), NOWHERE)


def test_wrong_checksum_names_the_trouble() -> None:
    broken = bytearray(WHOLE["png"])
    broken[60] ^= 1
    with pytest.raises(ImageReadError, match=r"^picture is a PNG with a wrong checksum"):
        decode(bytes(broken), NOWHERE)


def test_png_whose_pixel_data_is_nonsense() -> None:
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" * 7)),
        (b"IEND", b""),
    ]
    with pytest.raises(ImageReadError, match=r"^picture is a damaged PNG \(.+\); copy or save"):
        decode(png_of(chunks), NOWHERE)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(
    st.sampled_from(["jpeg", "webp", "tiff", "tiff lzw", "tiff palette", "bmp palette", "png"]),
    st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_damage_never_raises_anything_else(name: str, changes: list[tuple[float, int]]) -> None:
    broken = bytearray(WHOLE[name])
    for place, value in changes:
        broken[int(place * len(broken))] = value
    with suppress(ImageReadError):
        image = decode(bytes(broken), NOWHERE)
        height, width, channels = image.pixels.shape
        assert sorted(peek_size(bytes(broken), NOWHERE)[:2]) == sorted((width, height))
        assert channels in range(1, 5)
        assert image.pixels.dtype in (np.uint8, np.uint16)


def test_damaged_profile_costs_only_the_profile() -> None:
    header = struct.pack(">IIBBBBB", 2, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0\x07\x09")
    chunks = [(b"IHDR", header), (b"iCCP", b"x\0\0bad"), (b"IDAT", pixels), (b"IEND", b"")]
    image = decode(png_of(chunks), NOWHERE)
    assert image.pixels.ravel().tolist() == [7, 9]
    assert image.notes == ("damaged colour profile not applied",)


TWO_CHANNELS = imagecodecs.jpeg8_encode(np.full((8, 8, 2), 30, np.uint8))
HEADER = (b"IHDR", struct.pack(">IIBBBBB", 2, 1, 8, 0, 0, 0, 0))
REFUSED = {
    "jpeg 2 channels": (TWO_CHANNELS, "a JPEG with 2 channels; convert it to RGB"),
    "jpeg no frame": (b"\xff\xd8\xff\xd9", "a JPEG without a size; save it again"),
    "jpeg no scan": (
        b"\xff\xd8\xff\xc0\0\x08\x08\0\x01\0\x01\x01\xff\xd8\xff\xd9",
        "a JPEG without picture data; save it again",
    ),
    "png no data": (
        png_of([HEADER, (b"IEND", b"")]),
        "a PNG without picture data; save it again",
    ),
    "png no header": (png_of([(b"CgBI", bytes(13))]), "a PNG without a size; save it again"),
    "tiff no page": (b"II*\0\0\0\0\0", "a TIFF without a size; save it again"),
}


@pytest.mark.parametrize(("data", "words"), REFUSED.values(), ids=REFUSED)
def test_files_that_lack_something_or_are_not_supported(data: bytes, words: str) -> None:
    with pytest.raises(ImageReadError) as caught:
        decode(data, NOWHERE)
    assert str(caught.value) == f"picture is {words}."


def test_picture_that_memory_cannot_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: bytes) -> None:
        raise MemoryError

    monkeypatch.setattr(imagecodecs, "png_decode", refuse)
    with pytest.raises(ImageReadError, match=r"^picture is a PNG too large for the memory"):
        decode(WHOLE["png"], NOWHERE)


def bomb(kind: str) -> bytes:
    data = bytearray(WHOLE[kind])
    side = 60000
    if kind == "png":
        header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
        return png_of([(b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")])
    if kind == "jpeg":
        struct.pack_into(">HH", data, data.index(b"\xff\xc0") + 5, side, side)
    elif kind == "bmp":
        struct.pack_into("<ii", data, 18, side, -side)
    else:
        (directory,) = struct.unpack_from("<I", data, 4)
        for entry in range(directory + 2, directory + 2 + 12 * 2, 12):
            struct.pack_into("<HII", data, entry + 2, 4, 1, side)
    return bytes(data)


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff", "bmp"])
@pytest.mark.parametrize("read", [peek_size, decode])
def test_header_that_promises_too_much(kind: str, read: Any) -> None:  # noqa: ANN401
    assert MAX_PIXELS == 500_000_000
    with pytest.raises(ImageReadError, match=r"^picture is a \w+ of 60000x60000 px, more than"):
        read(bomb(kind), NOWHERE)


def test_png_without_width() -> None:
    header = struct.pack(">IIBBBBB", 0, 4, 8, 0, 0, 0, 0)
    data = png_of([(b"IHDR", header), (b"IDAT", b""), (b"IEND", b"")])
    with pytest.raises(ImageReadError, match=r"^picture is a PNG of 0x4 px; save it again\.$"):
        decode(data, NOWHERE)


UNSUPPORTED = {
    "float": (np.float32, "with floating-point samples; convert it to 8 or 16 bits"),
    "signed": (np.int16, "with signed samples; convert it to 8 or 16 bits"),
    "32-bit": (
        np.uint32,
        "of an unsupported kind (32-bit samples); convert it to RGB at 8 or 16 bits",
    ),
}


@pytest.mark.parametrize(("dtype", "words"), UNSUPPORTED.values(), ids=UNSUPPORTED)
def test_samples_that_are_not_supported(dtype: type[np.generic], words: str) -> None:
    data = tiff(np.zeros((4, 5), dtype), photometric="minisblack")
    with pytest.raises(ImageReadError) as caught:
        decode(data, NOWHERE)
    assert str(caught.value) == f"picture is a TIFF {words}."


def test_tiff_whose_directories_run_in_a_circle() -> None:
    data = bytearray(WHOLE["tiff"])
    (directory,) = struct.unpack_from("<I", data, 4)
    (entries,) = struct.unpack_from("<H", data, directory)
    struct.pack_into("<I", data, directory + 2 + 12 * entries, directory)
    with pytest.raises(ImageReadError, match="circle"):
        decode(bytes(data), NOWHERE)
