"""JPEG XL (ISO/IEC 18181), still pictures; libjxl decodes it and turns it upright."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

import imagecodecs
import numpy as np

from diffspot.image_io.interface import NO_PIXELS, TRUNCATED, Header, Size, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diffspot.image_io.interface import Decoded, Pixels

NAME = "JPEG XL"
SUFFIXES = (".jxl",)

CODESTREAM, CONTAINER = b"\xff\x0a", b"\0\0\0\x0cJXL \x0d\x0a\x87\x0a"
WHOLE, PART, PART_HEADER = b"jxlc", b"jxlp", 4
"""Boxes with the codestream, and the bytes that number a part."""
SIDE_BITS = (9, 13, 18, 30)
RATIOS = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))
"""Ratios of width and height by their number in the file, from 1."""
MOST_CHANNELS = 4


def matches(data: bytes) -> bool:
    """Tell from the first bytes whether `data` is a bare codestream or a container of one."""
    return data.startswith((CODESTREAM, CONTAINER))


def read_size(data: bytes) -> Size:
    """Return the size from the first bits of the codestream (18181-1, SizeHeader); channels and depth at most."""
    bits = _Bits(_codestream(data)[len(CODESTREAM) :])
    small = bits.take(1)
    height = _side(bits, small=small)
    ratio = bits.take(3)
    if not ratio:
        return Size(_side(bits, small=small), height, MOST_CHANNELS, 2)
    wide, high = RATIOS[ratio - 1]
    return Size(height * wide // high, height, MOST_CHANNELS, 2)


def read_headers(data: bytes) -> list[Header]:
    """Return the size; the decoder finds what is damaged."""
    return [Header(read_size(data))]


def read_frames(data: bytes) -> Iterator[Callable[[], Decoded]]:
    """Yield what decodes the picture to grey or RGB, with or without alpha, at 8 or 16 bits."""
    yield partial(_decode, data)


def _decode(data: bytes) -> Decoded:
    pixels = imagecodecs.jpegxl_decode(data)
    if pixels.ndim > 3:  # noqa: PLR2004
        raise UnreadableError("that is animated; save its frames as PNG")
    if pixels.dtype not in (np.uint8, np.uint16):
        raise UnreadableError(f"with {pixels.dtype} samples; convert it to 8 or 16 bits")
    return cast("Pixels", pixels), []


def _codestream(data: bytes) -> bytes:
    if data.startswith(CODESTREAM):
        return data
    position = 0
    while position + 8 <= len(data):
        length, kind = int.from_bytes(data[position : position + 4]), data[position + 4 : position + 8]
        start = position + (16 if length == 1 else 8)
        if kind in {WHOLE, PART}:
            return data[start + (PART_HEADER if kind == PART else 0) :]
        size = int.from_bytes(data[position + 8 : start]) if length == 1 else length
        if size < start - position:  # a box to the end of the file, or a damaged one
            break
        position += size
    raise UnreadableError(NO_PIXELS)


def _side(bits: _Bits, *, small: int) -> int:
    if small:
        return 8 * (bits.take(5) + 1)
    return bits.take(SIDE_BITS[bits.take(2)]) + 1


class _Bits:
    """Numbers of some bits each, the lowest first."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data[:16], "little"), 8 * len(data[:16])

    def take(self, count: int) -> int:
        """The next number; there are few in a header."""
        if count > self._left:
            raise UnreadableError(TRUNCATED)
        taken = self._value & ((1 << count) - 1)
        self._value >>= count
        self._left -= count
        return taken
