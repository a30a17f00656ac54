"""From a path to pixels: what all formats have in common."""

from __future__ import annotations

import stat
import struct
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from diffspot.errors import ImageReadError
from diffspot.image_io import bmp, jpeg, tiff, webp
from diffspot.image_io.interface import MAX_PIXELS, TRUNCATED, UnreadableError
from diffspot.image_io.orientation import apply_orientation, exchanges_sides
from diffspot.image_io.png import png
from diffspot.image_io.profile import describe_profile
from diffspot.image_io.suffixes import PICTURE_SUFFIXES
from diffspot.model import Image

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import TypeVar

    from diffspot.image_io.interface import Format, Header, Pixels, Size

    T = TypeVar("T")

FORMATS = cast("tuple[Format, ...]", (png, jpeg, webp, tiff, bmp))


class Outline(NamedTuple):
    """What there is to say of a picture without its pixels: upright (width, height) in px, and the notes."""

    size: tuple[int, int]
    notes: tuple[str, ...]


def read_bytes(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        ImageReadError: the file is missing, a directory, a device or a pipe with a name, empty or not readable.
    """
    try:
        if _never_ends(path):
            raise ImageReadError(f"{path} is a pipe or a device; name a picture file.")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ImageReadError(f"{path} does not exist; check the name.") from error
    except IsADirectoryError as error:
        raise ImageReadError(f"{path} is a directory; name a picture file.") from error
    except PermissionError as error:
        raise ImageReadError(f"{path} may not be read; check its permissions.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ImageReadError(f"{path} cannot be read ({reason}); check name and disk.") from error
    if not data:
        raise ImageReadError(f"{path} is empty (zero bytes); copy or save it again.")
    return data


def _never_ends(path: Path) -> bool:
    """Whether reading it may never end; a shell's `<(command)` lies among the open files and does."""
    mode = path.stat().st_mode
    if stat.S_ISFIFO(mode):
        return not path.is_relative_to("/dev") and not path.is_relative_to("/proc")
    return stat.S_ISCHR(mode) or stat.S_ISBLK(mode)


def peek_size(data: bytes, path: Path) -> Size:
    """Return the size as stored, before orientation, from the first bytes alone.

    Raises:
        ImageReadError: no known format, a damaged header, or more than MAX_PIXELS.
    """
    return _measure(_recognise(data, path), data, path)


def decode(data: bytes, path: Path) -> Image:
    """Decode the first frame of a picture; its content, not its name, decides the format.

    Safe to call from threads; the decoders release the GIL.

    Args:
        data: the whole file.
        path: where it came from, for messages and for the note on a wrong suffix.

    Returns:
        (H, W, C) uint8 or uint16 pixels, upright, C-contiguous, alpha straight; and the notes.

    Raises:
        ImageReadError: no known format, cut short, damaged, more than MAX_PIXELS, or samples
            that are neither 8 nor 16 bits.
    """
    kind, header, _ = _open(data, path)
    pixels, notes = _guard(lambda: kind.read_pixels(data), kind, path)
    pixels = _shape(pixels, header)
    return Image(pixels, (*_name_notes(kind, path), *notes, *_header_notes(header)))


def read_outline(data: bytes, path: Path) -> Outline | None:
    """Tell what `decode` would of a picture but its pixels; None where it has to be decoded for that.

    It is given only where the file is certain to decode and to have no alpha: of a PNG, whose checksums prove it.

    Raises:
        ImageReadError: as for `decode`, though not for all damage.
    """
    if not png.matches(data):
        return None
    kind, header, size = _open(data, path)
    notes = _guard(lambda: png.read_notes(data), kind, path)
    if notes is None:
        return None
    sides = (size.height, size.width) if exchanges_sides(header.orientation) else (size.width, size.height)
    return Outline(sides, (*_name_notes(kind, path), *notes, *_header_notes(header)))


def read_image(path: Path) -> Image:
    """Read and decode one picture file; see `decode`.

    Raises:
        ImageReadError: as for `read_bytes` and `decode`.
    """
    return decode(read_bytes(path), path)


def _open(data: bytes, path: Path) -> tuple[Format, Header, Size]:
    """Return the format, the header and the size as stored, all of them checked."""
    kind = _recognise(data, path)
    size = _measure(kind, data, path)
    return kind, _guard(lambda: kind.read_header(data), kind, path), size


def _measure(kind: Format, data: bytes, path: Path) -> Size:
    size = _guard(lambda: kind.read_size(data), kind, path)
    _check_size(size, kind, path)
    return size


def _recognise(data: bytes, path: Path) -> Format:
    for kind in FORMATS:
        if kind.matches(data):
            return kind
    names = "PNG, JPEG, WebP, TIFF or BMP"
    raise ImageReadError(f"{path} is not a {names} picture; convert it or leave it out.")


def _guard(step: Callable[[], T], kind: Format, path: Path) -> T:
    """Run one step and turn whatever damaged bytes make it raise into a sentence."""
    try:
        return step()
    except UnreadableError as error:
        raise ImageReadError(f"{path} is a {kind.NAME} {error}.") from error
    except struct.error as error:
        raise ImageReadError(f"{path} is a {kind.NAME} {TRUNCATED}.") from error
    except MemoryError as error:
        sentence = f"{path} is a {kind.NAME} too large for the memory at hand; cut it into parts."
        raise ImageReadError(sentence) from error
    except Exception as error:
        sentence = f"{path} is a damaged {kind.NAME} ({error}); copy or save it again."
        raise ImageReadError(sentence) from error


def _check_size(size: Size, kind: Format, path: Path) -> None:
    width, height = size[:2]
    if width < 1 or height < 1:
        raise ImageReadError(f"{path} is a {kind.NAME} of {width}x{height} px; save it again.")
    if size.pixels > MAX_PIXELS:
        raise ImageReadError(
            f"{path} is a {kind.NAME} of {width}x{height} px, more than the {MAX_PIXELS} px that "
            "can be read; cut it into parts."
        )


def _shape(pixels: Pixels, header: Header) -> Pixels:
    upright = apply_orientation(pixels, header.orientation)
    return cast("Pixels", np.atleast_3d(upright))


def _name_notes(kind: Format, path: Path) -> list[str]:
    suffix = path.suffix.lower()
    if suffix not in PICTURE_SUFFIXES or suffix in kind.SUFFIXES:
        return []
    return [f"is a {kind.NAME} despite its name"]


def _header_notes(header: Header) -> list[str]:
    notes = []
    if header.frames > 1:
        notes.append(f"first of {header.frames} frames")
    if header.orientation != 1:
        notes.append(f"EXIF orientation {header.orientation} applied")
    profile = describe_profile(header.profile)
    if profile:
        notes.append(profile)
    return notes
