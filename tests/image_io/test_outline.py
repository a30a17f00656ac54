"""What is said of a picture that is not decoded is what is said of it when it is."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

import imagecodecs
import PIL.Image
import pytest

from diffspot.errors import ImageReadError
from diffspot.image_io import decode, encode_png, open_picture, read_outline
from tests.image_io.test_read import KINDS
from tests.made_pictures import noise, picture, png_of, save

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.image_io import Outline

NOWHERE = Path("picture.jpg")
"""Its suffix gives a note."""


def grey_png(depth: int) -> bytes:
    header = struct.pack(">IIBBBBB", 8, 1, depth, 0, 0, 0, 0)
    return png_of([(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1 + depth))), (b"IEND", b"")])


def oriented(orientation: int) -> bytes:
    exif = PIL.Image.Exif()
    exif[274] = orientation
    return save(picture(), "PNG", exif=exif)


PROVED = {
    **{name: KINDS[name][0] for name in ("png grey", "png rgb", "png 1 bit", "png sRGB", "png bad profile")},
    "png profile": KINDS["png profile"][0],
    "16 bits": imagecodecs.png_encode(noise(3, "uint16")),
    "16 bits grey": imagecodecs.png_encode(noise(1, "uint16")[..., 0]),
    "written here": encode_png(noise(3)),
    **{f"{depth} bits": grey_png(depth) for depth in (1, 2, 4)},
    **{f"orientation {number}": oriented(number) for number in range(1, 9)},
}
UNPROVED = {name: data for name, (data, _, _) in KINDS.items() if name not in PROVED}


def outlined(data: bytes, path: Path) -> Outline | None:
    return read_outline(open_picture(data, path))


@pytest.mark.parametrize("data", PROVED.values(), ids=PROVED)
def test_what_is_said_without_decoding(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    image = decode(data, NOWHERE)
    monkeypatch.delattr(imagecodecs, "png_decode")
    outline = outlined(data, NOWHERE)
    assert outline is not None
    assert outline.size == image.pixels.shape[1::-1]
    assert outline.notes == image.notes
    assert "is a PNG despite its name" in outline.notes


@pytest.mark.parametrize("data", UNPROVED.values(), ids=UNPROVED)
def test_all_else_has_to_be_decoded(data: bytes) -> None:
    assert outlined(data, NOWHERE) is None


def small(lines: bytes, *, head: Sequence[tuple[bytes, bytes]] = (), interlaced: int = 0) -> bytes:
    header = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, interlaced)
    return png_of([(b"IHDR", header), *head, (b"IDAT", zlib.compress(lines)), (b"IEND", b"")])


DOUBTFUL = {
    "unknown filter": small(b"\5ab\0cd"),
    "too short": small(b"\0ab\0c"),
    "too long": small(b"\0ab\0cde"),
    "critical chunk": small(b"\0ab\0cd", head=[(b"ABCD", b"")]),
    "frame of an animation": small(b"\0ab\0cd", head=[(b"fcTL", b"bad")]),
    "interlaced": small(b"\0a\0b\0cd", interlaced=1),
}


@pytest.mark.parametrize("data", DOUBTFUL.values(), ids=DOUBTFUL)
def test_nothing_is_said_of_what_may_not_decode(data: bytes) -> None:
    assert outlined(small(b"\4ab\3cd"), NOWHERE) is not None
    assert outlined(data, NOWHERE) is None


@pytest.mark.parametrize(
    "data",
    [DOUBTFUL["interlaced"], save(picture("P"), "PNG"), *(encode_png(noise(channels)) for channels in (2, 4))],
    ids=["interlaced", "palette", "grey and alpha", "alpha"],
)
def test_nothing_is_inflated_where_the_header_tells_that_it_has_to_be_decoded(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(imagecodecs, "deflate_decode")
    assert outlined(data, NOWHERE) is None


def test_damage_that_the_header_shows_is_named_as_ever() -> None:
    data = bytearray(KINDS["png rgb"][0])
    data[60] ^= 1
    for read in (decode, outlined):
        with pytest.raises(ImageReadError, match=r"^picture\.jpg is a PNG with a wrong checksum, so it is damaged"):
            read(bytes(data), NOWHERE)
