"""GIF, animations included (GIF89a); Pillow decodes it."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from diffspot.image_io.interface import NO_PIXELS, TRUNCATED, Header, Size, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diffspot.image_io.interface import Decoded

NAME = "GIF"
SUFFIXES = (".gif",)

SIGNATURES = (b"GIF87a", b"GIF89a")
EXTENSION, IMAGE, END = 0x21, 0x2C, 0x3B
TABLE = 0x80
"""Bit of the flags that is set where a colour table follows; the lowest three bits give its size."""
RGBA = 4


def matches(data: bytes) -> bool:
    """Tell from the first bytes whether `data` is a GIF."""
    return data.startswith(SIGNATURES)


def read_size(data: bytes) -> Size:
    """Return the size of the canvas, or of the frames where they reach beyond it, to which Pillow widens it."""
    return _measure(data)[0]


def read_headers(data: bytes) -> list[Header]:
    """Check that every block is whole and count the frames."""
    size, frames = _measure(data)
    if not frames:
        raise UnreadableError(NO_PIXELS)
    return [Header(size)] * frames


def read_frames(data: bytes) -> Iterator[Callable[[], Decoded]]:
    """Yield what decodes each frame to grey, RGB or RGBA at 8 bits."""
    from PIL.GifImagePlugin import GifImageFile  # noqa: PLC0415 - slow to import

    from diffspot.image_io.pillow import decode_frames  # noqa: PLC0415

    yield from decode_frames(GifImageFile, data)


def _measure(data: bytes) -> tuple[Size, int]:
    """Return the size of the canvas, see `read_size`, and how many frames there are."""
    width, height = struct.unpack_from("<HH", data, 6)
    frames = 0
    for left, top, wide, high in _read_frames(data):
        width, height = max(width, left + wide), max(height, top + high)
        frames += 1
    return Size(width, height, RGBA, 1), frames


def _read_frames(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield the left, top, width and height of each frame, walking all blocks up to the end's."""
    position = 13 + _table_bytes(data[10])
    while True:
        kind = _byte(data, position)
        if kind == END:
            return
        if kind == IMAGE:
            *box, flags = struct.unpack_from("<HHHHB", data, position + 1)
            yield box[0], box[1], box[2], box[3]
            position += 11 + _table_bytes(flags)  # the descriptor, and the first code's size
        elif kind == EXTENSION:
            position += 2
        else:
            raise UnreadableError("with an unknown block, so it is damaged; copy or save it again")
        while _byte(data, position):
            position += 1 + data[position]
        position += 1


def _table_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & TABLE else 0


def _byte(data: bytes, position: int) -> int:
    if position >= len(data):
        raise UnreadableError(TRUNCATED)
    return data[position]
