"""Windows bitmaps. Pillow decodes them all, run-length coded ones included."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from diffspot.image_io.interface import TRUNCATED, Header, UnreadableError

if TYPE_CHECKING:
    from diffspot.image_io.interface import Pixels

NAME = "BMP"
SUFFIXES = (".bmp",)

OS2_HEADER = 12


def matches(data: bytes) -> bool:
    """Tell from the file header whether `data` is a BMP."""
    return data.startswith(b"BM") and data[6:10] == b"\0\0\0\0"


def read_size(data: bytes) -> tuple[int, int]:
    """Return (width, height); a negative stored height means top row first."""
    (header_size,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if header_size == OS2_HEADER else "<ii", data, 18)
    return width, abs(height)


def read_header(data: bytes) -> Header:
    """Check the length that the file states; a BMP carries nothing else that matters here."""
    (stated_bytes,) = struct.unpack_from("<I", data, 2)
    if stated_bytes > len(data):
        raise UnreadableError(TRUNCATED)
    return Header()


def read_pixels(data: bytes) -> tuple[Pixels, list[str]]:
    """Decode to grey, RGB or RGBA at 8 bits."""
    from PIL.BmpImagePlugin import BmpImageFile  # noqa: PLC0415 - slow to import

    from diffspot.image_io.pillow import load  # noqa: PLC0415

    return load(BmpImageFile, data)
