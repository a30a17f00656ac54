"""From a path to pixels: what all formats have in common."""

from __future__ import annotations

import io
import stat
import struct
import sys
from dataclasses import replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from diffspot.errors import ImageReadError
from diffspot.image_io import avif, bmp, gif, heif, jpeg, jpegxl, tiff, webp
from diffspot.image_io.interface import TRUNCATED, UnreadableError
from diffspot.image_io.orientation import apply_orientation, exchanges_sides
from diffspot.image_io.pdf import DPI, Pdf
from diffspot.image_io.png import png
from diffspot.image_io.suffixes import PICTURE_SUFFIXES, split_page, suffix
from diffspot.model import MAX_PIXELS, NOT_APPLIED, Image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import TypeVar

    from diffspot.image_io.interface import Decoded, Format, Header, Pixels, Size

    T = TypeVar("T")
    Decode = Callable[[], Image]

PNG = cast("Format", png)
FORMATS = cast("tuple[Format, ...]", (PNG, jpeg, webp, tiff, gif, bmp, avif, heif, jpegxl, Pdf()))
PROFILES = 32
"""Remembered; the pictures of a run have few."""


class Outline(NamedTuple):
    """What there is to say of a picture without its pixels: upright (width, height) in px, and the notes."""

    size: tuple[int, int]
    notes: tuple[str, ...]


def read_bytes(path: Path, most: int = sys.maxsize) -> bytes:
    """Return the content of a file.

    Args:
        path: the file.
        most: bytes allowed.

    Raises:
        ImageReadError: the file is missing, a directory, a device or a pipe with a name, empty, larger or not readable.
    """
    path, _ = split_page(path)
    try:
        status = path.stat()
        if _never_ends(path, status.st_mode):
            raise ImageReadError(f"{path} is a pipe or a device; save what it gives to a file and name that.")
        if status.st_size > most:
            raise ImageReadError(f"{path} has {status.st_size} bytes, more than memory can take; raise --max-memory.")
        # Some files of the kernel claim to be empty, and whoever reads them waits for what comes.
        data = b"" if stat.S_ISREG(status.st_mode) and not status.st_size else path.read_bytes()
    except FileNotFoundError as error:
        raise ImageReadError(f"{path} does not exist; check the name.") from error
    except IsADirectoryError as error:
        raise ImageReadError(f"{path} is a directory; name a picture file.") from error
    except PermissionError as error:
        raise ImageReadError(f"{path} may not be read; check its permissions.") from error
    except ValueError as error:  # what Python says of it changes from version to version
        raise ImageReadError(f"{path} cannot be read (a NUL in its name); check the name.") from error
    except OSError as error:
        raise ImageReadError(f"{path} cannot be read ({error.strerror or error}); check name and disk.") from error
    if not data:
        raise ImageReadError(f"{path} is empty (zero bytes); copy or save it again.")
    return data


def _never_ends(path: Path, mode: int) -> bool:
    """Whether reading it may never end; a shell's `<(command)` lies among the open files and does."""
    if stat.S_ISFIFO(mode):
        return not path.is_relative_to("/dev") and not path.is_relative_to("/proc")
    return stat.S_ISCHR(mode) or stat.S_ISBLK(mode)


def peek_size(data: bytes, path: Path, most: int = MAX_PIXELS) -> Size:
    """Return the size of the first frame as stored, before orientation, from as few bytes as possible.

    Args:
        data: the whole file.
        path: where it came from, for messages.
        most: pixels allowed.

    Raises:
        ImageReadError: no known format, a damaged header, or more pixels than that.
    """
    kind = _recognise(data, path)
    size = _guard(lambda: kind.read_size(data), kind, path)
    _check_size(size, kind, path, most)
    return size


class Opened(NamedTuple):
    """A picture file whose headers were read and checked, and whose pixels were not decoded."""

    data: bytes
    path: Path
    kind: Format
    headers: Sequence[Header]


def open_picture(data: bytes, path: Path, most: int = MAX_PIXELS, *, dpi: float = DPI) -> Opened:
    """Read what a file says of each of its frames, or pages; its content, not its name, decides the format.

    Args:
        data: the whole file.
        path: where it came from, for messages and for the note on a wrong suffix.
        most: pixels allowed in a frame.
        dpi: px to the inch, of formats that are drawn.

    Raises:
        ImageReadError: no known format, cut short, damaged, or more pixels than that.
    """
    kind = _recognise(data, path)
    if isinstance(kind, Pdf):
        kind = cast("Format", Pdf(dpi, split_page(path)[1]))
    headers = _guard(lambda: kind.read_headers(data), kind, path)
    for header in headers:
        _check_size(header.size, kind, path, most)
    return Opened(data, path, kind, headers)


def decode_frames(picture: Opened) -> Iterator[Decode]:
    """Yield a function for each frame that decodes it; it may be left uncalled, and a damaged frame spoils no other.

    Each is to be called before the next is asked for. Safe to call from threads, as the decoders release the GIL.

    Yields:
        What returns (H, W, C) uint8 or uint16 pixels, upright, C-contiguous, alpha straight, with the notes; and raises
        ImageReadError where they are damaged, or samples neither of 8 nor of 16 bits.

    Raises:
        ImageReadError: the file has fewer frames than it says.
    """
    frames = picture.kind.read_frames(picture.data)
    for header in picture.headers:
        step = _guard(lambda: next(frames), picture.kind, picture.path)
        yield partial(_decode, picture, header, step)


def _decode(picture: Opened, header: Header, step: Callable[[], Decoded]) -> Image:
    kind, path = picture.kind, picture.path
    pixels, notes = _guard(step, kind, path)
    upright = np.atleast_3d(apply_orientation(pixels, header.orientation))
    profile = header.profile if _profile_note(header.profile) else b""
    told = (*_name_notes(kind, path), *notes, *_header_notes(header))
    # turned, blocks may begin elsewhere
    return Image(cast("Pixels", upright), told, profile, header.compression if header.orientation == 1 else None)


def decode_both(first: Opened, second: Opened) -> Iterator[Decode]:
    """Yield what decodes each of two pictures of one frame, to be called one after the other; see `decode_frames`.

    Two PNGs take less time together, as much as they have lines in common.
    """
    pictures = first, second
    if any(picture.kind is not PNG for picture in pictures):
        yield from (next(decode_frames(picture)) for picture in pictures)
        return
    for picture, step in zip(pictures, png.read_both(first.data, second.data), strict=True):
        yield partial(_decode, picture, picture.headers[0], step)


def decode_first(picture: Opened) -> Iterator[Decode]:
    """Yield what decodes the first frame alone, with a note where there are more; see `decode_frames`."""
    yield from first_of(decode_frames(picture), picture)


def first_of(frames: Iterator[Decode], picture: Opened) -> Iterator[Decode]:
    """What decodes the first of the frames of a picture, with a note where there are more."""
    count, step = len(picture.headers), next(frames)
    more = (f"first of {count} frames",) if count > 1 else ()

    def decode_it() -> Image:
        image = step()
        return replace(image, notes=(*image.notes, *more))

    yield decode_it


def decode(data: bytes, path: Path) -> Image:
    """Decode the first frame of a picture; see `open_picture` and `decode_first`."""
    return next(decode_first(open_picture(data, path)))()


def read_outline(picture: Opened) -> Outline | None:
    """Tell what `decode_first` would of a picture but its pixels; None where it has to be decoded for that.

    It is given only where the file is certain to decode and to have no alpha: of a PNG, whose checksums prove it.

    Raises:
        ImageReadError: memory does not hold it.
    """
    data, path, kind, (header, *_) = picture
    if not png.matches(data):
        return None
    notes = _guard(lambda: png.read_notes(data), kind, path)
    if notes is None:
        return None
    width, height, *_ = header.size
    sides = (height, width) if exchanges_sides(header.orientation) else (width, height)
    return Outline(sides, (*_name_notes(kind, path), *notes, *_header_notes(header)))


def read_image(path: Path) -> Image:
    """Read and decode one picture file; see `decode`.

    Raises:
        ImageReadError: as for `read_bytes` and `decode`.
    """
    return decode(read_bytes(path), path)


def _recognise(data: bytes, path: Path) -> Format:
    for kind in FORMATS:
        if kind.matches(data):
            return kind
    names = "PNG, JPEG, WebP, TIFF, GIF, BMP, AVIF, HEIC, JPEG XL or PDF"
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


def _check_size(size: Size, kind: Format, path: Path, most: int) -> None:
    width, height = size[:2]
    if width < 1 or height < 1:
        raise ImageReadError(f"{path} is a {kind.NAME} of {width}x{height} px; save it again.")
    if size.pixels > most:
        raise ImageReadError(
            f"{path} is a {kind.NAME} of {width}x{height} px, more than the {most} px of --max-pixels; "
            f"cut it into parts{'' if most == MAX_PIXELS else ' or raise the limit'}."
        )


def _name_notes(kind: Format, path: Path) -> list[str]:
    ending = suffix(path.name)
    if ending not in PICTURE_SUFFIXES or ending in kind.SUFFIXES:
        return []
    return [f"is a {kind.NAME} despite its name"]


def _header_notes(header: Header) -> list[str]:
    notes = []
    if header.orientation != 1:
        notes.append(f"EXIF orientation {header.orientation} applied")
    profile = _profile_note(header.profile)
    if profile:
        notes.append(profile)
    return notes


@lru_cache(maxsize=PROFILES)
def _profile_note(profile: bytes) -> str | None:
    """The note for an embedded ICC profile; None where there is none or it is sRGB, which all colours are taken for."""
    if not profile:
        return None
    from PIL import ImageCms  # noqa: PLC0415 - slow to import and only for files with a profile

    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = ImageCms.getProfileDescription(opened).strip()
    except (OSError, ValueError, ImageCms.PyCMSError):
        return f"damaged colour profile {NOT_APPLIED}"
    if "sRGB" in name:
        return None
    return f"colour profile '{name}' {NOT_APPLIED}"
