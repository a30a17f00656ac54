"""Writing a picture in the format that its name asks for, where that loses nothing."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np
import PIL.Image

from diffspot.image_io.png.encode import encode_png
from diffspot.image_io.suffixes import suffix

if TYPE_CHECKING:
    from diffspot.image_io.interface import Pixels

TIFF: tuple[str, dict[str, Any]] = ("TIFF", {"compression": "tiff_adobe_deflate"})
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    ".tif": TIFF,
    ".tiff": TIFF,
    ".bmp": ("BMP", {}),
    ".webp": ("WEBP", {"lossless": True, "exact": True}),
}
"""Pillow's name and settings of a format without loss, by suffix."""
HELD = {"TIFF": frozenset({(1, 8), (3, 8), (4, 8), (1, 16)}), "BMP": frozenset({(1, 8), (3, 8)})}
HELD["WEBP"] = frozenset({(3, 8), (4, 8)})
"""Channels and bits that Pillow writes in each as they are."""
PNG = ".png"


def encode_lossless(pixels: Pixels, name: str) -> tuple[bytes, str]:
    """Encodes a picture so that it decodes to the same pixels.

    Args:
        pixels: (H, W, C) uint8 or uint16, as `Image` has them.
        name: of the file that it comes from.

    Returns:
        The file, and its name: the same for PNG, and for TIFF, BMP and WebP that hold such pixels; else with .png
        appended.
    """
    ending = suffix(name)
    if ending == PNG:
        return encode_png(pixels), name
    kind, settings = KINDS.get(ending, ("", {}))
    if (pixels.shape[2], 8 * pixels.itemsize) not in HELD.get(kind, ()):
        return encode_png(pixels), name + PNG
    file = io.BytesIO()
    PIL.Image.fromarray(np.ascontiguousarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels)).save(
        file, kind, **settings
    )
    return file.getvalue(), name
