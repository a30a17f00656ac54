"""WebP, lossy and lossless, animations included (RFC 9649)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import imagecodecs

from diffspot.image_io.ifd import read_orientation
from diffspot.image_io.interface import TRUNCATED, Header, Size, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diffspot.image_io.interface import Decoded

NAME = "WebP"
SUFFIXES = (".webp",)

RIFF_HEADER = 12
EXIF = b"Exif\0\0"
GATHERED = frozenset({b"EXIF", b"ICCP"})
SIDE_BITS = 0x3FFF
RGB, RGBA = 3, 4


def matches(data: bytes) -> bool:
    """Tell from the RIFF header whether `data` is a WebP."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def read_size(data: bytes) -> Size:
    """Return the size of the canvas from the first chunk; Pillow would allocate the canvas twice to tell it."""
    kind = data[12:16]
    if kind == b"VP8X":
        width, height = data[24:27], data[27:30]
        return Size(int.from_bytes(width, "little") + 1, int.from_bytes(height, "little") + 1, RGBA, 1)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", data, 21)
        return Size((bits & SIDE_BITS) + 1, (bits >> 14 & SIDE_BITS) + 1, RGBA, 1)
    width_bits, height_bits = struct.unpack_from("<HH", data, 26)
    return Size(width_bits & SIDE_BITS, height_bits & SIDE_BITS, RGB, 1)


def read_headers(data: bytes) -> list[Header]:
    """Check that every chunk is whole and gather what concerns the picture as a whole."""
    content: dict[bytes, bytes] = {}
    frames = 0
    for kind, start, stop in _read_chunks(data):
        if kind in GATHERED:
            content.setdefault(kind, data[start:stop])
        frames += kind == b"ANMF"
    exif = content.get(b"EXIF", b"").removeprefix(EXIF)
    return [Header(read_size(data), read_orientation(exif), content.get(b"ICCP", b""))] * max(frames, 1)


def read_frames(data: bytes) -> Iterator[Callable[[], Decoded]]:
    """Yield what decodes each frame to RGB or RGBA at 8 bits."""
    if not any(kind == b"ANIM" for kind, _, _ in _read_chunks(data)):
        yield lambda: (imagecodecs.webp_decode(data), [])
        return
    # Pillow lays each frame on the canvas; libwebp alone returns the bare frame.
    from PIL.WebPImagePlugin import WebPImageFile  # noqa: PLC0415 - slow to import and rare

    from diffspot.image_io.pillow import decode_frames  # noqa: PLC0415

    yield from decode_frames(WebPImageFile, data)


def _read_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield the kind of each chunk and where its content starts and stops."""
    (length,) = struct.unpack_from("<I", data, 4)
    position = RIFF_HEADER
    while position + 8 <= length + 8:
        if position + 8 > len(data):
            raise UnreadableError(TRUNCATED)
        kind, size = struct.unpack_from("<4sI", data, position)
        stop = position + 8 + size
        if stop > len(data):
            raise UnreadableError(TRUNCATED)
        yield kind, position + 8, stop
        position = stop + size % 2
