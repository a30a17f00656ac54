"""AVIF, sequences included (AV1 Image File Format); Pillow decodes it, to 8 bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.image_io.interface import Header, Size

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PIL.ImageFile import ImageFile

    from diffspot.image_io.interface import Decoded

NAME = "AVIF"
SUFFIXES = (".avif",)

BRANDS = frozenset({b"avif", b"avis"})
ORIENTATION = 0x0112
"""The EXIF tag, in which Pillow also tells the turn that the file itself asks for."""


def matches(data: bytes) -> bool:
    """Tell from the file type box whether `data` is an AVIF."""
    return data[4:8] == b"ftyp" and data[8:12] in BRANDS


def read_size(data: bytes) -> Size:
    """Return the size that the decoder reads from the header."""
    return _header(data).size


def read_headers(data: bytes) -> list[Header]:
    """Let the decoder parse the file, and count the frames."""
    with _opened(data) as picture:
        frames: int = getattr(picture, "n_frames", 1)
    return [_header(data)] * frames


def read_frames(data: bytes) -> Iterator[Callable[[], Decoded]]:
    """Yield what decodes each frame to RGB or RGBA at 8 bits."""
    from PIL.AvifImagePlugin import AvifImageFile  # noqa: PLC0415 - slow to import

    from diffspot.image_io.pillow import decode_frames  # noqa: PLC0415

    yield from decode_frames(AvifImageFile, data)


def _header(data: bytes) -> Header:
    with _opened(data) as picture:
        channels = 4 if picture.mode == "RGBA" else 3
        orientation = int(picture.getexif().get(ORIENTATION, 1))
        return Header(Size(*picture.size, channels, 1), orientation, picture.info.get("icc_profile") or b"")


def _opened(data: bytes) -> ImageFile:
    from PIL.AvifImagePlugin import AvifImageFile  # noqa: PLC0415 - slow to import

    from diffspot.image_io.pillow import opened  # noqa: PLC0415

    return opened(AvifImageFile, data)
