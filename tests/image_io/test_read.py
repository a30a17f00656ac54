"""Every kind of picture decodes to the right values, and what was done is noted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_array_equal
from PIL import ImageCms

from diffspot.image_io import decode, encode_png, peek_size, read_image
from diffspot.image_io.read import FORMATS
from diffspot.image_io.suffixes import PICTURE_SUFFIXES
from tests.made_pictures import HEIGHT, WIDTH, noise, picture, pillow, save

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOWHERE = Path("picture")


def test_suffixes_are_those_of_the_formats() -> None:
    expected = ".png .jpg .jpeg .jpe .jfif .webp .tif .tiff .gif .bmp .avif .jxl .heic .heif .pdf"
    assert frozenset(expected.split()) == PICTURE_SUFFIXES
    assert {suffix for kind in FORMATS for suffix in kind.SUFFIXES} == PICTURE_SUFFIXES


@settings(derandomize=True, deadline=None, max_examples=50)
@given(st.data())
def test_png_round_trip(data: st.DataObject) -> None:
    side = st.integers(1, 20)
    shape = (data.draw(side), data.draw(side), data.draw(st.integers(1, 4)))
    dtype = data.draw(st.sampled_from([np.uint8, np.uint16]))
    pixels: NDArray[Any] = data.draw(arrays(dtype, shape))
    png = encode_png(pixels)
    image = decode(png, NOWHERE)
    assert image.pixels.dtype == dtype
    assert_array_equal(image.pixels, pixels)
    assert image.notes == ()
    assert peek_size(png, NOWHERE)[:2] == (shape[1], shape[0])
    assert_array_equal(imagecodecs.png_decode(png).reshape(shape), pixels)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("spread", [1, 256])
def test_even_and_noisy_pictures_are_encoded_alike(dtype: type[np.unsignedinteger[Any]], spread: int) -> None:
    rng = np.random.default_rng(3)
    turned = rng.integers(0, spread, (300, 80, 3)).astype(dtype).swapaxes(0, 1)
    assert_array_equal(imagecodecs.png_decode(encode_png(turned)), turned)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_encoded_png_is_what_pillow_reads(channels: int) -> None:
    pixels = noise(channels)
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[channels]
    assert_array_equal(pillow(encode_png(pixels), mode), pixels)


LAB = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
LAB_NOTE = "colour profile 'Lab identity built-in' not applied"
MORE = {"save_all": True, "append_images": [picture().rotate(90), picture().rotate(180)]}
ADOBE_INVERTED = imagecodecs.jpeg8_encode(noise(4), colorspace="CMYK", outcolorspace="YCCK")

# What is read, the mode Pillow has to convert it to for the same values, and the notes.
KINDS = {
    "png grey": (save(picture("L"), "PNG"), "L", ()),
    "png grey and alpha": (save(picture("LA"), "PNG"), "LA", ()),
    "png rgb": (save(picture(), "PNG"), "RGB", ()),
    "png rgba": (save(picture("RGBA"), "PNG"), "RGBA", ()),
    "png 1 bit": (save(picture("1"), "PNG"), "L", ("1-bit grey expanded to 8 bits",)),
    "png palette": (save(picture("P"), "PNG"), "RGB", ("palette expanded to RGB",)),
    "png palette with transparency": (
        save(picture("P"), "PNG", transparency=bytes([0, 90, 200])),
        "RGBA",
        ("palette expanded to RGBA",),
    ),
    "png grey with transparent value": (
        save(picture("L"), "PNG", transparency=int(np.asarray(picture("L"))[3, 5])),
        "LA",
        ("transparent colour expanded to alpha",),
    ),
    "png rgb with transparent colour": (
        save(picture(), "PNG", transparency=tuple(np.asarray(picture())[3, 5].tolist())),
        "RGBA",
        ("transparent colour expanded to alpha",),
    ),
    "png animated": (save(picture(), "PNG", **MORE), "RGB", ("first of 3 frames",)),
    "png profile": (save(picture(), "PNG", icc_profile=LAB), "RGB", (LAB_NOTE,)),
    "png sRGB": (save(picture(), "PNG", icc_profile=SRGB), "RGB", ()),
    "png bad profile": (
        save(picture(), "PNG", icc_profile=b"nonsense"),
        "RGB",
        ("damaged colour profile not applied",),
    ),
    "jpeg": (save(picture(), "JPEG"), "RGB", ()),
    "jpeg 4:4:4": (save(picture(), "JPEG", subsampling=0), "RGB", ()),
    "jpeg rgb": (save(picture(), "JPEG", keep_rgb=True), "RGB", ()),
    "jpeg progressive": (save(picture(), "JPEG", progressive=True), "RGB", ()),
    "jpeg restarts": (save(picture(), "JPEG", restart_marker_blocks=2), "RGB", ()),
    "jpeg grey": (save(picture("L"), "JPEG"), "L", ()),
    "jpeg cmyk": (save(picture("CMYK"), "JPEG"), "RGB", ("CMYK converted to RGB",)),
    "jpeg ycck": (ADOBE_INVERTED, "RGB", ("CMYK converted to RGB",)),
    "jpeg profile": (save(picture(), "JPEG", icc_profile=LAB), "RGB", (LAB_NOTE,)),
    "webp": (save(picture(), "WEBP"), "RGB", ()),
    "webp lossless": (save(picture(), "WEBP", lossless=True), "RGB", ()),
    "webp alpha": (save(picture("RGBA"), "WEBP", lossless=True, exact=True), "RGBA", ()),
    "webp lossy alpha": (save(picture("RGBA"), "WEBP"), "RGBA", ()),
    "webp animated": (save(picture(), "WEBP", **MORE), "RGB", ("first of 3 frames",)),
    "webp profile": (save(picture(), "WEBP", icc_profile=LAB), "RGB", (LAB_NOTE,)),
    "tiff": (save(picture(), "TIFF"), "RGB", ()),
    "tiff lzw": (save(picture(), "TIFF", compression="tiff_lzw"), "RGB", ()),
    "tiff deflate": (save(picture("L"), "TIFF", compression="tiff_adobe_deflate"), "L", ()),
    "tiff jpeg": (save(picture(), "TIFF", compression="jpeg"), "RGB", ()),
    "tiff rgba": (save(picture("RGBA"), "TIFF"), "RGBA", ()),
    "tiff grey and alpha": (save(picture("LA"), "TIFF"), "LA", ()),
    "tiff fax": (
        save(picture("1"), "TIFF", compression="group4"),
        "L",
        ("1-bit grey expanded to 8 bits",),
    ),
    "tiff palette": (save(picture("P"), "TIFF"), "RGB", ("palette expanded to RGB",)),
    "tiff cmyk": (save(picture("CMYK"), "TIFF"), "RGB", ("CMYK converted to RGB",)),
    "tiff pages": (save(picture(), "TIFF", **MORE), "RGB", ("first of 3 frames",)),
    "tiff profile": (save(picture(), "TIFF", icc_profile=LAB), "RGB", (LAB_NOTE,)),
    "gif": (save(picture("P"), "GIF"), "RGB", ("palette expanded to RGB",)),
    "gif with transparency": (
        save(picture("P"), "GIF", transparency=3),
        "RGBA",
        ("palette expanded to RGBA",),
    ),
    "gif animated": (save(picture("P"), "GIF", **MORE), "RGB", ("palette expanded to RGB", "first of 3 frames")),
    "bmp": (save(picture(), "BMP"), "RGB", ()),
    "bmp grey": (save(picture("L"), "BMP"), "L", ()),
    "bmp 1 bit": (save(picture("1"), "BMP"), "L", ("1-bit grey expanded to 8 bits",)),
    "bmp palette": (save(picture("P"), "BMP"), "RGB", ("palette expanded to RGB",)),
    "bmp rgbx": (save(picture("RGBA"), "BMP"), "RGB", ()),
}


@pytest.mark.parametrize(("data", "mode", "notes"), KINDS.values(), ids=KINDS)
def test_values_are_pillows_and_notes_say_what_was_done(
    data: bytes, mode: str, notes: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = pillow(data, mode)
    # Pillow's own limit would raise its warning here, which pytest makes an error.
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 400)
    image = decode(data, NOWHERE)
    assert_array_equal(image.pixels, expected)
    assert image.pixels.dtype == np.uint8
    assert image.pixels.flags.c_contiguous
    assert image.notes == notes
    assert peek_size(data, NOWHERE)[:2] == (WIDTH, HEIGHT)


@pytest.mark.parametrize(
    ("name", "notes"),
    [
        ("photo.png", ("is a JPEG despite its name",)),
        ("photo.TIF", ("is a JPEG despite its name",)),
        ("photo.JPEG", ()),
        ("photo.jfif", ()),
        ("photo.data", ()),
        ("photo", ()),
    ],
)
def test_content_decides_and_a_wrong_name_is_noted(tmp_path: Path, name: str, notes: tuple[str, ...]) -> None:
    path = tmp_path / name
    path.write_bytes(KINDS["jpeg"][0])
    image = read_image(path)
    assert image.notes == notes
    assert_array_equal(image.pixels, pillow(KINDS["jpeg"][0], "RGB"))


@pytest.mark.parametrize("size", [(1, 1), (3, 2000), (2000, 3)])
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP"])
def test_extreme_shapes(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    path = tmp_path / "Größe 图.picture"
    path.write_bytes(save(PIL.Image.new("RGB", size, (255, 255, 255)), kind))
    image = read_image(path)
    assert image.pixels.shape == (size[1], size[0], 3)
    assert image.pixels.min() == 255


def test_decoding_in_threads_gives_the_same() -> None:
    work = [data for data, _, _ in KINDS.values()] * 4
    expected = [decode(data, NOWHERE) for data in work]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda data: decode(data, NOWHERE), work))
    for one, other in zip(found, expected, strict=True):
        assert_array_equal(one.pixels, other.pixels)
        assert one.notes == other.notes
