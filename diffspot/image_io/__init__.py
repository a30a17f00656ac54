"""The only package that decodes or encodes pictures.

One file a format (`png/png`, `jpeg`, `webp`, `tiff`, `bmp`); `read` picks among them by content and
does what they have in common. A new format is one such file and one line in `read.FORMATS`.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from diffspot.image_io.interface import MAX_PIXELS
    from diffspot.image_io.png.encode import encode_png
    from diffspot.image_io.read import Outline, decode, peek_size, read_bytes, read_image, read_outline

_HOMES = {
    "MAX_PIXELS": "interface",
    "Outline": "read",
    "decode": "read",
    "encode_png": "png.encode",
    "peek_size": "read",
    "read_bytes": "read",
    "read_image": "read",
    "read_outline": "read",
}

__all__ = [
    "MAX_PIXELS",
    "Outline",
    "decode",
    "encode_png",
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
