"""PNG and the first picture of APNG (ISO/IEC 15948)."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import imagecodecs

from diffspot.image_io.ifd import read_orientation
from diffspot.image_io.interface import TRUNCATED, Header, UnreadableError

if TYPE_CHECKING:
    from diffspot.image_io.interface import Pixels

NAME = "PNG"
SUFFIXES = (".png",)

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GATHERED = frozenset({b"acTL", b"eXIf", b"iCCP"})
PALETTE = 3
BYTE = 8
# Profiles are of a few kB up to a few MB; a small chunk can unpack to gigabytes.
MAX_PROFILE_BYTES = 2**24


def matches(data: bytes) -> bool:
    """Tell from the signature whether `data` is a PNG."""
    return data.startswith(SIGNATURE)


def read_size(data: bytes) -> tuple[int, int]:
    """Return (width, height) from the IHDR chunk, which always comes first."""
    kind, width, height = struct.unpack_from(">4sII", data, 12)
    if kind != b"IHDR":
        raise UnreadableError("without a size; save it again")
    return width, height


def read_header(data: bytes) -> Header:
    """Check every chunk and gather what concerns the picture as a whole."""
    chunks = _read_chunks(data)
    if b"IDAT" not in chunks:
        raise UnreadableError("without picture data; save it again")
    animation = chunks.get(b"acTL")
    return Header(
        orientation=read_orientation(chunks.get(b"eXIf", b"")),
        profile=_inflate_profile(chunks.get(b"iCCP", b"")),
        frames=struct.unpack(">II", animation)[0] if animation else 1,
    )


def read_pixels(data: bytes) -> tuple[Pixels, list[str]]:
    """Decode all PNG kinds to grey, grey and alpha, RGB or RGBA at 8 or 16 bits."""
    pixels = imagecodecs.png_decode(data)
    channels = pixels.shape[2] if pixels.ndim > 2 else 1  # noqa: PLR2004
    return pixels, _describe(data, channels)


def _describe(data: bytes, channels: int) -> list[str]:
    depth, colour = data[24], data[25]
    if colour == PALETTE:
        return [f"palette expanded to {'RGB' if channels == 3 else 'RGBA'}"]  # noqa: PLR2004
    notes = []
    if depth < BYTE:
        notes.append(f"{depth}-bit grey expanded to 8 bits")
    stored_channels = {0: 1, 2: 3, 4: 2, 6: 4}[colour]
    if channels > stored_channels:
        notes.append("transparent colour expanded to alpha")
    return notes


def _read_chunks(data: bytes) -> dict[bytes, bytes]:
    """Return which types of chunk there are, with the content of those in GATHERED.

    Lengths and CRCs are checked here and not left to libpng, which passes a file without its end
    and, in imagecodecs 2026.3.6, drops a reference to None with every error it reports: enough
    damaged files end Python 3.11.
    """
    chunks: dict[bytes, bytes] = {}
    view = memoryview(data)
    position = len(SIGNATURE)
    kind = b""
    while kind != b"IEND":
        if position + 12 > len(data):
            raise UnreadableError(TRUNCATED)
        length, kind = struct.unpack_from(">I4s", data, position)
        end = position + 8 + length
        if end + 4 > len(data):
            raise UnreadableError(TRUNCATED)
        if zlib.crc32(view[position + 4 : end]) != int.from_bytes(view[end : end + 4], "big"):
            raise UnreadableError("with a wrong checksum, so it is damaged; copy or save it again")
        chunks[kind] = bytes(view[position + 8 : end]) if kind in GATHERED else b""
        position = end + 4
    return chunks


def _inflate_profile(chunk: bytes) -> bytes:
    """Unpack an iCCP chunk: name, zero byte, method byte, zlib stream."""
    _, _, rest = chunk.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(rest[1:], MAX_PROFILE_BYTES)
    except zlib.error:
        return rest
