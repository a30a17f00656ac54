"""TIFF and BigTIFF, the first page (TIFF 6.0)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import imagecodecs
import numpy as np

from diffspot.image_io.ifd import has_tiff_header, orientation_of, read_directories
from diffspot.image_io.interface import TRUNCATED, Header, UnreadableError
from diffspot.image_io.orientation import undo_orientation

if TYPE_CHECKING:
    from diffspot.image_io.ifd import Tags
    from diffspot.image_io.interface import Pixels

NAME = "TIFF"
SUFFIXES = (".tif", ".tiff")

WIDTH, HEIGHT, BITS, PHOTOMETRIC = 256, 257, 258, 262
PLANAR, EXTRA_SAMPLES, SAMPLE_FORMAT, ICC = 284, 338, 339, 34675
# Offsets and byte counts of the strips, and of the tiles.
SEGMENTS = ((273, 279), (324, 325))

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
COLOURS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3}
SEPARATE_PLANES = 2
PREMULTIPLIED, STRAIGHT = 1, 2
UNSIGNED = 1
SAMPLE_KINDS = {2: "signed", 3: "floating-point", 5: "complex", 6: "complex"}
BYTE = 8


def matches(data: bytes) -> bool:
    """Tell from the byte order and version whether `data` is a TIFF."""
    return has_tiff_header(data)


def read_size(data: bytes) -> tuple[int, int]:
    """Return (width, height) of the first page."""
    page = next(read_directories(data), {})
    if WIDTH not in page or HEIGHT not in page:
        raise UnreadableError("without a size; save it again")
    return page[WIDTH][0], page[HEIGHT][0]


def read_header(data: bytes) -> Header:
    """Check that the pixel data of every page lies inside the file."""
    pages = list(read_directories(data))
    for page in pages:
        _check_segments(page, len(data))
    return Header(
        orientation=orientation_of(pages[0]),
        profile=bytes(pages[0].get(ICC, b"")),
        frames=len(pages),
    )


def read_pixels(data: bytes) -> tuple[Pixels, list[str]]:
    """Decode to grey or RGB, with or without alpha, at 8 or 16 bits."""
    page = next(read_directories(data))
    bits = set(page.get(BITS, (1,)))
    _check_samples(page)
    if page.get(PHOTOMETRIC, (BLACK_IS_ZERO,))[0] in COLOURS and bits in ({BYTE}, {2 * BYTE}):
        return _decode_directly(data, page)
    if max(bits) > BYTE:
        raise UnreadableError(f"of an unsupported kind ({max(bits)}-bit samples); convert it to RGB at 8 or 16 bits")
    return _decode_with_pillow(data, page)


def _check_segments(page: Tags, file_bytes: int) -> None:
    for offsets, counts in SEGMENTS:
        for offset, count in zip(page.get(offsets, ()), page.get(counts, ()), strict=False):
            if offset + count > file_bytes:
                raise UnreadableError(TRUNCATED)


def _check_samples(page: Tags) -> None:
    for kind in page.get(SAMPLE_FORMAT, (UNSIGNED,)):
        if kind in SAMPLE_KINDS:
            raise UnreadableError(f"with {SAMPLE_KINDS[kind]} samples; convert it to 8 or 16 bits")


def _decode_directly(data: bytes, page: Tags) -> tuple[Pixels, list[str]]:
    notes: list[str] = []
    pixels: Pixels = imagecodecs.tiff_decode(data)
    if pixels.ndim == 3 and page.get(PLANAR, (1,))[0] == SEPARATE_PLANES:  # noqa: PLR2004
        pixels = np.moveaxis(pixels, 0, 2)
    photometric = page.get(PHOTOMETRIC, (BLACK_IS_ZERO,))[0]
    if photometric == WHITE_IS_ZERO:
        pixels = np.bitwise_not(pixels)
        notes.append("grey stored with white as zero inverted")
    if pixels.ndim == 2:  # noqa: PLR2004
        return pixels, notes
    return _keep_alpha(pixels, COLOURS[photometric], page, notes)


def _keep_alpha(pixels: Pixels, colours: int, page: Tags, notes: list[str]) -> tuple[Pixels, list[str]]:
    """Keep the colours and, where there is one, straight alpha; drop other channels."""
    # A fourth sample that the file does not explain is alpha to Pillow and to most viewers.
    meaning = page.get(EXTRA_SAMPLES, (STRAIGHT,))[0]
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


def _decode_with_pillow(data: bytes, page: Tags) -> tuple[Pixels, list[str]]:
    from PIL.TiffImagePlugin import TiffImageFile  # noqa: PLC0415 - slow to import and rare

    from diffspot.image_io.pillow import load  # noqa: PLC0415

    pixels, notes = load(TiffImageFile, data)
    if pixels.ndim == 2:  # noqa: PLR2004
        notes = [f"{page.get(BITS, (1,))[0]}-bit grey expanded to 8 bits"]
    # Pillow turns a TIFF upright by itself; here that is done in one place for all formats.
    return undo_orientation(pixels, orientation_of(page)), notes
