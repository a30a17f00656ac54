"""Small files that are made to cost much time or memory to parse cost next to none.

Each is large enough that reading what it points to as often as it points there would not end within the suite.
"""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest

from diffspot.errors import ImageReadError
from diffspot.image_io import decode, open_picture, peek_size, read_outline
from diffspot.image_io.ifd import read_directories
from diffspot.image_io.interface import UnreadableError
from tests.made_pictures import picture, png_of, save
from tests.process import diffspot

NOWHERE = Path("picture")
ENTRIES = 60_000
SHORT, LONG, UNDEFINED = 3, 4, 7
TINY_PAGE = [(256, LONG, 1, 4), (257, LONG, 1, 4), (258, SHORT, 1, 8), (262, SHORT, 1, 1), (273, LONG, 1, 8)]
TINY_PAGE += [(277, SHORT, 1, 1), (278, LONG, 1, 4), (279, LONG, 1, 16)]
Entry = tuple[int, int, int, int]


def directory(entries: list[Entry], following: int = 0) -> bytes:
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)


def repeated_orientation() -> bytes:
    """An EXIF block of which every entry is an orientation, the first one 6, with a value as long as the block."""
    size = 8 + 6 + 12 * (ENTRIES + 1)
    entries = [(274, SHORT, 1, 6), *[(274, SHORT, (size - 8) // 2, 8)] * ENTRIES]
    return b"II*\0" + struct.pack("<I", 8) + directory(entries)


def whole_file_in_each_tag() -> bytes:
    """A page, and tags that nobody asks for, each as large as the file."""
    size = 8 + 6 + 12 * (ENTRIES + len(TINY_PAGE))
    entries = [*TINY_PAGE, *((1000 + number, UNDEFINED, size - 8, 8) for number in range(ENTRIES))]
    return b"II*\0" + struct.pack("<I", 8) + directory(entries)


def overlapping_directories() -> bytes:
    """5,000 directories of 16,000 entries each, of which each starts 14 bytes after the one before."""
    many, entries, step = 5_000, 16_000, 14
    data = bytearray(b"II*\0" + bytes(4 + 2 + 12 * entries + 4 + many * step))
    for number in range(many):
        start = 8 + number * step
        struct.pack_into("<H", data, start, entries)
        struct.pack_into("<I", data, start + 2 + 12 * entries, start + step if number + 1 < many else 0)
    struct.pack_into("<I", data, 4, 8)
    return bytes(data)


def shared_strips() -> bytes:
    """5,000 pages that share one table of 40,000 strips."""
    many, strips = 5_000, 40_000
    table = 8 + many * (6 + 12 * 4)
    entries = [(256, LONG, 1, 4), (257, LONG, 1, 4), (273, LONG, strips, table), (279, LONG, strips, table)]
    pages = [directory(entries, 8 + (6 + 12 * 4) * (number + 1)) for number in range(many)]
    pages[-1] = directory(entries)
    return b"II*\0" + struct.pack("<I", 8) + b"".join(pages) + bytes(4 * strips)


def png_with_exif(exif: bytes) -> bytes:
    header = struct.pack(">IIBBBBB", 4, 2, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\0abcd\0efgh")
    return png_of([(b"IHDR", header), (b"eXIf", exif), (b"IDAT", pixels), (b"IEND", b"")])


def webp_with_exif(exif: bytes) -> bytes:
    return save(picture(), "WEBP", exif=exif)


@pytest.mark.parametrize("wrap", [png_with_exif, webp_with_exif])
def test_orientation_repeated_without_end(wrap: object) -> None:
    data = wrap(repeated_orientation())  # type: ignore[operator]
    size = peek_size(data, NOWHERE)
    image = decode(data, NOWHERE)
    assert image.notes == ("EXIF orientation 6 applied",)
    assert image.pixels.shape[:2] == (size.width, size.height)


def test_nothing_is_read_that_nobody_asks_for() -> None:
    data = whole_file_in_each_tag()
    tracemalloc.start()
    size = peek_size(data, NOWHERE)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == (4, 4, 1, 1)
    assert peak < 20 * len(data)


def test_directories_that_overlap_are_not_read_again_and_again() -> None:
    with pytest.raises(UnreadableError, match=r"^whose directories overlap"):
        list(read_directories(overlapping_directories()))


def test_strips_that_pages_share_are_not_read_again_and_again() -> None:
    data = shared_strips()
    assert peek_size(data, NOWHERE)[:2] == (4, 4)
    with pytest.raises(ImageReadError, match=r"^picture is a TIFF whose directories overlap; save it again\.$"):
        decode(data, NOWHERE)


def test_a_tile_larger_than_the_picture() -> None:
    tiles = [(322, LONG, 1, 60_000), (323, LONG, 1, 60_000)]
    data = b"II*\0" + struct.pack("<I", 8) + directory([*TINY_PAGE[:4], *tiles])
    with pytest.raises(ImageReadError, match=r"^picture is a TIFF whose tiles are larger than the picture"):
        decode(data, NOWHERE)


def test_a_frame_that_reaches_beyond_its_canvas_counts_for_the_size() -> None:
    """Pillow widens the canvas of a GIF to its frames."""
    data = bytearray(save(picture("P"), "GIF"))
    struct.pack_into("<HH", data, data.index(b"\x2c") + 5, 60_000, 50_000)
    with pytest.raises(ImageReadError, match=r"^picture is a GIF of 60000x50000 px, more than"):
        decode(bytes(data), NOWHERE)


def test_many_chunks_and_segments_are_walked_once() -> None:
    png = png_of([(b"IHDR", struct.pack(">IIBBBBB", 2, 1, 8, 0, 0, 0, 0)), *[(b"tEXt", b"")] * 50_000])
    png += png_of([(b"IDAT", zlib.compress(b"\0\x07\x09")), (b"IEND", b"")])[8:]
    assert decode(png, NOWHERE).pixels.ravel().tolist() == [7, 9]
    assert read_outline(open_picture(png, NOWHERE)) is not None
    jpeg = save(picture(), "JPEG")
    comments = b"\xff\xfe\0\2" * 50_000
    assert np.array_equal(decode(jpeg[:2] + comments + jpeg[2:], NOWHERE).pixels, decode(jpeg, NOWHERE).pixels)


def test_pillow_says_nothing_on_the_error_stream(tmp_path: Path) -> None:
    """It warns of every odd tag of a TIFF whose pixels it decodes."""
    odd = [(1000 + number, UNDEFINED, 60_000, 8) for number in range(500)]
    four_bits = [entry for entry in TINY_PAGE if entry[0] != 258] + [(258, SHORT, 1, 4)]
    data = b"II*\0" + struct.pack("<I", 8) + directory([*four_bits, *odd])
    paths = [tmp_path / "odd.tif", tmp_path / "again.tif"]
    for path in paths:
        path.write_bytes(data.ljust(70_000, b"\0"))
    done = diffspot("compare", *paths)
    assert (done.returncode, done.stderr) == (0, "")
