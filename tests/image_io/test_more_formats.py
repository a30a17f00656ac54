"""AVIF, JPEG XL, HEIC and pages of PDFs: sizes before pixels, values, and what cannot be read."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
import PIL.Image
import pillow_heif
import pytest
from numpy.testing import assert_array_equal

import diffspot
from diffspot.errors import ImageReadError, PairingError
from diffspot.image_io import decode, decode_frames, open_picture, pdf, peek_size
from diffspot.image_io.suffixes import PICTURE_SUFFIXES, split_page
from diffspot.pairing.pairs import pair_inputs
from tests.in_process import diffspot as command
from tests.made_pictures import noise, save
from tests.pictures import pdf_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

NOWHERE = Path("nowhere")
SIZES = [(21, 34), (8, 8), (256, 256), (1, 1), (300, 400), (1080, 1920), (2000, 1000), (17, 9000)]
"""Heights and widths that JPEG XL's header writes in each of its ways."""


def smooth(height: int = 40, width: int = 60) -> NDArray[np.uint8]:
    """A gradient, which lossy formats keep to a level or two, (H, W, 3)."""
    y, x = np.mgrid[:height, :width]
    return np.dstack([x * 255 // width, y * 255 // height, np.full_like(x, 90)]).astype(np.uint8)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_jpeg_xl_tells_its_size(size: tuple[int, int]) -> None:
    data = imagecodecs.jpegxl_encode(np.zeros((*size, 3), np.uint8), lossless=True)
    assert peek_size(data, NOWHERE)[:2] == size[::-1]


@pytest.mark.parametrize("container", [False, True])
@pytest.mark.parametrize(
    ("channels", "dtype"), [(1, "uint8"), (3, "uint8"), (4, "uint8"), (1, "uint16"), (3, "uint16")]
)
def test_jpeg_xl_keeps_every_value(channels: int, dtype: str, *, container: bool) -> None:
    pixels = noise(channels, dtype)
    data = imagecodecs.jpegxl_encode(pixels.squeeze(), lossless=True, usecontainer=container)
    image = decode(data, NOWHERE)
    assert_array_equal(image.pixels, pixels)
    assert image.notes == ()


def test_avif_with_alpha_profile_and_frames() -> None:
    profile = imagecodecs.cms_profile(
        "rgb", whitepoint=(0.31, 0.33, 1), primaries=[0.7, 0.3, 1, 0.2, 0.7, 1, 0.1, 0, 1]
    )
    rgba = np.dstack([smooth(), np.full((40, 60), 128, np.uint8)])
    data = save(PIL.Image.fromarray(rgba), "AVIF", quality=100, icc_profile=profile)
    image = decode(data, NOWHERE)
    assert np.abs(image.pixels.astype(int) - rgba).max() <= 5
    assert image.profile == profile
    assert peek_size(data, NOWHERE) == (60, 40, 4, 1)
    frames = [PIL.Image.fromarray(np.roll(smooth(), 9 * n, axis=1)) for n in range(3)]
    data = save(frames[0], "AVIF", quality=100, save_all=True, append_images=frames[1:])
    found = [decode_it() for decode_it in decode_frames(open_picture(data, NOWHERE))]
    assert len(found) == 3
    assert np.abs(found[2].pixels.astype(int) - np.asarray(frames[2])).mean() < 4


def test_avif_is_turned_upright() -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    data = save(PIL.Image.fromarray(smooth()), "AVIF", quality=100, exif=exif.tobytes())
    image = decode(data, NOWHERE)
    assert image.pixels.shape == (60, 40, 3)
    assert np.abs(image.pixels.astype(int) - np.rot90(smooth(), -1)).max() <= 5
    assert image.notes == ("EXIF orientation 6 applied",)


def test_heic() -> None:
    file = io.BytesIO()
    pillow_heif.from_pillow(PIL.Image.fromarray(smooth())).save(file, quality=100)
    data = file.getvalue()
    assert peek_size(data, NOWHERE)[:2] == (60, 40)
    assert np.abs(decode(data, NOWHERE).pixels.astype(int) - smooth()).max() <= 6


def test_pages_of_a_pdf_are_drawn_at_a_resolution() -> None:
    data = pdf_of("abc", "abcdef")
    opened = open_picture(data, NOWHERE, dpi=72)
    assert [header.size[:2] for header in opened.headers] == [(200, 100)] * 2
    for step, width in zip(decode_frames(opened), (30, 60), strict=True):
        image = step()
        expected = np.full((100, 200, 3), 255, np.uint8)
        expected[50:70, 20 : 20 + width] = 0  # a PDF counts from below
        assert_array_equal(image.pixels, expected)
    assert peek_size(data, NOWHERE)[:2] == (400, 200)


def test_pages_are_compared_and_named(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(pdf_of("abc", "abcd", "x"))
    (tmp_path / "b.pdf").write_bytes(pdf_of("abc", "abcde", "x"))
    done = command("compare", "a.pdf", "b.pdf", "--dpi", "72", cwd=tmp_path)
    assert done.stdout.splitlines()[0] == "different\ta.pdf#2\t1\t200\tadded at 60,50,10,20"
    assert "3 pairs: 2 same, 1 different" in done.stdout
    page = command("compare", "a.pdf#2", "b.pdf#2", "-o", "out", "--html", cwd=tmp_path)
    assert page.stdout.splitlines()[0].startswith("different\ta.pdf#2\t1\t800\tadded at 120,100,20,40")
    assert decode((tmp_path / "out/pictures/reference/a.pdf#2.copy.png").read_bytes(), NOWHERE).pixels.shape == (
        200,
        400,
        3,
    )
    assert command("compare", "a.pdf#2", "a.pdf#3", "-q", cwd=tmp_path).returncode == 1
    assert diffspot.compare(tmp_path / "a.pdf#1", tmp_path / "b.pdf#1").status == "same"
    missing = command("compare", "a.pdf#4", "b.pdf#1", cwd=tmp_path)
    assert "a.pdf#4 is a PDF of 3 pages, which has no page 4; name another." in missing.stdout


def test_pages_are_read_again_at_the_resolution_they_were_compared_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, bars in (("a", "abc"), ("b", "abcde")):
        Path(f"{name}.pdf").write_bytes(pdf_of(bars))
    both = "a.pdf", "b.pdf"
    for result in (diffspot.compare(*both, dpi=72), diffspot.compare_files(*both, dpi=72)):
        assert (result.mask.shape, result.mask.sum()) == ((100, 200), 20 * 20)
    Path("ruled.toml").write_text('[[rules]]\nmatch = "a.pdf"\ndpi = 36\n')
    for options, size in ((("--dpi", "72"), (100, 200)), (("--config", "ruled.toml"), (50, 100))):
        done = command("compare", "a.pdf", "b.pdf", *options, "-o", "out", "--html")
        assert done.returncode == 1, done.stderr
        copies = [Path(f"out/pictures/{side}/a.pdf.copy.png") for side in ("reference", "candidate")]
        assert [decode(copy.read_bytes(), copy).pixels.shape[:2] for copy in copies] == [size, size]
    assert diffspot.load_report("out").pairs[0].mask.shape == (50, 100)
    assert diffspot.compare(*both, config="ruled.toml").mask.shape == (50, 100)
    Path("ruled.toml").write_text('[[rules]]\nmatch = "a.pdf"\nmax-pixels = 100\n')
    with pytest.raises(ImageReadError, match="--max-pixels"):
        diffspot.compare(*both, config="ruled.toml")


def test_a_page_needs_its_file(tmp_path: Path) -> None:
    with pytest.raises(PairingError, match=r"gone\.pdf#2 cannot be opened"):
        pair_inputs(tmp_path / "gone.pdf#2", tmp_path / "gone.pdf#3")
    (tmp_path / "real.pdf#7").write_bytes(pdf_of("a"))
    (tmp_path / "real.pdf").write_bytes(pdf_of("abc"))
    assert diffspot.compare(tmp_path / "real.pdf#7", tmp_path / "real.pdf").status == "different"


@pytest.mark.parametrize("package", ["pypdfium2", "pillow_heif"])
def test_an_extra_that_is_not_installed_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    file = io.BytesIO()
    if package == "pillow_heif":
        pillow_heif.from_pillow(PIL.Image.fromarray(smooth())).save(file)
    data = file.getvalue() or pdf_of("a")
    extra = {"pypdfium2": "pdf", "pillow_heif": "heic"}[package]
    with pytest.raises(
        ImageReadError, match=rf"{extra.upper()} that .* is needed for; pip install 'diffspot\[{extra}\]'"
    ):
        decode(data, NOWHERE)


@pytest.mark.parametrize("kind", ["jxl", "avif", "pdf", "heic"])
def test_damage_is_a_sentence(kind: str) -> None:
    file = io.BytesIO()
    if kind == "heic":
        pillow_heif.from_pillow(PIL.Image.fromarray(smooth())).save(file)
    data = {
        "jxl": imagecodecs.jpegxl_encode(smooth()),
        "avif": save(PIL.Image.fromarray(smooth()), "AVIF"),
        "pdf": pdf_of("abc"),
        "heic": file.getvalue(),
    }[kind]
    for cut in (20, len(data) // 2):
        with pytest.raises(ImageReadError, match="nowhere is a"):
            decode(data[:cut], NOWHERE)


def test_their_files_are_pictures() -> None:
    assert {".avif", ".jxl", ".heic", ".heif", *pdf.Pdf.SUFFIXES} <= PICTURE_SUFFIXES


def test_a_name_that_is_too_long_is_no_page_of_a_file() -> None:
    name = Path("x" * 300 + ".pdf#1")
    assert split_page(name) == (Path("x" * 300 + ".pdf"), 1)
