"""JPEG, baseline and progressive (ITU-T T.81)."""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, NamedTuple

import imagecodecs

from diffspot.image_io.ifd import read_orientation
from diffspot.image_io.interface import TRUNCATED, Header, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diffspot.image_io.interface import Pixels

NAME = "JPEG"
SUFFIXES = (".jpg", ".jpeg", ".jpe", ".jfif")

SIGNATURE = b"\xff\xd8\xff"
EXIF = b"Exif\0\0"
ICC = b"ICC_PROFILE\0"
APP1, APP2, SOI, EOI, SOS = 0xE1, 0xE2, 0xD8, 0xD9, 0xDA
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
BYTE = 8
GREY, RGB, CMYK = 1, 3, 4

# In entropy-coded data FF is followed by 00 or a restart marker, so this finds its end as well.
MARKER = re.compile(rb"\xff([^\x00\x01\xd0-\xd7\xff])")


class Segment(NamedTuple):
    """A marker and the bytes that belong to it."""

    marker: int
    content: bytes


class Frame(NamedTuple):
    """The start-of-frame segment: bits a sample, px, channels."""

    depth: int
    height: int
    width: int
    channels: int


def matches(data: bytes) -> bool:
    """Tell from the first marker whether `data` is a JPEG."""
    return data.startswith(SIGNATURE)


def read_size(data: bytes) -> tuple[int, int]:
    """Return (width, height) from the first start-of-frame segment."""
    frame = _read_frame(data)
    return frame.width, frame.height


def read_header(data: bytes) -> Header:
    """Walk all segments to the end marker and gather what concerns the whole picture.

    libjpeg fills what is missing with grey and only warns, and no wrapper passes the warning on;
    the end marker is what tells a whole file.
    """
    exif = b""
    profile: list[bytes] = []
    scans = 0
    for marker, content in _read_segments(data):
        if marker == APP1 and content.startswith(EXIF):
            exif = exif or content[len(EXIF) :]
        elif marker == APP2 and content.startswith(ICC):
            profile.append(content[len(ICC) :])
        scans += marker == SOS
    if not scans:
        raise UnreadableError("without picture data; save it again")
    # Each part of a profile starts with its number and their count.
    icc = b"".join(part[2:] for part in sorted(profile))
    return Header(orientation=read_orientation(exif), profile=icc)


def read_pixels(data: bytes) -> tuple[Pixels, list[str]]:
    """Decode to grey or RGB at 8 bits."""
    frame = _read_frame(data)
    if frame.depth != BYTE:
        raise UnreadableError(f"with {frame.depth}-bit samples; convert it to 8 bits")
    if frame.channels not in {GREY, RGB, CMYK}:
        raise UnreadableError(f"with {frame.channels} channels; convert it to RGB")
    if frame.channels == CMYK:
        from PIL.JpegImagePlugin import JpegImageFile  # noqa: PLC0415 - slow to import and rare

        from diffspot.image_io.pillow import load  # noqa: PLC0415

        return load(JpegImageFile, data)
    return imagecodecs.jpeg8_decode(data), []


def _read_frame(data: bytes) -> Frame:
    for marker, content in _read_segments(data):
        if marker in FRAMES:
            return Frame._make(struct.unpack_from(">BHHB", content))
    raise UnreadableError("without a size; save it again")


def _read_segments(data: bytes) -> Iterator[Segment]:
    """Yield the segments up to the end marker, skipping entropy-coded data."""
    position = len(SIGNATURE) - 1
    while True:
        found = MARKER.search(data, position)
        if found is None:
            raise UnreadableError(TRUNCATED)
        marker = found[1][0]
        position = found.end()
        if marker == EOI:
            return
        if marker == SOI:
            continue
        end = position + int.from_bytes(data[position : position + 2], "big")
        if end > len(data):
            raise UnreadableError(TRUNCATED)
        yield Segment(marker, data[position + 2 : end])
        position = end
