"""A file that cannot be read whole is refused with one sentence, never half a picture."""

from __future__ import annotations

import struct
import sys
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_pictures import noise, picture, png_of, save, tiff

from diffspot.errors import ImageReadError
from diffspot.image_io import MAX_PIXELS, decode, peek_size, read_bytes, read_image

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
    "webp animated": save("RGB", "WEBP", save_all=True, append_images=[picture().rotate(180)]),
    "tiff": save(picture("RGB"), "TIFF"),
    "tiff lzw": save(picture("RGB"), "TIFF", compression="tiff_lzw"),
    "tiff jpeg": save(picture("RGB"), "TIFF", compression="jpeg"),
    "tiff palette": save(picture("P"), "TIFF"),
    "tiff fax": save(picture("1"), "TIFF", compression="group4"),
    "tiff tiles": tiff(noise(3), photometric="rgb", tile=(16, 16), compression="zlib"),
    "bmp": save(picture("RGB"), "BMP"),
    "bmp palette": save(picture("P"), "BMP"),
}


@pytest.mark.parametrize("data", WHOLE.values(), ids=WHOLE)
def test_truncation_anywhere_is_found(data: bytes) -> None:
    whole = decode(data, NOWHERE).pixels
    step = max(1, len(data) // 150)
    cuts = {*range(1, len(data), step), *range(len(data) - 40, len(data))}
    references = sys.getrefcount(None)
    for cut in sorted(cuts):
        with pytest.raises(ImageReadError, match=r"^picture is [^\n]*\.$"):
            decode(data[:cut], NOWHERE)
    assert whole.shape[2] in {1, 3}
    # A decoder that drops a reference to None with each error would end Python 3.11 in a long run.
    assert sys.getrefcount(None) > references - len(cuts) // 2


def test_run_length_bmp_and_its_truncation() -> None:
    data = run_length_bmp()
    image = decode(data, NOWHERE)
    assert image.pixels[:, 0].tolist() == [[0, 255, 0], [0, 0, 255]]
    for cut in range(1, len(data) - 3):
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
        assert sorted(peek_size(bytes(broken), NOWHERE)) == sorted((width, height))
        assert channels in range(1, 5)
        assert image.pixels.dtype in (np.uint8, np.uint16)


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
    assert MAX_PIXELS == 2**29
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
    "32-bit": (np.uint32, "with 32-bit samples; convert it to 8 or 16 bits RGB"),
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


@pytest.mark.parametrize(
    "content", [b"just a line of text\n", b"\x89PN", b"GIF89a" + bytes(20), b"BMW is no bitmap"]
)
def test_not_a_picture(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "text.png"
    path.write_bytes(content)
    with pytest.raises(ImageReadError) as caught:
        read_image(path)
    expected = "is not a PNG, JPEG, WebP, TIFF or BMP picture; convert it or leave it out."
    assert str(caught.value) == f"{path} {expected}"


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    empty = tmp_path / "empty.png"
    empty.touch()
    for path, words in [
        (tmp_path / "none.png", "does not exist; check the name."),
        (tmp_path, "is a directory; name a picture file."),
        (empty, "is empty (zero bytes); copy or save it again."),
        (empty / "x.png", "cannot be read (Not a directory); check name and disk."),
        (Path("a\0b"), "cannot be read (embedded null byte); check name and disk."),
    ]:
        with pytest.raises(ImageReadError) as caught:
            read_bytes(path)
        assert str(caught.value) == f"{path} {words}"


def test_file_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(ImageReadError, match=r"may not be read; check its permissions\.$"):
        read_bytes(tmp_path / "locked.png")


def test_read_bytes_returns_the_content(tmp_path: Path) -> None:
    path = tmp_path / "äöü.png"
    path.write_bytes(WHOLE["png"])
    assert read_bytes(path) == WHOLE["png"]
