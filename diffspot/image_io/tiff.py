"""TIFF and BigTIFF, page by page (TIFF 6.0)."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np

from diffspot.image_io.ifd import has_tiff_header, read_directories
from diffspot.image_io.interface import NO_SIZE, TRUNCATED, Header, Size, UnreadableError
from diffspot.image_io.orientation import undo_orientation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PIL.ImageFile import ImageFile

    from diffspot.image_io.ifd import Directory
    from diffspot.image_io.interface import Decoded, Pixels

NAME = "TIFF"
SUFFIXES = (".tif", ".tiff")

WIDTH, HEIGHT, BITS, PHOTOMETRIC = 256, 257, 258, 262
SAMPLES, PLANAR, EXTRA_SAMPLES, SAMPLE_FORMAT, ICC = 277, 284, 338, 339, 34675
TILE_WIDTH, TILE_HEIGHT = 322, 323
LARGE_TILE = 2**22
"""Px up to which a tile may be larger than the picture."""
# Offsets and byte counts of the strips, and of the tiles.
SEGMENTS = ((273, 279), (324, 325))

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
RGB_SAMPLES = 3
COLOURS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3}
SEPARATE_PLANES = 2
PREMULTIPLIED, STRAIGHT = 1, 2
SAMPLE_KINDS = {2: "signed", 3: "floating-point", 5: "complex", 6: "complex"}
BYTE = 8


def matches(data: bytes) -> bool:
    """Tell from the byte order and version whether `data` is a TIFF."""
    return has_tiff_header(data)


def read_size(data: bytes) -> Size:
    """Return the size of the first page; palettes become RGB."""
    for page in read_directories(data):
        return _size_of(page)
    raise UnreadableError(NO_SIZE)


def read_headers(data: bytes) -> list[Header]:
    """Check that the pixel data of every page lies inside the file."""
    headers = []
    for page in read_directories(data):
        _check_segments(page, len(data))
        headers.append(Header(_size_of(page), page.orientation, page.values(ICC).tobytes()))
    if not headers:
        raise UnreadableError(NO_SIZE)
    return headers


def read_frames(data: bytes) -> Iterator[Callable[[], Decoded]]:
    """Yield what decodes each page to grey or RGB, with or without alpha, at 8 or 16 bits."""
    picture = cache(lambda: _opened(data))  # once: to find a page, Pillow reads all directories before it
    for index, page in enumerate(read_directories(data)):
        yield partial(_read_page, data, page, index, picture)


def _size_of(page: Directory) -> Size:
    width, height = page.value(WIDTH, 0), page.value(HEIGHT, 0)
    if not width or not height:
        raise UnreadableError(NO_SIZE)
    if page.value(TILE_WIDTH, 0) * page.value(TILE_HEIGHT, 0) > max(width * height, LARGE_TILE):
        raise UnreadableError("whose tiles are larger than the picture; save it again")
    colours = 1 if page.value(PHOTOMETRIC, BLACK_IS_ZERO) <= BLACK_IS_ZERO else RGB_SAMPLES
    return Size(width, height, max(page.value(SAMPLES, 1), colours), 1 if page.value(BITS, 1) <= BYTE else 2)


def _read_page(data: bytes, page: Directory, index: int, picture: Callable[[], ImageFile]) -> Decoded:
    bits = {*page.values(BITS).tolist()} or {1}
    _check_samples(page)
    if page.value(PHOTOMETRIC, BLACK_IS_ZERO) in COLOURS and bits in ({BYTE}, {2 * BYTE}):
        return _decode_directly(data, page, index)
    if max(bits) > BYTE:
        raise UnreadableError(f"of an unsupported kind ({max(bits)}-bit samples); convert it to RGB at 8 or 16 bits")
    return _decode_with_pillow(picture(), page, index)


def _check_segments(page: Directory, file_bytes: int) -> None:
    for where in SEGMENTS:
        offsets, counts = (page.values(tag) for tag in where)
        both = min(len(offsets), len(counts))
        # in floating point, as sums of what a hostile file states may overflow 64 bits
        if (offsets[:both] + counts[:both].astype(np.float64) > file_bytes).any():
            raise UnreadableError(TRUNCATED)


def _check_samples(page: Directory) -> None:
    for kind in page.values(SAMPLE_FORMAT).tolist():
        if kind in SAMPLE_KINDS:
            raise UnreadableError(f"with {SAMPLE_KINDS[kind]} samples; convert it to 8 or 16 bits")


def _decode_directly(data: bytes, page: Directory, index: int) -> Decoded:
    notes: list[str] = []
    pixels: Pixels = imagecodecs.tiff_decode(data, index=index)
    if pixels.ndim == 3 and page.value(PLANAR, 1) == SEPARATE_PLANES:  # noqa: PLR2004
        pixels = np.moveaxis(pixels, 0, 2)
    photometric = page.value(PHOTOMETRIC, BLACK_IS_ZERO)
    if photometric == WHITE_IS_ZERO:
        pixels = np.bitwise_not(pixels)
        notes.append("grey stored with white as zero inverted")
    if pixels.ndim == 2:  # noqa: PLR2004
        return pixels, notes
    return _keep_alpha(pixels, COLOURS[photometric], page, notes)


def _keep_alpha(pixels: Pixels, colours: int, page: Directory, notes: list[str]) -> Decoded:
    """Keep the colours and, where there is one, straight alpha; drop other channels."""
    # A fourth sample that the file does not explain is alpha to Pillow and to most viewers.
    meaning = page.value(EXTRA_SAMPLES, STRAIGHT)
    wanted = colours + (meaning in {PREMULTIPLIED, STRAIGHT})
    if pixels.shape[2] > wanted:
        notes.append(f"{pixels.shape[2] - wanted} extra channels dropped")
        pixels = pixels[..., :wanted]
    if meaning == PREMULTIPLIED and pixels.shape[2] > colours:
        notes.append("premultiplied alpha made straight")
        pixels = _make_straight(pixels)
    return pixels, notes


def _make_straight(pixels: Pixels) -> Pixels:
    """Divide the colours by alpha; where alpha is 0 they stay as they are."""
    top = np.iinfo(pixels.dtype).max
    alpha = pixels[..., -1:].astype(np.uint64)
    straight = pixels[..., :-1] * np.uint64(top) // np.maximum(alpha, 1)
    colours = np.where(alpha > 0, np.minimum(straight, top), pixels[..., :-1])
    joined: Pixels = np.concatenate([colours.astype(pixels.dtype), pixels[..., -1:]], axis=2)
    return joined


def _opened(data: bytes) -> ImageFile:
    from PIL.TiffImagePlugin import TiffImageFile  # noqa: PLC0415 - slow to import and rare

    from diffspot.image_io.pillow import opened  # noqa: PLC0415

    return opened(TiffImageFile, data)


def _decode_with_pillow(picture: ImageFile, page: Directory, index: int) -> Decoded:
    from diffspot.image_io.pillow import decode_frame  # noqa: PLC0415 - slow to import and rare

    picture.readonly = 1  # so that it lets go of the page before, which else would show where this one has no data
    pixels, notes = decode_frame(picture, index)
    if pixels.ndim == 2:  # noqa: PLR2004
        notes = [f"{page.value(BITS, 1)}-bit grey expanded to 8 bits"]
    # Pillow turns a TIFF upright by itself; here that is done in one place for all formats.
    return undo_orientation(pixels, page.orientation), notes
