"""The only package that decodes or encodes pictures, and in `storage/` the only one that asks object storage for them.

One file a format, such as `png/png` and `jpeg`; `read` picks among them by content and
does what they have in common. A new format is one such file and one line in `read.FORMATS`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from diffspot.image_io.encode import encode_lossless
    from diffspot.image_io.png.encode import encode_png
    from diffspot.image_io.read import (
        Opened,
        Outline,
        decode,
        decode_both,
        decode_first,
        decode_frames,
        first_of,
        open_picture,
        peek_size,
        read_bytes,
        read_image,
        read_outline,
    )

_HOMES = {
    "Opened": "read",
    "Outline": "read",
    "decode": "read",
    "decode_both": "read",
    "decode_first": "read",
    "decode_frames": "read",
    "encode_lossless": "encode",
    "encode_png": "png.encode",
    "first_of": "read",
    "open_picture": "read",
    "peek_size": "read",
    "read_bytes": "read",
    "read_image": "read",
    "read_outline": "read",
}

__all__ = [
    "Opened",
    "Outline",
    "decode",
    "decode_both",
    "decode_first",
    "decode_frames",
    "encode_lossless",
    "encode_png",
    "first_of",
    "open_picture",
    "peek_size",
    "read_bytes",
    "read_image",
    "read_outline",
]


def __getattr__(name: str) -> object:
    """Imports a name when it is first asked for: pairing needs only the suffixes, and the codecs import slowly."""
    from importlib import import_module  # noqa: PLC0415

    if name not in _HOMES:
        raise AttributeError(f"module 'diffspot.image_io' has no attribute {name!r}")
    return getattr(import_module(f"diffspot.image_io.{_HOMES[name]}"), name)
