"""The only package that decodes or encodes pictures.

One file a format (`png`, `jpeg`, `webp`, `tiff`, `bmp`); `read` picks among them by content and
does what they have in common. A new format is one such file and one line in `read.FORMATS`.
"""

from diffspot.image_io.encode import encode_png
from diffspot.image_io.interface import MAX_PIXELS
from diffspot.image_io.read import (
    Outline,
    decode,
    peek_size,
    read_bytes,
    read_image,
    read_outline,
)

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
