"""The kinds of picture that only Pillow decodes right: palettes, CMYK, animations, BMP, AVIF."""

from __future__ import annotations

import io
import warnings
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image

from diffspot.model import MAX_PIXELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray
    from PIL.ImageFile import ImageFile

    from diffspot.image_io.interface import Decoded

# A hostile file can make Pillow warn thousands of times. Filters are no thread's own before Python 3.14, so this one
# stands for the whole process.
warnings.filterwarnings("ignore", module=r"PIL\.")

KEPT = ("L", "LA", "RGB", "RGBA")
GREY = {"1": "L", "La": "LA"}
NOTED = {"CMYK": "CMYK converted to RGB", "1": "1-bit grey expanded to 8 bits"}


def opened(plugin: type[ImageFile], data: bytes) -> ImageFile:
    """Open a picture, which reads its header alone; of bytes in memory there is nothing to close.

    Pillow's own limit on pixels, which applies to all of the process, is raised to MAX_PIXELS if
    it is below: diffspot checks the size itself, and Pillow would warn from a sixth of it on.
    """
    limit = PIL.Image.MAX_IMAGE_PIXELS
    if limit is not None and limit < MAX_PIXELS:
        PIL.Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    return plugin(io.BytesIO(data))


def as_shown(picture: PIL.Image.Image) -> NDArray[np.uint8]:
    """A picture as (H, W) or (H, W, C) uint8, whatever its mode."""
    mode = _target_mode(picture)
    return np.array(picture if picture.mode == mode else picture.convert(mode))


def decode_frame(picture: ImageFile, number: int = 0) -> Decoded:
    """Decode a frame to (H, W) or (H, W, C) uint8, with a note for each conversion."""
    picture.seek(number)
    picture.load()
    mode = _target_mode(picture)
    notes = [f"palette expanded to {mode}"] if picture.mode in {"P", "PA"} else []
    if picture.mode in NOTED:
        notes.append(NOTED[picture.mode])
    return as_shown(picture), notes


def decode_frames(plugin: type[ImageFile], data: bytes, start: int = 0) -> Iterator[Callable[[], Decoded]]:
    """Yield what decodes each frame of an animation from `start` on, as it is shown."""
    picture = opened(plugin, data)
    for number in range(start, getattr(picture, "n_frames", 1)):
        yield partial(decode_frame, picture, number)


def cmyk_to_rgb(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn (H, W, 4) CMYK, 255 is full ink, into (H, W, 3) RGB as Pillow does."""
    return np.array(PIL.Image.fromarray(pixels, "CMYK").convert("RGB"))


def _target_mode(picture: PIL.Image.Image) -> str:
    if picture.mode in KEPT:
        return picture.mode
    if picture.mode in GREY:
        return GREY[picture.mode]
    return "RGBA" if picture.has_transparency_data else "RGB"
