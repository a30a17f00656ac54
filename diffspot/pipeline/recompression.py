"""What a given compression makes of a picture: by the encoder itself, to the bit."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.model import Compression
from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.quantization import FULL, HALVED, SIDE, compression_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

SAMPLINGS = {HALVED: "420", FULL: "444", (1, 2): "422", (2, 1): "440"}
"""How libjpeg-turbo names px, down and across, that have one colour, the usual first."""
NUMBERS = {FULL: 0, (1, 2): 1, HALVED: 2}
"""And Pillow, which has none for the last."""


def compressed(picture: NDArray[np.uint8], way: Compression) -> NDArray[np.uint8]:
    """An (H, W, C) picture, C 1 or 3, as it is after compression."""
    import imagecodecs  # noqa: PLC0415  slow to import, and few pairs need it

    sampling = SAMPLINGS[way.sampling] if picture.shape[2] > 1 else None
    quality = _qualities().get(way[: 2 if sampling else 1])
    if quality is None and sampling and way.sampling not in NUMBERS:
        return compressed(picture.swapaxes(0, 1), _turned(way)).swapaxes(0, 1).copy()
    levels = picture if sampling else picture[..., 0]
    by_quality = quality and imagecodecs.jpeg8_encode(levels, level=quality, subsampling=sampling)
    file = by_quality or _with_tables(levels, way)
    # OpenCV decodes to the same bits in one and a half times the time
    return np.asarray(imagecodecs.jpeg8_decode(file), np.uint8).reshape(picture.shape)


@lru_cache(maxsize=1)
def _qualities() -> dict[tuple[tuple[int, ...], ...], int]:
    """The qualities of libjpeg by their tables, of luminance alone and of both."""
    ways = {quality: compression_of(quality) for quality in range(1, 101)}
    return {tables: quality for quality, way in ways.items() for tables in (way[:1], way[:2])}


def _with_tables(levels: NDArray[np.uint8], way: Compression) -> bytes:
    """A file of an (H, W) or (H, W, 3) picture with tables that no quality of libjpeg has."""
    from PIL import Image  # noqa: PLC0415  slow to import; imagecodecs takes no tables

    coloured = levels.ndim > 2  # noqa: PLR2004  rows and columns
    tables = {number: list(steps) for number, steps in enumerate(way[: 2 if coloured else 1])}
    sampling = {"subsampling": NUMBERS[way.sampling]} if coloured else {}
    file = io.BytesIO()
    Image.fromarray(levels).save(file, "JPEG", qtables=tables, **sampling)
    return file.getvalue()


def _turned(way: Compression) -> Compression:
    """How a picture was compressed once its rows are its columns."""
    brightness, colours = (tuple(np.reshape(steps, (SIDE, SIDE)).T.ravel().tolist()) for steps in way[:2])
    return Compression(brightness, colours, way.sampling[::-1])


def in_halved_colours(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An (H, W, 3) picture whose colours have half the resolution, sampled as JPEG does; its luminance stays."""
    colours = colours_of(picture)
    return np.asarray(np.clip(picture + (in_half(colours) - colours), 0, 255), np.uint8)


def colours_of(picture: NDArray[np.uint8]) -> NDArray[np.int16]:
    """(H, W, 3) by how many levels each channel differs from the luminance."""
    return picture.astype(np.int16) - luminance(picture)[..., None]


def in_half(colours: NDArray[np.int16]) -> NDArray[np.int16]:
    """Colours as their means of 2 x 2 px tell them, between whose middles they are interpolated."""
    height, width = colours.shape[:2]
    even = cv2.copyMakeBorder(colours, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    few = cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(few, even.shape[1::-1], interpolation=cv2.INTER_LINEAR)[:height, :width], np.int16)
