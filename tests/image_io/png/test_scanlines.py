"""The fast way to a PNG's pixels gives those of libpng, and leaves to libpng what only that can judge."""

from __future__ import annotations

import struct
import zlib
from itertools import pairwise, product
from pathlib import Path
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from diffspot.errors import ImageReadError
from diffspot.image_io import decode
from diffspot.image_io.png.scanlines import Frame, inflate, unfilter
from tests.made_pictures import png_of

if TYPE_CHECKING:
    from collections.abc import Sequence

NOWHERE = Path("picture")
DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
KINDS = [(colour, depth) for colour, depths in DEPTHS.items() for depth in depths]
TRANSPARENT = {0: bytes(2), 2: bytes(6), 3: bytes([0, 90])}
IEND = (b"IEND", b"")
SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
ADAM7_ROWS = "16462646 77777777 56565656 77777777 36463646 77777777 56565656 77777777"
ADAM7 = np.array([[int(number) for number in row] for row in ADAM7_ROWS.split()])
"""The pass that each pixel belongs to."""
HARMLESS = [
    (b"gAMA", struct.pack(">I", 20000)),
    (b"sBIT", b"\5\5\5"),
    (b"pHYs", b"bad"),
    (b"bKGD", bytes(6)),
    (b"abCd", b"unknown"),
]


def raw_lines(frame: Frame, filters: Sequence[int], seed: int = 1) -> bytes:
    """Random pixel data of a frame; each line gets one of the filters, in turn."""
    rng = np.random.default_rng(seed)
    raw = rng.integers(0, 256, frame.raw_bytes, np.uint8)
    at = 0
    for number, length in enumerate(line_lengths(frame)):
        raw[at] = filters[number % len(filters)]
        at += length
    return raw.tobytes()


def line_lengths(frame: Frame) -> list[int]:
    if not frame.interlaced:
        return [frame.raw_bytes // frame.height] * frame.height
    passes = ADAM7[np.arange(frame.height)[:, None] % 8, np.arange(frame.width) % 8]
    bits = frame.depth * SAMPLES[frame.colour]
    counts = [np.count_nonzero(passes == number, axis=1).tolist() for number in range(1, 8)]
    return [1 + -(-count * bits // 8) for lines in counts for count in lines if count]


def png(
    frame: Frame,
    stream: bytes,
    *,
    pieces: int = 1,
    head: Sequence[tuple[bytes, bytes]] = (),
    tail: Sequence[tuple[bytes, bytes]] = (),
) -> bytes:
    cuts = [len(stream) * piece // pieces for piece in range(pieces + 1)]
    data = [(b"IDAT", stream[a:b]) for a, b in pairwise(cuts)]
    before = [(b"PLTE", bytes(i * 37 % 256 for i in range(3 * 2**frame.depth)))] if frame.colour == 3 else []
    return png_of([(b"IHDR", struct.pack(">IIBBBBB", *frame)), *before, *head, *data, *tail, IEND])


def assert_as_libpng(data: bytes) -> None:
    expected = imagecodecs.png_decode(data)
    found = decode(data, NOWHERE).pixels
    assert found.dtype == expected.dtype
    assert_array_equal(found, expected.reshape(found.shape))
    assert found.flags.c_contiguous


FILTERS = [(0,), (1,), (2,), (1, 1, 2, 2, 0), (2, 1), (3,), (4,), (4, 1, 0, 3, 2)]


@pytest.mark.parametrize(("colour", "depth"), KINDS)
def test_every_kind(colour: int, depth: int) -> None:
    for filters, interlaced, (width, height) in product(FILTERS, (0, 1), ((1, 1), (13, 7), (5, 23))):
        frame = Frame(width, height, depth, colour, 0, 0, interlaced)
        stream = zlib.compress(raw_lines(frame, filters))
        data = png(frame, stream, pieces=3)
        assert inflate(data) is not None
        assert_as_libpng(data)
        if colour in TRANSPARENT:
            assert_as_libpng(png(frame, stream, head=[(b"tRNS", TRANSPARENT[colour])]))


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.data())
def test_any_size_and_mix_of_filters(data: st.DataObject) -> None:
    colour, depth = data.draw(st.sampled_from(KINDS))
    side = st.integers(1, 40)
    frame = Frame(data.draw(side), data.draw(side), depth, colour, 0, 0, data.draw(st.sampled_from([0, 1])))
    filters = data.draw(st.lists(st.integers(0, data.draw(st.sampled_from([2, 4]))), min_size=1, max_size=9))
    stream = zlib.compress(raw_lines(frame, filters, data.draw(st.integers(0, 99))), data.draw(st.integers(0, 9)))
    assert_as_libpng(png(frame, stream, pieces=data.draw(st.integers(1, 60)), head=HARMLESS[: data.draw(side) % 6]))


@pytest.mark.parametrize("filters", [(1,), (4,)])
def test_more_lines_than_one_stored_block_holds(filters: tuple[int, ...]) -> None:
    frame = Frame(401, 333, 8, 2, 0, 0, 0)
    assert frame.raw_bytes > 6 * 65535
    assert_as_libpng(png(frame, zlib.compress(raw_lines(frame, filters)), pieces=50))


SMALL = Frame(5, 4, 8, 2, 0, 0, 0)
LINES = raw_lines(SMALL, (1, 2, 0, 1))
STREAM = zlib.compress(LINES)
LARGER = Frame(50, 40, 8, 2, 0, 0, 0)


def narrow(frame: Frame) -> bytes:
    """A PNG whose stream claims a window of 512 bytes."""
    packer = zlib.compressobj(wbits=9)
    return png(frame, packer.compress(raw_lines(frame, (1,))) + packer.flush())


def test_a_window_that_holds_all_data_is_wide_enough() -> None:
    assert inflate(narrow(SMALL)) is not None
    assert_as_libpng(narrow(SMALL))


def test_lines_that_arrays_undo_never_reach_libpng(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(imagecodecs, "png_decode")
    pixels = decode(png(SMALL, STREAM, head=HARMLESS), NOWHERE).pixels
    lines = np.frombuffer(LINES, np.uint8).reshape(4, 16)[:, 1:].reshape(4, 5, 3)
    first = np.cumsum(lines[0], axis=0, dtype=np.uint8)
    assert_array_equal(pixels, [first, first + lines[1], lines[2], np.cumsum(lines[3], axis=0, dtype=np.uint8)])


READ_BY_LIBPNG = {
    "window that is too narrow for libdeflate to check": narrow(LARGER),
    "more data than the frame has": png(SMALL, zlib.compress(LINES + bytes(20))),
    "chunk between the data, all of it before": png_of(
        [
            (b"IHDR", struct.pack(">IIBBBBB", *SMALL)),
            (b"IDAT", STREAM),
            (b"tEXt", b"a\0b"),
            (b"IDAT", b"more"),
            IEND,
        ]
    ),
}


@pytest.mark.parametrize("data", READ_BY_LIBPNG.values(), ids=READ_BY_LIBPNG)
def test_what_is_unusual_is_left_to_libpng(data: bytes) -> None:
    assert inflate(data) is None
    assert_as_libpng(data)


@pytest.mark.parametrize("tail", [(b"ABCD", b"critical"), (b"PLTE", b"xxx"), (b"fdAT", b"bad")])
def test_what_follows_the_data_means_nothing(tail: tuple[bytes, bytes]) -> None:
    assert_as_libpng(png(SMALL, STREAM, tail=[tail]))
    assert_as_libpng(png(SMALL, STREAM + b"after the end"))


def replaced(**changes: int) -> Frame:
    return SMALL._replace(**changes)


DAMAGED = {
    "too short": (png(SMALL, zlib.compress(LINES[:-3])), "Not enough image data"),
    "cut": (png(SMALL, STREAM[:-9]), "Not enough image data"),
    "wrong sum": (png(SMALL, STREAM[:-1] + bytes([STREAM[-1] ^ 1])), "IDAT: incorrect data check"),
    "no stream": (png(SMALL, b""), "Not enough image data"),
    "unknown filter": (png(SMALL, zlib.compress(b"\7" + LINES[1:])), "bad adaptive filter value"),
    "depth": (png(replaced(depth=4), STREAM), "Invalid IHDR data"),
    "colour": (png(replaced(colour=5), STREAM), "Invalid IHDR data"),
    "compression": (png(replaced(compression=1), STREAM), "Invalid IHDR data"),
    "filtering": (png(replaced(filtering=1), STREAM), "Invalid IHDR data"),
    "interlaced": (png(replaced(interlaced=2), STREAM), "Invalid IHDR data"),
    "too wide": (png(Frame(1_000_001, 1, 8, 0, 0, 0, 0), zlib.compress(bytes(1_000_002))), "Invalid IHDR data"),
    "frames": (
        png(SMALL, STREAM, head=[(b"acTL", struct.pack(">II", 3, 0)), (b"fcTL", b"bad")]),
        "Invalid fcTL or fdAT chunk",
    ),
}


@pytest.mark.parametrize(("data", "words"), DAMAGED.values(), ids=DAMAGED)
def test_damage_is_called_what_libpng_calls_it(data: bytes, words: str) -> None:
    with pytest.raises(ImageReadError) as caught:
        decode(data, NOWHERE)
    assert str(caught.value) == f"picture is a damaged PNG ({words}); copy or save it again."


REFUSED = [(b"ABCD", b"critical"), (b"a1Cd", b"no letter"), (b"abcd", b"reserved"), (b"IHDR", bytes(13))]


def test_header_of_a_wrong_length() -> None:
    data = png_of([(b"IHDR", struct.pack(">IIBBBBB", *SMALL) + b"x"), (b"IDAT", STREAM), IEND])
    assert inflate(data) is None
    with pytest.raises(ImageReadError):
        decode(data, NOWHERE)


@pytest.mark.parametrize("chunk", REFUSED)
def test_chunks_that_libpng_refuses(chunk: tuple[bytes, bytes]) -> None:
    data = png(SMALL, STREAM, head=[chunk])
    lines = inflate(data)
    assert lines is not None
    assert unfilter(lines) is None
    with pytest.raises(ImageReadError):
        decode(data, NOWHERE)
