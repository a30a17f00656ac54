"""Image file directories: the tags of a TIFF file, and of EXIF, which is a TIFF without pixels."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

from diffspot.image_io.interface import TRUNCATED, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator

Tags = dict[int, tuple[int, ...] | bytes]

ORIENTATION = 274
UPRIGHT = 1
ORIENTATIONS = range(1, 9)

# TIFF 6.0 section 2 and the BigTIFF additions; the kinds that hold no integers are left out.
INTEGERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 13: "I", 16: "Q", 17: "q", 18: "Q"}
UNDEFINED = 7


class Layout(NamedTuple):
    """How a file writes its numbers: struct codes, with the byte order in front."""

    order: str
    offset: str
    entries: str
    inline_bytes: int


CLASSIC, BIG = 42, 43
LAYOUTS = {CLASSIC: ("I", "H", 4), BIG: ("Q", "Q", 8)}
ORDERS = {b"II": "<", b"MM": ">"}


def has_tiff_header(data: bytes) -> bool:
    """Tell whether `data` starts as TIFF and EXIF do."""
    order = ORDERS.get(data[:2])
    return order is not None and data[2:4] in {struct.pack(f"{order}H", code) for code in LAYOUTS}


def read_directories(data: bytes, only: int | None = None) -> Iterator[Tags]:
    """Yield the integer and undefined tags of every directory of the main chain.

    Args:
        data: a TIFF file or an EXIF block.
        only: the one tag to read, where damage to others is no reason to give up.

    Raises:
        UnreadableError: a directory or a value lies outside the file, or the chain is a circle.
    """
    order = ORDERS[data[:2]]
    (version,) = struct.unpack_from(f"{order}H", data, 2)
    layout = Layout(order, *LAYOUTS[version])
    offset = _unpack(data, layout, layout.offset, 8 if version == BIG else 4)
    seen: set[int] = set()
    while offset:
        if offset in seen:
            raise UnreadableError("whose directories run in a circle; save it again")
        seen.add(offset)
        tags, offset = _read_directory(data, layout, offset, only)
        yield tags


def read_orientation(exif: bytes) -> int:
    """Return the orientation, 1 to 8, of an EXIF block; 1 where it is missing or makes no sense."""
    if not has_tiff_header(exif):
        return UPRIGHT
    try:
        return orientation_of(next(read_directories(exif, only=ORIENTATION), {}))
    except UnreadableError:
        return UPRIGHT


def orientation_of(tags: Tags) -> int:
    """Return the orientation, 1 to 8, that a directory states."""
    value = tags.get(ORIENTATION, (UPRIGHT,))[0]
    return value if value in ORIENTATIONS else UPRIGHT


def _read_directory(data: bytes, layout: Layout, offset: int, only: int | None) -> tuple[Tags, int]:
    count = _unpack(data, layout, layout.entries, offset)
    position = offset + struct.calcsize(f"={layout.entries}")
    entry_bytes = 4 + 2 * layout.inline_bytes
    tags: Tags = {}
    for start in range(position, position + count * entry_bytes, entry_bytes):
        code = _unpack(data, layout, "H", start)
        value = _read_value(data, layout, start) if only in {None, code} else None
        if value:
            tags[code] = value
    return tags, _unpack(data, layout, layout.offset, position + count * entry_bytes)


def _read_value(data: bytes, layout: Layout, entry: int) -> tuple[int, ...] | bytes | None:
    kind = _unpack(data, layout, "H", entry + 2)
    count = _unpack(data, layout, layout.offset, entry + 4)
    letter = "B" if kind == UNDEFINED else INTEGERS.get(kind)
    if letter is None:
        return None
    size = count * struct.calcsize(f"={letter}")
    start = entry + 4 + layout.inline_bytes
    if size > layout.inline_bytes:
        start = _unpack(data, layout, layout.offset, start)
    if start + size > len(data):
        raise UnreadableError(TRUNCATED)
    if kind == UNDEFINED:
        return data[start : start + size]
    return struct.unpack_from(f"{layout.order}{count}{letter}", data, start)


def _unpack(data: bytes, layout: Layout, letter: str, position: int) -> int:
    if position + struct.calcsize(f"={letter}") > len(data):
        raise UnreadableError(TRUNCATED)
    value: int = struct.unpack_from(layout.order + letter, data, position)[0]
    return value
