"""Sample depths, channel meanings and orientations come out as the array that went in."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
import PIL.Image
import pytest
from numpy.testing import assert_array_equal

from diffspot.image_io import decode, peek_size
from tests.made_pictures import HEIGHT, WIDTH, noise, picture, pillow, png_of, save, tiff

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOWHERE = Path("picture")

GREY16, GA16, RGB16, RGBA16 = (noise(channels, "uint16") for channels in (1, 2, 3, 4))
RGB_TIFF: dict[str, Any] = {"photometric": "rgb"}
ALPHA_TIFF: dict[str, Any] = {"photometric": "rgb", "extrasamples": ["unassalpha"]}
SIXTEEN_BITS = {
    "png grey": (imagecodecs.png_encode(GREY16[..., 0]), GREY16),
    "png grey and alpha": (imagecodecs.png_encode(GA16), GA16),
    "png rgb": (imagecodecs.png_encode(RGB16), RGB16),
    "png rgba": (imagecodecs.png_encode(RGBA16), RGBA16),
    "tiff grey": (tiff(GREY16[..., 0]), GREY16),
    "tiff grey big-endian": (tiff(GREY16[..., 0], byteorder=">"), GREY16),
    "tiff rgb": (tiff(RGB16, **RGB_TIFF), RGB16),
    "tiff rgb big-endian": (tiff(RGB16, byteorder=">", **RGB_TIFF), RGB16),
    "tiff rgb in planes": (
        tiff(np.moveaxis(RGB16, 2, 0), planarconfig="separate", **RGB_TIFF),
        RGB16,
    ),
    "bigtiff": (tiff(RGB16, bigtiff=True, **RGB_TIFF), RGB16),
    "tiff rgba": (tiff(RGBA16, **ALPHA_TIFF), RGBA16),
    "tiff tiles": (
        tiff(RGBA16, tile=(16, 16), compression="lzw", predictor=True, **ALPHA_TIFF),
        RGBA16,
    ),
    "tiff zstd": (tiff(RGB16, compression="zstd", **RGB_TIFF), RGB16),
}


@pytest.mark.parametrize(("data", "pixels"), SIXTEEN_BITS.values(), ids=SIXTEEN_BITS)
def test_sixteen_bits_are_kept(data: bytes, pixels: NDArray[Any]) -> None:
    image = decode(data, NOWHERE)
    assert image.pixels.dtype == np.uint16
    assert_array_equal(image.pixels, pixels)
    assert image.notes == ()
    assert peek_size(data, NOWHERE)[:2] == (WIDTH, HEIGHT)


@pytest.mark.parametrize("depth", [2, 4])
def test_png_grey_below_8_bits_spans_the_whole_range(depth: int) -> None:
    levels = 2**depth
    bits = "".join(f"{level:0{depth}b}" for level in range(levels))
    row = b"\0" + int(bits, 2).to_bytes(len(bits) // 8, "big")
    header = struct.pack(">IIBBBBB", levels, 1, depth, 0, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(row)), (b"IEND", b"")]
    png = png_of(chunks)
    image = decode(png, NOWHERE)
    assert image.pixels.ravel().tolist() == [level * 255 // (levels - 1) for level in range(levels)]
    assert image.notes == (f"{depth}-bit grey expanded to 8 bits",)


def test_interlaced_png() -> None:
    # 3x2 px, Adam7: the passes hold px (0,0); none; none; (2,0); none; (1,0); row 1.
    passes = b"\0\x0a" + b"\0\x1e" + b"\0\x14" + b"\0\x28\x32\x3c"
    header = struct.pack(">IIBBBBB", 3, 2, 8, 0, 0, 0, 1)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(passes)), (b"IEND", b"")]
    png = png_of(chunks)
    assert decode(png, NOWHERE).pixels[..., 0].tolist() == [[10, 20, 30], [40, 50, 60]]


@pytest.mark.parametrize("gap", [0, 6])
@pytest.mark.parametrize("height_sign", [1, -1])
@pytest.mark.parametrize("width", [1, 2, 3, 4, 33])
def test_bmp_of_24_bits(width: int, height_sign: int, gap: int) -> None:
    pixels = np.random.default_rng(width).integers(0, 256, (5, width, 3), np.uint8)
    stored = np.zeros((5, -(-width * 3 // 4) * 4), np.uint8)
    stored[:, : width * 3] = pixels[:, :, ::-1].reshape(5, -1)
    lines = stored[::-height_sign].tobytes()
    start = 54 + gap
    info = struct.pack("<IiiHHIIiiII", 40, width, 5 * height_sign, 1, 24, 0, 0, 0, 0, 0, 0)
    data = struct.pack("<2sIHHI", b"BM", start + len(lines), 0, 0, start) + info + bytes(gap) + lines
    assert_array_equal(decode(data, NOWHERE).pixels, pixels)
    assert_array_equal(pillow(data, "RGB"), pixels)


def test_tiff_with_white_as_zero_is_inverted() -> None:
    image = decode(tiff(GREY16[..., 0], photometric="miniswhite"), NOWHERE)
    assert_array_equal(image.pixels, 65535 - GREY16)
    assert image.notes == ("grey stored with white as zero inverted",)


def test_tiff_premultiplied_alpha_is_made_straight() -> None:
    stored = np.array([[[50, 100, 0, 100], [7, 8, 9, 0], [200, 3, 1, 255]]], np.uint8)
    options = {"photometric": "rgb", "extrasamples": ["assocalpha"]}
    image = decode(tiff(stored, **options), NOWHERE)
    assert image.pixels.tolist() == [[[127, 255, 0, 100], [7, 8, 9, 0], [200, 3, 1, 255]]]
    assert image.notes == ("premultiplied alpha made straight",)


def test_tiff_channels_of_no_meaning_are_dropped() -> None:
    options = {"photometric": "rgb", "extrasamples": ["unspecified"]}
    image = decode(tiff(noise(4), **options), NOWHERE)
    assert_array_equal(image.pixels, noise(4)[..., :3])
    assert image.notes == ("1 extra channels dropped",)


UPRIGHT = {
    1: lambda a: a,
    2: np.fliplr,
    3: lambda a: np.rot90(a, 2),
    4: np.flipud,
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(a, 2).swapaxes(0, 1),
    8: np.rot90,
}
ORIENTED = {
    "png": ("RGB", "PNG", {}),
    "jpeg": ("RGB", "JPEG", {}),
    "webp": ("RGB", "WEBP", {"lossless": True}),
    "tiff": ("RGB", "TIFF", {}),
    "tiff palette": ("P", "TIFF", {}),
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize(("mode", "kind", "options"), ORIENTED.values(), ids=ORIENTED)
def test_orientation_is_applied(mode: str, kind: str, options: dict[str, Any], orientation: int) -> None:
    exif = PIL.Image.Exif()
    exif[274] = orientation
    stored = decode(save(picture(mode), kind, **options), NOWHERE).pixels
    data = save(picture(mode), kind, exif=exif, **options)
    image = decode(data, NOWHERE)
    assert_array_equal(image.pixels, UPRIGHT[orientation](stored))
    assert image.pixels.flags.c_contiguous
    noted = f"EXIF orientation {orientation} applied"
    assert (noted in image.notes) == (orientation != 1)
    assert peek_size(data, NOWHERE)[:2] == (WIDTH, HEIGHT)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_orientation_that_makes_no_sense_is_ignored(value: int) -> None:
    exif = PIL.Image.Exif()
    exif[274] = value
    image = decode(save(picture(), "PNG", exif=exif), NOWHERE)
    assert_array_equal(image.pixels, np.asarray(picture()))
    assert image.notes == ()


@pytest.mark.parametrize(("count", "orientation"), [(1, 3), (5000, 1)], ids=["other tag broken", "itself broken"])
def test_orientation_beside_a_broken_tag(count: int, orientation: int) -> None:
    tags = struct.pack("<HHII", 256, 4, 5000, 9999) + struct.pack("<HHIHH", 274, 3, count, 3, 0)
    exif = b"II*\0" + struct.pack("<IH", 8, 2) + tags + struct.pack("<I", 0)
    image = decode(save(picture(), "PNG", exif=exif), NOWHERE)
    assert_array_equal(image.pixels, UPRIGHT[orientation](np.asarray(picture())))
