"""What is installed here, and whether it works, tried on tiny pictures drawn in memory."""

from __future__ import annotations

import io
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import cv2
import imagecodecs
import numpy as np
import PIL
import PIL.Image

from diffspot.backends import BACKENDS, CPU
from diffspot.errors import DiffspotError
from diffspot.image_io import decode
from diffspot.model import __version__
from diffspot.runner.warm_up import check_backend

LIBRARIES = ("libdeflate", "libpng", "libwebp")
"""Libraries that imagecodecs brings along."""
CUPY = ("cupy-cuda12x", "cupy-cuda13x", "cupy")
"""The packages that bring CuPy."""
FORMATS = {
    "PNG": "png",
    "JPEG": "jpg",
    "WEBP": "webp",
    "TIFF": "tif",
    "GIF": "gif",
    "BMP": "bmp",
    "AVIF": "avif",
    "JPEG XL": "jxl",
}
"""Pillow's name for each format that is read without extras, and its suffix; it does not write JPEG XL."""
EXTRAS = {"HEIC": "pillow-heif", "PDF": "pypdfium2"}
"""The packages that read other formats."""
COLOUR, SIZE = (40, 120, 200), (16, 8)
LOSS = 4
"""Grey levels by which a lossy format may miss a plain colour."""


class Finding(NamedTuple):
    """One line of what was found out.

    Attributes:
        what: it is about.
        said: what there is to say of it.
        fatal: whether nothing can be compared because of it, or not everything that should.
    """

    what: str
    said: str
    fatal: bool = False


def versions() -> list[Finding]:
    """The versions of all that takes part."""
    codecs = {**imagecodecs.version(dict)}
    with_it = ", ".join(f"{name} {codecs.get(name, 'missing')}" for name in LIBRARIES)
    return [
        Finding("diffspot", __version__),
        Finding("Python", f"{platform.python_version()} on {platform.platform()}"),
        Finding("NumPy", np.__version__),
        Finding("OpenCV", cv2.__version__),
        Finding("imagecodecs", f"{imagecodecs.__version__} with {with_it}"),
        Finding("simplejpeg", version("simplejpeg")),
        Finding("Pillow", PIL.__version__),
        *(Finding(name, _installed(package) or f"{package} is not installed") for name, package in EXTRAS.items()),
        Finding("CuPy", next(filter(None, map(_installed, CUPY)), "not installed")),
    ]


def decoders() -> list[Finding]:
    """Whether a picture of each format decodes."""
    return [_decoded(name, suffix) for name, suffix in FORMATS.items()]


def backends() -> list[Finding]:
    """Whether each backend finds what differs in a tiny pair; the GPU's is not needed."""
    return [_checked(name) for name in BACKENDS]


def _installed(package: str) -> str:
    try:
        return f"{version(package)} ({package})"
    except PackageNotFoundError:
        return ""


def _decoded(name: str, suffix: str) -> Finding:
    picture, file = PIL.Image.new("RGB", SIZE, COLOUR), io.BytesIO()
    if name == "JPEG XL":
        file.write(imagecodecs.jpegxl_encode(np.asarray(picture)))
    else:
        picture.save(file, name)
    try:
        pixels = decode(file.getvalue(), Path(f"tiny.{suffix}")).pixels
    except DiffspotError as error:
        return Finding(name, f"does not work: {error}", fatal=True)
    off = np.abs(pixels.astype(int) - COLOUR).max() if pixels.shape == (*SIZE[::-1], 3) else 255
    return (
        Finding(name, "works") if off <= LOSS else Finding(name, f"decodes wrongly, by {off} grey levels", fatal=True)
    )


def _checked(name: str) -> Finding:
    try:
        return Finding(name, f"works on {check_backend(name).describe()}")
    except DiffspotError as error:
        return Finding(name, f"does not work: {error}", fatal=name == CPU)
