"""JPEG, baseline and progressive (ITU-T T.81).

Pillow reads the segments no faster, takes longer to import than a small picture to compare, and refuses 12 bits.
"""

from __future__ import annotations

import re
import struct
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np
import simplejpeg

from diffspot.image_io.ifd import read_orientation
from diffspot.image_io.interface import NO_PIXELS, NO_SIZE, TRUNCATED, Header, Size, UnreadableError
from diffspot.image_io.jpeg_coding import read_compression

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from diffspot.image_io.interface import Decoded, Pixels

NAME = "JPEG"
SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif")

SIGNATURE = b"\xff\xd8\xff"
EXIF = b"Exif\0\0"
ICC = b"ICC_PROFILE\0"
APP1, APP2, SOI, EOI, SOS = 0xE1, 0xE2, 0xD8, 0xD9, 0xDA
END = b"\xff\xd9"
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
BYTE, TWELVE = 8, 12
GREY, RGB, CMYK = 1, 3, 4
COLOURS = {GREY: "GRAY", RGB: "RGB", CMYK: "CMYK"}

MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")
HARMLESS = (
    "Unknown Adobe color transform",
    "Warning: unknown JFIF revision",
    "Invalid SOS parameters for sequential",
    "tjDecompressHeader3(): Could not determine subsampling",
)
"""Complaints of libjpeg-turbo that say nothing of the picture data, or only that simplejpeg does not know the kind."""
PADDING = re.compile(r"Corrupt JPEG data: (\d+) extraneous bytes before marker 0xd9")


class Segment(NamedTuple):
    """A marker and the bytes that belong to it, which start at `start` and stop at `stop`."""

    marker: int
    start: int
    stop: int


class Frame(NamedTuple):
    """The start-of-frame segment: bits a sample, px, channels."""

    depth: int
    height: int
    width: int
    channels: int


def matches(data: bytes) -> bool:
    """Tell from the first marker whether `data` is a JPEG."""
    return data.startswith(SIGNATURE)


def read_size(data: bytes) -> Size:
    """Return the size from the first start-of-frame segment."""
    frame = _read_frame(data)
    return Size(frame.width, frame.height, frame.channels, 1 if frame.depth == BYTE else 2)


def read_headers(data: bytes) -> list[Header]:
    """Gather what the segments before the first scan say of the whole picture."""
    size = read_size(data)
    exif = b""
    profile: list[bytes] = []
    marker = EOI
    for marker, start, stop in _read_segments(data):
        if marker == APP1 and data.startswith(EXIF, start):
            exif = exif or data[start + len(EXIF) : stop]
        elif marker == APP2 and data.startswith(ICC, start):
            profile.append(data[start + len(ICC) : stop])
    if marker != SOS:
        raise UnreadableError(NO_PIXELS)
    # Each part of a profile starts with its number and their count.
    icc = b"".join(part[2:] for part in sorted(profile))
    compression = read_compression((marker, data[start:stop]) for marker, start, stop in _read_segments(data))
    return [Header(size, read_orientation(exif), icc, compression)]


def read_frames(data: bytes) -> Iterator[Callable[[], Decoded]]:
    """Yield what decodes the picture; a camera's further ones in the same file (MPO) are other views and left alone."""
    yield partial(_read_pixels, data)


def _read_pixels(data: bytes) -> Decoded:
    """Decode to grey or RGB at 8 bits, or 16 where the file has 12."""
    frame = _read_frame(data)
    if frame.channels not in COLOURS:
        raise UnreadableError(f"with {frame.channels} channels; convert it to RGB")
    if frame.depth == TWELVE:
        samples = cast("NDArray[np.uint16]", _decode_unwatched(data))
        return np.bitwise_or(samples << 4, samples >> 8, dtype=np.uint16), ["12-bit samples expanded to 16 bits"]
    if frame.depth != BYTE:
        raise UnreadableError(f"with {frame.depth}-bit samples; convert it to 8 bits")
    pixels = _decode(data, frame)
    if frame.channels != CMYK:
        return pixels, []
    from diffspot.image_io.pillow import cmyk_to_rgb  # noqa: PLC0415 - slow to import and rare

    # Who writes CMYK into a JPEG inverts it, as Adobe does.
    return cmyk_to_rgb(np.bitwise_not(pixels, dtype=np.uint8)), ["CMYK converted to RGB"]


def _decode(data: bytes, frame: Frame) -> Pixels:
    """Decode with libjpeg-turbo, which fills what is missing with grey and only warns.

    simplejpeg is the wrapper that passes the first warning on; it takes as long as imagecodecs, which does not.
    """
    try:
        room = np.empty((frame.height, frame.width, frame.channels), np.uint8)  # of huge pages, where it is large
        pixels: Pixels = simplejpeg.decode_jpeg(data, COLOURS[frame.channels], buffer=room, strict=True)
    except ValueError as error:
        warning = str(error)
        if warning.startswith("Premature end"):
            raise UnreadableError(TRUNCATED) from error
        if not warning.startswith(HARMLESS) and not _is_padding(data, warning):
            raise
        pixels = _decode_unwatched(data)
    return pixels


def _is_padding(data: bytes, warning: str) -> bool:
    """Whether it warns of zeros before the end marker, as some cameras write; all else there is lost picture data."""
    padding = PADDING.match(warning)
    if padding is None:
        return False
    stop = data.find(END, _start_of_scan(data))
    return not any(data[stop - int(padding[1]) : stop])


def _decode_unwatched(data: bytes) -> Pixels:
    """Decode what simplejpeg does not; of damage only a missing end is found."""
    import imagecodecs  # noqa: PLC0415 - rarely needed here

    # In entropy-coded data FF is followed by 00 or a restart marker.
    if data.find(END, _start_of_scan(data)) < 0:
        raise UnreadableError(TRUNCATED)
    pixels: Pixels = imagecodecs.jpeg8_decode(data)
    return pixels


def _start_of_scan(data: bytes) -> int:
    return next(segment.stop for segment in _read_segments(data) if segment.marker == SOS)


def _read_frame(data: bytes) -> Frame:
    for marker, start, _ in _read_segments(data):
        if marker in FRAMES:
            return Frame._make(struct.unpack_from(">BHHB", data, start))
    raise UnreadableError(NO_SIZE)


def _read_segments(data: bytes) -> Iterator[Segment]:
    """Yield the segments up to the first scan, or to the end marker where there is none."""
    position = len(SIGNATURE) - 1
    marker = SOI
    while marker != SOS:
        found = MARKER.search(data, position)
        if found is None:
            raise UnreadableError(TRUNCATED)
        marker = found[1][0]
        position = found.end()
        if marker == EOI:
            return
        if marker == SOI:
            continue
        stop = position + int.from_bytes(data[position : position + 2], "big")
        if stop > len(data):
            raise UnreadableError(TRUNCATED)
        yield Segment(marker, position + 2, stop)
        position = stop
