"""Pictures in memory, of whatever form: each compares as its HWC uint8 twin does."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import PIL.Image
import pytest

import diffspot
from diffspot.errors import ImageReadError, OptionError
from diffspot.image_io import encode_png
from diffspot.image_io.arrays import image_of
from tests.pictures import PATCH, changed, plain
from tests.pipeline.registration.scenes import photo
from tests.pipeline.sheets import edited
from tests.trees import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

REFERENCE = photo("coffee", 120, 160)
CANDIDATE = REFERENCE.copy()
CANDIDATE[40:60, 30:70] = 255 - CANDIDATE[40:60, 30:70]
EXPECTED = diffspot.compare(REFERENCE, CANDIDATE)


class OnlyDlpack:
    """A tensor as libraries without NumPy's protocol have it; one that tracks gradients refuses to be exported."""

    def __init__(self, array: NDArray[Any], *, tracks: bool = False) -> None:
        self._array = array
        self._tracks = tracks

    def __dlpack__(self, **keywords: object) -> object:
        if self._tracks:
            raise RuntimeError("tracks gradients")
        return self._array.__dlpack__(**keywords)

    def __dlpack_device__(self) -> tuple[int, int]:
        return (1, 0)

    def detach(self) -> OnlyDlpack:
        return OnlyDlpack(self._array)


class OnDevice:
    """An array on a GPU, which refuses an implicit copy; `get` makes one."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array
        self.copies = 0

    def __array__(self, *_: object) -> NDArray[Any]:
        raise TypeError("Implicit conversion to a NumPy array is not allowed.")

    def __dlpack_device__(self) -> tuple[int, int]:
        return (2, 0)

    def get(self) -> NDArray[Any]:
        self.copies += 1
        return self._array


class Array:
    """What xarray's and Dask's arrays are to others."""

    def __init__(self, array: NDArray[Any]) -> None:
        self._array = array

    def __array__(self, dtype: object = None, copy: object = None) -> NDArray[Any]:
        return self._array


def encoded(picture: NDArray[Any], kind: str = "PNG") -> bytes:
    file = io.BytesIO()
    PIL.Image.fromarray(picture).save(file, kind)
    return file.getvalue()


FORMS: dict[str, Callable[[NDArray[Any]], Any]] = {
    "CHW": lambda picture: picture.transpose(2, 0, 1),
    "NHWC": lambda picture: picture[None],
    "NCHW": lambda picture: picture.transpose(2, 0, 1)[None],
    "float64": lambda picture: picture / 255,
    "float32": lambda picture: (picture / 255).astype(np.float32),
    "float16": lambda picture: (picture / 255).astype(np.float16),
    "float32 CHW": lambda picture: (picture.transpose(2, 0, 1) / 255).astype(np.float32),
    "dlpack": OnlyDlpack,
    "dlpack that tracks gradients": lambda picture: OnlyDlpack(picture, tracks=True),
    "on a device": OnDevice,
    "__array__": Array,
    "Pillow": PIL.Image.fromarray,
    "bytes": encode_png,
    "bytearray": lambda picture: bytearray(encode_png(picture)),
    "memoryview of TIFF": lambda picture: memoryview(encoded(picture, "TIFF")),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_regions_of_the_plain_array(form: str) -> None:
    give = FORMS[form]
    result = diffspot.compare(give(REFERENCE), give(CANDIDATE))
    assert result.regions == EXPECTED.regions
    assert len(result.regions) == 1
    assert (result.status, result.size) == ("different", (160, 120))
    assert diffspot.compare(give(REFERENCE), REFERENCE).status == "same"


@pytest.mark.parametrize("library", ["torch", "xarray", "dask.array", "cupy"])
def test_arrays_of_libraries_that_are_there(library: str) -> None:
    module = pytest.importorskip(library)
    make = {"torch": "from_numpy", "xarray": "DataArray", "dask.array": "from_array", "cupy": "asarray"}[library]
    given = [getattr(module, make)(picture.copy()) for picture in (REFERENCE, CANDIDATE)]
    assert diffspot.compare(*given).regions == EXPECTED.regions


def test_bool_is_black_and_white() -> None:
    bits = np.zeros((48, 64), bool)
    bits[10:20, 10:30] = True
    result = diffspot.compare(np.zeros((48, 64), bool), bits)
    assert [region.bbox for region in result.regions] == [(10, 10, 20, 10)]
    assert "reference: bool was taken as black and white" in result.notes
    assert np.array_equal(image_of(bits).pixels[..., 0], bits * np.uint8(255))


def test_floats_that_are_no_bytes_are_taken_as_sixteen_bits() -> None:
    values = np.linspace(0, 1, 100).reshape(10, 10)
    picture = image_of(values)
    assert picture.pixels.dtype == np.uint16
    assert np.array_equal(picture.pixels[..., 0], np.rint(values * 65535))
    assert picture.notes == ("floats were taken as 16 bits",)


@pytest.mark.parametrize(
    ("mode", "pixels"),
    [("1", (48, 64, 1)), ("L", (48, 64, 1)), ("LA", (48, 64, 2)), ("P", (48, 64, 3)), ("CMYK", (48, 64, 3))],
)
def test_pillow_pictures_are_taken_as_they_are_shown(mode: str, pixels: tuple[int, int, int]) -> None:
    picture = PIL.Image.fromarray(changed()).convert(mode)
    found = image_of(picture)
    assert found.pixels.shape == pixels
    assert found.pixels.dtype == np.uint8
    expected = np.asarray(picture.convert({"P": "RGB", "CMYK": "RGB", "1": "L"}.get(mode, mode)))
    assert np.array_equal(found.pixels, expected.reshape(pixels))


def test_a_sixteen_bit_pillow_picture_keeps_its_depth() -> None:
    levels = np.arange(48 * 64, dtype=np.uint16).reshape(48, 64) * 20
    assert np.array_equal(image_of(PIL.Image.fromarray(levels)).pixels[..., 0], levels)


def test_a_layout_settles_what_the_shape_leaves_open() -> None:
    line = np.zeros((3, 40, 3), np.uint8)
    other = line.copy()
    other[1, 10:20] = 255
    with pytest.raises(ImageReadError) as caught:
        diffspot.compare(line, other)
    assert 'may be HWC or CHW; say which with layout="..."' in refusal(caught)
    assert diffspot.compare(line, other, layout="HWC").size == (40, 3)
    assert diffspot.compare(line, other, layout="CHW").size == (3, 40)


@pytest.mark.parametrize(
    ("layout", "said"),
    [("HW", "(48, 64, 3) read as HW is no picture"), ("CHW", "(48, 64, 3) read as CHW"), ("NHWC", "read as NHWC")],
)
def test_a_layout_that_does_not_fit(layout: Literal["HW", "CHW", "NHWC"], said: str) -> None:
    with pytest.raises(ImageReadError) as caught:
        diffspot.compare(plain(), changed(), layout=layout)
    assert said in refusal(caught)


def test_a_layout_that_is_none() -> None:
    with pytest.raises(OptionError) as caught:
        diffspot.compare(plain(), changed(), layout="WHC")  # type: ignore[call-overload]
    assert "layout cannot be 'WHC': expected auto|HW|HWC|CHW|NHWC|NCHW." in refusal(caught)


@pytest.mark.parametrize("axes", ["NHWC", "NCHW"])
def test_stacks_give_a_result_for_each_picture(axes: str) -> None:
    references, candidates = np.stack([plain()] * 3), np.stack([plain(), changed(), plain()])
    if axes == "NCHW":
        references, candidates = references.transpose(0, 3, 1, 2), candidates.transpose(0, 3, 1, 2)
    results: Any = diffspot.compare(references, candidates)
    assert [(result.name, result.status) for result in results] == [
        ("array", "same"),
        ("array#2", "different"),
        ("array#3", "same"),
    ]
    assert results[1].regions[0].bbox == PATCH
    assert results[1].score_map.max() > 0.5
    assert not results[2].score_map.any()


def test_one_picture_goes_with_all_of_a_stack() -> None:
    results: Any = diffspot.compare(plain(), np.stack([plain(), changed()]))
    assert [result.status for result in results] == ["same", "different"]
    with pytest.raises(ImageReadError, match="Stacks of 2 and 3 pictures do not go together"):
        diffspot.compare(np.stack([plain()] * 2), np.stack([plain()] * 3))


def test_a_sheet_in_memory() -> None:
    candidate, planted = edited(photo("chelsea"), 2)
    sheet = np.concatenate([photo("chelsea"), candidate], axis=1)
    result = diffspot.compare(sheet, split="auto")
    assert result.split is not None
    assert result.split.candidate == (400, 0, 400, 300)
    assert len(result.regions) == len(planted)
    assert result.score_map.shape == (300, 400)
    for arguments in ((sheet,), (sheet, sheet)):
        options = {"split": "auto"} if len(arguments) > 1 else {}
        with pytest.raises(OptionError, match="Give a candidate, or a sheet"):
            diffspot.compare(*arguments, **options)


@pytest.mark.parametrize("option", ["mask", "metric", "threshold"])
def test_an_array_in_the_place_of_an_option_is_not_printed(option: str) -> None:
    with pytest.raises(OptionError) as caught:
        diffspot.compare(plain(), changed(), **{option: np.zeros((48, 64), np.uint8)})
    assert f"--{option} cannot be of the type ndarray: expected" in refusal(caught)
