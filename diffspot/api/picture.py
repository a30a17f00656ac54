"""What the caller gives as a picture: a path, the content of a file, or an array of any library."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from diffspot.image_io import decode_first, open_picture, read_bytes
from diffspot.image_io.arrays import images_of
from diffspot.image_io.digest import digest, picture_digest
from diffspot.image_io.interface import Size
from diffspot.image_io.storage import to_path
from diffspot.model import path_text
from diffspot.runner.result_pictures import read_again

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot.image_io.arrays import Layout
    from diffspot.model import Image
    from diffspot.options.options import Options

    Picture = str | os.PathLike[str] | bytes | bytearray | memoryview | NDArray[Any] | Any
    """`Any` is what NumPy or DLPack reads as an array."""

IN_MEMORY = Path("picture in memory")
"""What messages call a picture whose bytes are given."""


class Side(NamedTuple):
    """One picture of a pair, not decoded yet; what is in memory has no path, an array no digest."""

    image: Callable[[], Image]
    size: Size
    again: Callable[[], Image]
    path: Path | None = None
    digest: str | None = None


@overload
def as_path(given: str | os.PathLike[str]) -> Path: ...
@overload
def as_path(given: str | os.PathLike[str] | None) -> Path | None: ...
def as_path(given: str | os.PathLike[str] | None) -> Path | None:
    """The path that a text or path means, which may be a URL."""
    return None if given is None else to_path(os.fspath(given))


def name_of(given: Picture) -> str:
    """What the pair of a picture is called."""
    if isinstance(given, str | os.PathLike):
        return path_text(as_path(given).name)
    return "bytes" if isinstance(given, bytes | bytearray | memoryview) else "array"


def read_sides(given: Picture, layout: Layout, options: Options, most_bytes: int) -> list[Side]:
    """Reads a picture, or a stack of them, of a file of up to so many bytes."""
    if isinstance(given, str | os.PathLike):
        path = as_path(given)
        return [_file(read_bytes(path, most_bytes), path, options)]
    if isinstance(given, bytes | bytearray | memoryview):
        return [_file(bytes(given), None, options)]
    return [_array(given, layout, index, image) for index, image in enumerate(images_of(given, layout))]


def _file(data: bytes, path: Path | None, options: Options) -> Side:
    """A picture file that was read, or given as it is."""
    opened = open_picture(data, path or IN_MEMORY, options.max_pixels, dpi=options.dpi)
    found = digest(data) if path is None else picture_digest(data, path)

    def image() -> Image:
        return next(decode_first(opened))()

    # A result does not hold on to the content of files: who keeps many results would keep all of it.
    again = image if path is None else partial(read_again, path_text(path), found, options)
    return Side(image, opened.headers[0].size, again, path, found)


def _array(given: Any, layout: Layout, index: int, image: Image) -> Side:  # noqa: ANN401  of any library
    height, width, channels = image.pixels.shape
    size = Size(width, height, channels, image.pixels.itemsize)
    return Side(lambda: image, size, lambda: images_of(given, layout)[index])
