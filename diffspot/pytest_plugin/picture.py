"""The picture that is given to a check, whatever it is, as a file."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from diffspot.errors import OptionError, PairingError
from diffspot.image_io import encode_png
from diffspot.image_io.arrays import image_of
from diffspot.image_io.suffixes import suffix

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    Picture = str | os.PathLike[str] | bytes | NDArray[Any]


@dataclass(frozen=True, slots=True)
class Given:
    """A picture that lies on the disk, if only for a while.

    Attributes:
        path: where it lies.
        known_as: what its owner knows it as.
    """

    path: Path
    known_as: str

    def with_display_name(self, text: str) -> str:
        """The text, with the picture called as its owner knows it."""
        return text.replace(str(self.path), self.known_as)


@contextmanager
def on_disk(picture: Picture, name: str) -> Iterator[Given]:
    """The picture for the baseline `name` as a file, for as long as the block lasts.

    Raises:
        PairingError: it is called otherwise than the baseline.
        ImageReadError: it is no picture.
        OptionError: it cannot be kept as what the baseline is.
    """
    if isinstance(picture, str | os.PathLike):
        if suffix(os.fspath(picture)) != suffix(name):
            raise PairingError(f"{os.fspath(picture)} and {name!r} do not end alike; name the baseline as the picture.")
        yield Given(Path(picture), os.fspath(picture))
        return
    if not isinstance(picture, bytes):
        picture = _encoded(picture, name)
    with TemporaryDirectory(prefix="diffspot-") as folder:
        path = Path(folder) / PurePosixPath(name).name
        path.write_bytes(picture)
        yield Given(path, f"{name!r} as given in memory")


def _encoded(pixels: object, name: str) -> bytes:
    image = image_of(pixels)
    if not name.lower().endswith(".png"):
        raise OptionError(f"An array is kept as PNG; call it {PurePosixPath(name).with_suffix('.png').as_posix()!r}.")
    return encode_png(image.pixels)
