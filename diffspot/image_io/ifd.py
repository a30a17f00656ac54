"""Image file directories: the tags of a TIFF file, and of EXIF, which is a TIFF without pixels.

Pillow reads them too, but whole, with a Python warning for each oddity. Here a value is read only when it is asked
for, the first of equal tags counts, and no more bytes are read in all than READINGS times those of the file: where
directories overlap, or many entries share one value, reading them all would cost the square of its length.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from diffspot.image_io.interface import TRUNCATED, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Literal

    from numpy.typing import NDArray

ORIENTATION = 274
UPRIGHT = 1
ORIENTATIONS = range(1, 9)

CLASSIC, BIG = 42, 43
ORDERS: dict[bytes, Literal["little", "big"]] = {b"II": "little", b"MM": "big"}
READINGS = 2
"""Pages may share small values, so once is not enough."""

# TIFF 6.0 section 2 and the BigTIFF additions; the kinds that hold neither integers nor bytes are left out.
KINDS = {1: "u1", 3: "u2", 4: "u4", 6: "i1", 7: "u1", 8: "i2", 9: "i4", 13: "u4", 16: "u8", 17: "i8", 18: "u8"}


def has_tiff_header(data: bytes) -> bool:
    """Tell whether `data` starts as TIFF and EXIF do."""
    order = ORDERS.get(data[:2])
    return order is not None and int.from_bytes(data[2:4], order) in {CLASSIC, BIG}


def read_directories(data: bytes) -> Iterator[Directory]:
    """Yield every directory of the main chain of a TIFF file or an EXIF block.

    Raises:
        UnreadableError: a directory lies outside the file, or the chain is a circle.
    """
    file = _File(data)
    offset = file.integer(4 if file.word_bytes == 4 else 8, file.word_bytes)  # noqa: PLR2004
    seen: set[int] = set()
    while offset:
        if offset in seen:
            raise UnreadableError("whose directories run in a circle; save it again")
        seen.add(offset)
        directory = Directory(file, offset)
        yield directory
        offset = directory.next_offset


def read_orientation(exif: bytes) -> int:
    """Return the orientation, 1 to 8, of an EXIF block; 1 where it is missing or makes no sense."""
    if not has_tiff_header(exif):
        return UPRIGHT
    try:
        return next((directory.orientation for directory in read_directories(exif)), UPRIGHT)
    except UnreadableError:
        return UPRIGHT


class _File:
    """The numbers of a file and how many bytes may still be read."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.order = ORDERS[data[:2]]
        self.word_bytes = 8 if self.integer(2, 2) == BIG else 4
        self._readable = READINGS * len(data)

    def integer(self, position: int, size: int) -> int:
        """The unsigned integer of `size` bytes at `position`."""
        if position + size > len(self.data):
            raise UnreadableError(TRUNCATED)
        return int.from_bytes(self.data[position : position + size], self.order)

    def take(self, position: int, size: int) -> None:
        """Count `size` bytes from `position` as read."""
        if position + size > len(self.data):
            raise UnreadableError(TRUNCATED)
        self._readable -= size
        if self._readable < 0:
            raise UnreadableError("whose directories overlap; save it again")


class Directory:
    """One directory: where its entries stand, by tag."""

    def __init__(self, file: _File, offset: int) -> None:
        self._file = file
        count_bytes = 2 if file.word_bytes == 4 else 8  # noqa: PLR2004
        entry_bytes = 4 + 2 * file.word_bytes
        start = offset + count_bytes
        stop = start + entry_bytes * file.integer(offset, count_bytes)
        file.take(start, stop - start)
        self.next_offset = file.integer(stop, file.word_bytes)
        self._entries: dict[int, int] = {}
        for entry in range(start, stop, entry_bytes):
            self._entries.setdefault(file.integer(entry, 2), entry)

    def values(self, tag: int) -> NDArray[np.integer]:
        """The integers of a tag as a view of the file, (N,); none where it is missing or of another kind.

        Raises:
            UnreadableError: they lie outside the file.
        """
        file, entry = self._file, self._entries.get(tag)
        kind = None if entry is None else KINDS.get(file.integer(entry + 2, 2))
        if entry is None or kind is None:
            return np.empty(0, np.uint8)
        dtype = np.dtype(kind).newbyteorder(file.order)
        count = file.integer(entry + 4, file.word_bytes)
        start, size = entry + 4 + file.word_bytes, count * dtype.itemsize
        if size > file.word_bytes:
            start = file.integer(start, file.word_bytes)
        file.take(start, size)
        return np.frombuffer(file.data, dtype, count, start)

    def value(self, tag: int, default: int) -> int:
        """The first integer of a tag, or the default."""
        values = self.values(tag)
        return int(values[0]) if len(values) else default

    @property
    def orientation(self) -> int:
        """The EXIF orientation, 1 to 8, that it states."""
        value = self.value(ORIENTATION, UPRIGHT)
        return value if value in ORIENTATIONS else UPRIGHT
