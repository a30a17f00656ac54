"""Every frame of an animation and every page of a document is decoded as it is shown."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import PIL.Image
import pytest
from numpy.testing import assert_array_equal

from diffspot.errors import ImageReadError
from diffspot.image_io import decode, decode_frames, open_picture
from tests.made_pictures import noise, picture, save, tiff

if TYPE_CHECKING:
    from diffspot.model import Image

NOWHERE = Path("picture")
SHADES = (10, 90, 200)


def shades(kind: str, **options: object) -> bytes:
    """Three frames, each of one shade."""
    first, *more = (PIL.Image.new("RGB", (12, 8), (shade,) * 3) for shade in SHADES)
    return save(first, kind, save_all=True, append_images=more, **options)


def frames(data: bytes) -> list[Image]:
    return [decode() for decode in decode_frames(open_picture(data, NOWHERE))]


KINDS = {
    "png": shades("PNG"),
    "png after a still one": shades("PNG", default_image=True),
    "gif": shades("GIF"),
    "webp": shades("WEBP", lossless=True),
    "tiff": shades("TIFF"),
    "tiff fax and colour": save(
        picture("1"), "TIFF", save_all=True, append_images=[PIL.Image.new("RGB", (5, 4), (7,) * 3)]
    ),
}


@pytest.mark.parametrize("kind", ["png", "png after a still one", "gif", "webp", "tiff"])
def test_frames_come_in_order(kind: str) -> None:
    found = frames(KINDS[kind])
    assert [image.pixels.shape[:2] for image in found] == [(8, 12)] * 3
    assert [np.unique(image.pixels[..., :3]).tolist() for image in found] == [[shade] for shade in SHADES]
    assert_array_equal(decode(KINDS[kind], NOWHERE).pixels, found[0].pixels)
    assert decode(KINDS[kind], NOWHERE).notes[-1] == "first of 3 frames"
    assert not any("first of" in note for image in found for note in image.notes)


def test_pages_have_their_own_size_kind_and_orientation() -> None:
    pages = [noise(3), noise(1, "uint16")[..., 0], noise(4)]
    exif = PIL.Image.Exif()
    exif[274] = 6
    turned = save(PIL.Image.fromarray(noise(3)), "TIFF", exif=exif)
    assert [image.pixels.shape for image in frames(KINDS["tiff fax and colour"])] == [(21, 34, 1), (4, 5, 3)]
    assert [header.size[:2] for header in open_picture(turned, NOWHERE).headers] == [(34, 21)]
    assert [image.pixels.shape for image in frames(turned)] == [(34, 21, 3)]
    for page in pages:
        (image,) = frames(tiff(page, photometric="rgb" if page.ndim == 3 else "minisblack"))
        assert_array_equal(image.pixels, np.atleast_3d(page))


def test_pages_that_pillow_decodes_owe_nothing_to_the_pages_before() -> None:
    turned = PIL.Image.Exif()
    turned[274] = 6
    pages = [(picture(mode), exif) for mode in ("P", "1", "CMYK", "1", "P") for exif in (PIL.Image.Exif(), turned)]
    (first, exif), *more = pages
    for page, own in more:
        page.encoderinfo = {"exif": own}
    together = frames(save(first, "TIFF", exif=exif, save_all=True, append_images=[page for page, _ in more]))
    assert len(together) == len(pages)
    for image, (page, own) in zip(together, pages, strict=True):
        (alone,) = frames(save(page, "TIFF", exif=own))
        assert_array_equal(image.pixels, alone.pixels)
        assert image.notes == alone.notes


def test_what_a_page_has_no_data_of_is_black_and_not_the_page_before() -> None:
    white = PIL.Image.new("1", (8, 8), 1)
    data = bytearray(save(white, "TIFF", save_all=True, append_images=[white]))
    rows_per_strip = data.rindex(struct.pack("<HHI", 278, 4, 1))  # of the second page, which has one strip
    struct.pack_into("<I", data, rows_per_strip + 8, 4)
    whole, half = frames(bytes(data))
    assert whole.pixels.min() == 255
    assert half.pixels[:, 0, 0].tolist() == [255] * 4 + [0] * 4


def test_frames_that_change_a_part_are_shown_whole() -> None:
    base = PIL.Image.new("RGB", (20, 10), (0, 0, 200))
    spotted = base.copy()
    spotted.paste((250, 250, 0), (5, 2, 9, 6))
    for kind in ("PNG", "GIF", "WEBP"):
        options = {"lossless": True} if kind == "WEBP" else {}
        first, second = frames(save(base, kind, save_all=True, append_images=[spotted], **options))
        assert_array_equal(first.pixels[..., :3], np.asarray(base))
        assert_array_equal(second.pixels[..., :3], np.asarray(spotted))


def test_an_animation_that_claims_more_frames_than_it_has() -> None:
    data = bytearray(KINDS["png"])
    at = data.index(b"fcTL") + 4
    while (following := data.find(b"fcTL", at)) > 0:
        at = following + 4
    assert len(open_picture(bytes(data), NOWHERE).headers) == 3
    webp = bytearray(KINDS["webp"])
    first = webp.index(b"ANMF")
    webp[first : first + 4] = b"XXXX"
    images = decode_frames(open_picture(bytes(webp), NOWHERE))
    assert len(open_picture(bytes(webp), NOWHERE).headers) == 2
    assert [decode().pixels.max() for decode in images] == [90, 200]


def test_a_page_of_which_the_data_is_cut_off() -> None:
    with pytest.raises(ImageReadError, match="that ends too early"):
        open_picture(KINDS["tiff"][:-20], NOWHERE)
