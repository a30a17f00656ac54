"""The kinds of picture that only Pillow decodes right: palettes, CMYK, animations, BMP."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image

from diffspot.image_io.interface import MAX_PIXELS

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

    from diffspot.image_io.interface import Pixels

KEPT = ("L", "LA", "RGB", "RGBA")
GREY = {"1": "L", "La": "LA"}
NOTED = {"CMYK": "CMYK converted to RGB", "1": "1-bit grey expanded to 8 bits"}


def load(plugin: type[ImageFile], data: bytes) -> tuple[Pixels, list[str]]:
    """Decode the first frame to (H, W) or (H, W, C) uint8, with a note for each conversion.

    Pillow's own limit on pixels, which applies to all of the process, is raised to MAX_PIXELS if
    it is below: the size has been checked by then, and Pillow would warn from a sixth of it on.
    """
    limit = PIL.Image.MAX_IMAGE_PIXELS
    if limit is not None and limit < MAX_PIXELS:
        PIL.Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    with plugin(io.BytesIO(data)) as picture:
        picture.load()
        mode = _target_mode(picture)
        notes = [f"palette expanded to {mode}"] if picture.mode in {"P", "PA"} else []
        if picture.mode in NOTED:
            notes.append(NOTED[picture.mode])
        converted = picture if picture.mode == mode else picture.convert(mode)
        return np.array(converted), notes


def _target_mode(picture: PIL.Image.Image) -> str:
    if picture.mode in KEPT:
        return picture.mode
    if picture.mode in GREY:
        return GREY[picture.mode]
    return "RGBA" if picture.has_transparency_data else "RGB"
