"""HEIC and HEIF by pillow-heif, which is an extra: `pip install diffspot[heic]`; upright and at 8 bits."""

from __future__ import annotations

import io
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.image_io.interface import Header, Size, UnreadableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diffspot.image_io.interface import Decoded

NAME = "HEIC"
SUFFIXES = (".heic", ".heif")

BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"})


def matches(data: bytes) -> bool:
    """Tell from the file type box whether `data` is a HEIF."""
    return data[4:8] == b"ftyp" and data[8:12] in BRANDS


def read_size(data: bytes) -> Size:
    """Return the size of the first picture."""
    return read_headers(data)[0].size


def read_headers(data: bytes) -> list[Header]:
    """Let libheif parse the file; it turns pictures upright by itself."""
    return [
        Header(Size(one.size[0], one.size[1], len(one.mode), 1), profile=one.info.get("icc_profile") or b"")
        for one in _opened(data)
    ]


def read_frames(data: bytes) -> Iterator[Callable[[], Decoded]]:
    """Yield what decodes each picture to RGB or RGBA at 8 bits."""
    for one in _opened(data):
        yield partial(_decode, one)


def _decode(picture: Any) -> Decoded:  # noqa: ANN401  pillow-heif may be missing
    return np.array(picture.to_pillow()), []


def _opened(data: bytes) -> Any:  # noqa: ANN401  pillow-heif may be missing
    try:
        import pillow_heif  # noqa: PLC0415 - an extra
    except ImportError:
        raise UnreadableError("that pillow-heif is needed for; pip install 'diffspot[heic]'") from None
    return pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
