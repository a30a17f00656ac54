"""The pixel data of a PNG, faster than libpng alone gets at it.

What costs is zlib: it inflates a page of 1280x900 px in 8.4 of the 8.8 ms that libpng takes, libdeflate in 0.65. So
libdeflate inflates, and what it made becomes pixels in one of two ways, exactly those that libpng makes of the file:

- Lines filtered by None, Sub and Up, which is how OpenCV and diffspot write, take a few array operations: 2.1 ms.
- All else (Paeth, palettes, 16 bits, ...) goes to libpng in the same file with a stream that is merely stored: 3.5 ms,
  and 7.5 instead of 11.5 where half of the lines are Paeth's. libspng is no faster at that.

Where anything is out of order there are no scanlines, and libpng is to say what is wrong with the file itself.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple, cast

import imagecodecs
import numpy as np

from diffspot.image_io.png.chunks import IDAT, IEND, IHDR, SIGNATURE, chunk_parts, read_chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.image_io.interface import Pixels
    from diffspot.image_io.png.chunks import Buffer, Chunk

SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel, by colour type."""
FRAME = ">IIBBBBB"
"""The IHDR chunk, 13 bytes."""
GREY, RGB, PALETTE = 0, 2, 3
BYTE = 8
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Passes of an interlaced picture: where each starts and steps to, x, y, dx, dy."""
WHOLE = ((0, 0, 1, 1),)

SUB, UP, PAETH = 1, 2, 4
LARGEST_WINDOW = 2**15
"""Bytes that a zlib stream may reach back."""
MOST_BYTES = 2**30
"""More is left to libpng: a chunk's length has 31 bits, and the copies would take more memory than they save time."""
CHUNK_HEAD = 8
"""Bytes before the content of a chunk."""
STORED_SHARE, STORED_MORE = 4096, 64
"""What a stored stream and the chunks round it add, at most: 5 bytes to 65535, 50 in all."""
LIBPNG_SIDE = 1_000_000
"""Px: libpng refuses longer sides."""
MEANINGFUL = frozenset({b"tRNS", b"acTL", b"fcTL", b"fdAT"})
"""Ancillary chunks that change the pixels, or that can make libpng refuse a file."""


class Frame(NamedTuple):
    """The IHDR chunk."""

    width: int
    height: int
    depth: int
    colour: int
    compression: int
    filtering: int
    interlaced: int

    @property
    def raw_bytes(self) -> int:
        """What the stream has to inflate to: of each line a byte for the filter, then the samples."""
        bits = self.depth * SAMPLES[self.colour]
        total = 0
        for x, y, dx, dy in PASSES if self.interlaced else WHOLE:
            columns, rows = -((x - self.width) // dx), -((y - self.height) // dy)
            total += rows * (1 + (columns * bits + 7) // 8) if columns > 0 else 0
        return total


class Scanlines(NamedTuple):
    """Inflated pixel data.

    Attributes:
        frame: what it is the data of.
        chunks: those before the data.
        head: the file up to the data.
        raw: as long as the frame demands, and its checksum was right.
    """

    frame: Frame
    chunks: list[Chunk]
    head: bytes
    raw: bytes | bytearray

    @property
    def plain(self) -> bool:
        """Whether the lines hold the samples themselves, and libpng is certain to accept all that precedes them."""
        frame = self.frame
        return (
            max(frame.width, frame.height) <= LIBPNG_SIDE
            and frame.colour != PALETTE
            and frame[4:] == (0, 0, 0)
            and all(map(_means_nothing, self.chunks[1:]))
        )

    @property
    def coded(self) -> NDArray[np.uint8]:
        """(H, 1 + bytes) the lines of a picture that is not interlaced: of each its filter, then its filtered bytes."""
        return np.frombuffer(self.raw, np.uint8).reshape(self.frame.height, -1)

    @property
    def filters(self) -> NDArray[np.uint8]:
        """(H,) the filter of each line of a picture that is not interlaced."""
        return self.coded[:, 0]

    def only(self, coded: NDArray[np.uint8]) -> Scanlines:
        """A plain picture of other lines, (h, 1 + bytes), of the same width and kind of samples."""
        frame = self.frame._replace(height=len(coded))
        head = b"".join((SIGNATURE, *chunk_parts(IHDR, struct.pack(FRAME, *frame))))
        return Scanlines(frame, self.chunks, head, cast("bytearray", coded.data.cast("B")))


def inflate(data: bytes) -> Scanlines | None:
    """Inflate the pixel data of a PNG whose chunks are whole; None where libpng has to look at it."""
    chunks = list(read_chunks(data))
    kinds = [chunk.kind for chunk in chunks]
    first, count = kinds.index(IDAT), kinds.count(IDAT)
    frame = Frame._make(struct.unpack_from(FRAME, data, chunks[0].start))
    orderly = (
        chunks[0].stop - chunks[0].start == struct.calcsize(FRAME) and kinds[first : first + count].count(IDAT) == count
    )
    if not orderly or frame.colour not in SAMPLES or frame.raw_bytes > MOST_BYTES:
        return None
    view = memoryview(data)
    stream = b"".join([view[chunk.start : chunk.stop] for chunk in chunks[first : first + count]])
    if not _may_reach_back(stream, frame.raw_bytes):
        return None
    try:
        lines = np.empty(frame.raw_bytes, np.uint8)  # of huge pages, where it is large
        raw = cast("bytearray", imagecodecs.deflate_decode(stream, raw=False, out=lines.data))
    except imagecodecs.DeflateError:
        return None
    if len(raw) != frame.raw_bytes:
        return None
    return Scanlines(frame, chunks[:first], data[: chunks[first - 1].stop + 4], raw)


def unfilter(lines: Scanlines) -> NDArray[np.uint8] | None:
    """(H, W, C) pixels of plain 8-bit scanlines filtered by None, Sub and Up; None of all others."""
    frame = lines.frame
    if not lines.plain or frame.depth != BYTE or lines.filters.max() > UP:
        return None
    coded = lines.coded[:, 1:].reshape(frame.height, frame.width, SAMPLES[frame.colour])
    pixels = np.empty(coded.shape, np.uint8)
    starts = [0, *(np.flatnonzero(np.diff(lines.filters)) + 1).tolist()]
    for start, stop in zip(starts, [*starts[1:], frame.height], strict=True):
        if lines.filters[start] == SUB:
            imagecodecs.delta_decode(coded[start:stop], axis=1, out=pixels[start:stop])
        elif lines.filters[start] == UP:
            _add_up(coded, pixels, start, stop)
        else:
            pixels[start:stop] = coded[start:stop]
    return pixels


def decode(data: bytes) -> Pixels:
    """(H, W, C) or (H, W) pixels of the first frame of a PNG whose chunks are whole."""
    lines = inflate(data)
    return by_libpng(data) if lines is None else unfilter_all(lines)


def unfilter_all(lines: Scanlines) -> Pixels:
    """(H, W, C) or (H, W) pixels of any scanlines, by the faster way that there is."""
    pixels = unfilter(lines)
    return by_libpng(stored(lines)) if pixels is None else pixels


def by_libpng(data: Buffer) -> Pixels:
    """(H, W, C) or (H, W) pixels of a PNG."""
    # the stub does not know that any buffer will do
    decoded: Pixels = imagecodecs.png_decode(cast("bytes", data))
    return decoded


def stored(lines: Scanlines) -> memoryview:
    """Return a PNG of the same pixels whose stream takes zlib next to no time.

    It is put together in place: one more buffer of that size, and the allocator hands all of them back to the system
    every time, which takes longer than filling them.
    """
    start = len(lines.head) + CHUNK_HEAD
    png = np.empty(start + len(lines.raw) + len(lines.raw) // STORED_SHARE + STORED_MORE, np.uint8).data
    # the stub does not know that any buffer will do
    room = cast("bytearray", png[start:])
    stop = start + len(imagecodecs.deflate_encode(lines.raw, level=0, raw=False, out=room))
    length, kind, _, crc = chunk_parts(IDAT, png[start:stop])
    tail = b"".join((crc, *chunk_parts(IEND, b"")))
    png[:start] = b"".join((lines.head, length, kind))
    png[stop : stop + len(tail)] = tail
    return png[: stop + len(tail)]


def _may_reach_back(stream: bytes, raw_bytes: int) -> bool:
    """Whether a zlib stream claims a window that no distance in it can leave, which libdeflate does not check."""
    return bool(stream) and 1 << (stream[0] >> 4) + 8 >= min(raw_bytes, LARGEST_WINDOW)


def _means_nothing(chunk: Chunk) -> bool:
    """Whether libpng decodes the same without this chunk, whatever it holds: the case of its letters says so."""
    kind = chunk.kind
    return kind.isalpha() and kind[:1].islower() and kind[2:3].isupper() and kind not in MEANINGFUL


def _add_up(coded: NDArray[np.uint8], pixels: NDArray[np.uint8], start: int, stop: int) -> None:
    """Undo the filter Up in some lines; above the first line there is nothing to add."""
    pixels[start] = coded[start] + pixels[start - 1] if start else coded[start]
    for line in range(start + 1, stop):
        np.add(pixels[line - 1], coded[line], out=pixels[line])
