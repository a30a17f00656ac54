"""What a JPEG says of its compression is what its encoder was told."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
import PIL.Image
import pytest

from diffspot.image_io import decode
from diffspot.image_io.jpeg_coding import read_compression
from tests.made_pictures import picture

if TYPE_CHECKING:
    from diffspot.model import Compression

SOURCE = picture().resize((96, 64))
ROWS, COLUMNS = np.indices((8, 8))
LUMINANCE = tuple((3 + 2 * ROWS + 5 * COLUMNS).ravel().tolist())
COLOURS = tuple((7 + 3 * ROWS + 4 * COLUMNS).ravel().tolist())


def saved(source: PIL.Image.Image, **settings: object) -> Compression | None:
    file = io.BytesIO()
    source.save(file, "JPEG", **settings)
    return decode(file.getvalue(), Path("picture.jpg")).compression


@pytest.mark.parametrize(("number", "sampling"), [(0, (1, 1)), (1, (1, 2)), (2, (2, 2))])
@pytest.mark.parametrize("progressive", [False, True])
def test_tables_and_sampling_are_those_that_it_was_saved_with(
    number: int, sampling: tuple[int, int], *, progressive: bool
) -> None:
    tables = [list(LUMINANCE), list(COLOURS)]
    found = saved(SOURCE, qtables=tables, subsampling=number, progressive=progressive)
    assert found == (LUMINANCE, COLOURS, sampling)


def test_one_colour_may_belong_to_px_of_one_column() -> None:
    file = imagecodecs.jpeg8_encode(np.asarray(SOURCE), level=75, subsampling="440")
    found = decode(file, Path("picture.jpg")).compression
    assert found is not None
    assert found.sampling == (2, 1)
    assert found[:2] == (saved(SOURCE, quality=75) or ())[:2]


def test_grey_pictures_have_one_table() -> None:
    assert saved(SOURCE.convert("L"), qtables=[list(LUMINANCE)]) == (LUMINANCE, LUMINANCE, (1, 1))


def test_what_is_not_in_luminance_and_colours_or_was_turned_says_nothing() -> None:
    turned = PIL.Image.Exif()
    turned[0x0112] = 6
    assert saved(SOURCE, exif=turned) is None
    assert saved(SOURCE, keep_rgb=True) is None
    assert saved(SOURCE.convert("CMYK")) is None
    file = io.BytesIO()
    SOURCE.save(file, "PNG")
    assert decode(file.getvalue(), Path("picture.png")).compression is None


FRAME = struct.pack(">BHHB", 8, 64, 96, 3) + bytes([1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1])
LINE = bytes(range(1, 65))


@pytest.mark.parametrize(
    ("tables", "frame"),
    [
        (b"\0" + LINE + b"\1" + LINE[:-1], FRAME),  # ends too early
        (b"\0" + LINE + b"\1" + LINE[:-1] + b"\0", FRAME),  # a step of zero
        (b"\0" + LINE, FRAME),  # none for colours
        (b"", b""),
        (b"\0" + LINE + b"\1" + LINE, b""),
        (b"\0" + LINE + b"\1" + LINE, FRAME[:-1]),
        (b"\0" + LINE + b"\1" + LINE, FRAME[:-3]),
        (b"\0" + LINE + b"\1" + LINE, FRAME.replace(b"\x22", b"\x41")),  # four px have one colour
        (b"\0" + LINE + b"\1" + LINE[::-1], FRAME[:-1] + b"\0"),  # colours of two tables
    ],
)
def test_nothing_is_said_where_the_file_contradicts_itself_or_is_unusual(tables: bytes, frame: bytes) -> None:
    assert read_compression([(0xDB, tables), (0xC0, frame)]) is None


def test_steps_of_two_bytes_are_passed_over_and_tables_may_come_after_the_frame() -> None:
    wide = b"\x12" + b"\0\1" * 64
    found = read_compression([(0xC1, FRAME), (0xDB, wide + b"\0" + LINE), (0xDB, b"\1" + LINE)])
    assert found is not None
    assert sorted(found.luminance) == list(range(1, 65))
    assert found.luminance[:3] == (1, 2, 6)  # T.81, figure A.6
    assert found.luminance[8:10] == (3, 5)
    assert read_compression([(0xC1, FRAME), (0xDB, b"\x10" + wide[1:]), (0xDB, b"\1" + LINE)]) is None
