"""Pictures in memory, of whatever library: arrays, tensors, Pillow's pictures."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from diffspot.errors import ImageReadError, OptionError
from diffspot.model import Image

if TYPE_CHECKING:
    from numpy.typing import NDArray

Layout = Literal["auto", "HW", "HWC", "CHW", "NHWC", "NCHW"]

CHANNELS = range(1, 5)
"""Grey, grey and alpha, RGB, RGBA."""
HOST = frozenset({1, 3})
"""DLPack's device types that the processor reads: its own memory, and that pinned for a GPU."""
WHOLE_LEVELS = 1e-3
"""Grey levels that a float may be off one of 255 where it was made of 8 bits, beside what its type rounds."""


def read_layout(layout: str) -> Layout:
    """The layout, if it is one.

    Raises:
        OptionError: it is none.
    """
    if layout not in get_args(Layout):
        raise OptionError(f"layout cannot be {layout!r}: expected {'|'.join(get_args(Layout))}.")
    return layout  # type: ignore[return-value]  # what get_args lists


def images_of(given: object, layout: Layout = "auto") -> list[Image]:
    """The pictures that an array holds: one, or as many as a stack has.

    Args:
        given: anything that NumPy or DLPack reads as an array of bool, uint8, uint16, or floats in [0, 1]; a Pillow
            picture.
        layout: what its axes are; `auto` tells from the shape.

    Raises:
        ImageReadError: it is no array, or its shape, type or values are not those of a picture, or its layout is not
            certain.
    """
    array = _array(given)
    found = _layout(array.shape) if layout == "auto" else layout
    if array.ndim != len(found) or not array.size or ("C" in found and array.shape[found.index("C")] not in CHANNELS):
        raise _no_picture(array.shape, found if layout != "auto" else None)
    pixels = np.moveaxis(array, found.index("C"), -1) if "C" in found else array[..., np.newaxis]
    picture = _levels(pixels)
    return [replace(picture, pixels=one) for one in picture.pixels] if "N" in found else [picture]


def image_of(given: object, layout: Layout = "auto") -> Image:
    """The one picture that an array holds; see `images_of`.

    Raises:
        ImageReadError: as there, or where it is a stack of several.
    """
    images = images_of(given, layout)
    if len(images) != 1:
        raise ImageReadError(f"A stack of {len(images)} pictures has no place here; give one of them.")
    return images[0]


def _layout(shape: tuple[int, ...]) -> Layout:
    """What the axes of an array are.

    Raises:
        ImageReadError: they may be several things, or nothing.
    """
    if len(shape) == 2:  # noqa: PLR2004  rows and columns
        return "HW"
    fitting: list[Layout] = [
        layout
        for layout in ("HWC", "CHW", "NHWC", "NCHW")
        if len(layout) == len(shape) and shape[layout.index("C")] in CHANNELS
    ]
    if len(fitting) > 1:
        raise ImageReadError(f'An array of shape {shape} may be {" or ".join(fitting)}; say which with layout="...".')
    if not fitting:
        raise _no_picture(shape)
    return fitting[0]


def _no_picture(shape: tuple[int, ...], layout: str | None = None) -> ImageReadError:
    read_as = f" read as {layout}" if layout else ""
    return ImageReadError(
        f"An array of shape {shape}{read_as} is no picture; give (H, W), (H, W, C) with 1 to 4 channels, or name "
        "another layout."
    )


def _array(given: object) -> NDArray[Any]:
    """What is given as an array on the host.

    Raises:
        ImageReadError: it is none.
    """
    if isinstance(given, np.ndarray):
        return given
    if "PIL.Image" in sys.modules and isinstance(given, sys.modules["PIL.Image"].Image):
        return _of_pillow(given)
    try:
        here = _on_host(given)
        if hasattr(here, "__array__") or hasattr(here, "__array_interface__"):
            return np.asarray(here)
        if hasattr(here, "__dlpack__"):
            return np.from_dlpack(here)
    except Exception as error:  # whatever a library raises
        raise ImageReadError(f"A {_kind(given)} cannot be read as an array ({error}); convert it first.") from error
    raise ImageReadError(f"A {_kind(given)} is no picture; give a path, an array, a Pillow picture or a file's bytes.")


def _on_host(given: Any) -> Any:  # noqa: ANN401  of any library
    """Without what tracks gradients, and copied from a device once: pictures are registered on the processor."""
    if hasattr(given, "detach"):
        given = given.detach()
    if not hasattr(given, "__dlpack_device__") or given.__dlpack_device__()[0] in HOST:
        return given
    copy = next((getattr(given, name) for name in ("get", "cpu") if hasattr(given, name)), None)
    return copy() if copy else given


def _of_pillow(picture: Any) -> NDArray[Any]:  # noqa: ANN401  Pillow is imported by who has one
    """A Pillow picture as it is shown: palettes and CMYK as colours."""
    if picture.mode in {"I;16", "I;16L", "I;16B", "I;16N"}:
        return np.asarray(picture).astype(np.uint16)
    if picture.mode in {"F", "I"}:
        return np.asarray(picture)
    from diffspot.image_io.pillow import as_shown  # noqa: PLC0415

    return as_shown(picture)


def _levels(pixels: NDArray[Any]) -> Image:
    """(..., C) as uint8 or uint16.

    Raises:
        ImageReadError: of another type, or floats outside [0, 1].
    """
    contiguous: Any = np.ascontiguousarray(pixels)
    if pixels.dtype in (np.uint8, np.uint16):
        return Image(contiguous)
    if pixels.dtype == np.bool_:
        return Image(contiguous.view(np.uint8) * np.uint8(255), ("bool was taken as black and white",))
    if not np.issubdtype(pixels.dtype, np.floating):
        raise ImageReadError(
            f"An array of {pixels.dtype} is no picture; convert it to uint8, uint16, bool or floats in [0, 1]."
        )
    low, high = float(pixels.min()), float(pixels.max())
    if not (low >= 0 and high <= 1):  # so written that it holds for NaN, too
        raise ImageReadError(
            f"An array of {pixels.dtype} from {low:g} to {high:g} is no picture; scale it to [0, 1], or convert it to "
            "uint8 or uint16."
        )
    levels = contiguous.astype(np.float64) * 255
    whole = np.rint(levels)
    if np.abs(levels - whole).max() <= max(WHOLE_LEVELS, 255 * float(np.finfo(pixels.dtype).eps)):
        return Image(whole.astype(np.uint8), ("floats were taken as 8 bits",))
    return Image(np.rint(levels * 257).astype(np.uint16), ("floats were taken as 16 bits",))


def _kind(given: object) -> str:
    return type(given).__name__
