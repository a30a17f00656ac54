"""What lies on the disk: which picture files a directory holds."""

from __future__ import annotations

import os
import stat
from pathlib import PurePath
from typing import TYPE_CHECKING

from diffspot.errors import PairingError
from diffspot.model import printable

if TYPE_CHECKING:
    from pathlib import Path

Identity = tuple[int, int]

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".bmp"})
"""Lower-cased suffixes of the files that are taken for pictures when a directory is searched."""


def is_directory(path: Path) -> bool:
    """Whether it is a directory or else a file.

    Raises:
        PairingError: there is nothing at `path`, or it cannot be reached.
    """
    try:
        return stat.S_ISDIR(path.stat().st_mode)
    except OSError as error:
        raise _unopened(path, error) from error


def find_pictures(directory: Path) -> dict[str, Path]:
    """All pictures below a directory by their relative path with forward slashes, sorted by it.

    Links are followed, except to a directory that holds the link. Hidden files and directories
    are passed over.

    Raises:
        PairingError: a directory cannot be listed.
    """
    found: dict[str, Path] = {}
    pending: list[tuple[Path, str, frozenset[Identity]]] = [(directory, "", frozenset())]
    while pending:
        folder, prefix, above = pending.pop()
        identity, folders, files = _list(folder)
        if identity in above:
            continue
        pending += [(folder / name, f"{prefix}{name}/", above | {identity}) for name in folders]
        found |= {prefix + name: folder / name for name in files if is_picture(name)}
    return dict(sorted(found.items()))


def is_picture(name: str) -> bool:
    """Whether a file is one by its name."""
    return PurePath(name).suffix.lower() in PICTURE_SUFFIXES


def _list(folder: Path) -> tuple[Identity, list[str], list[str]]:
    """What tells a directory from all others, and the folders and files in it that show."""
    folders: list[str] = []
    files: list[str] = []
    try:
        status = folder.stat()
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.startswith("."):
                    (folders if _holds_entries(entry) else files).append(entry.name)
    except OSError as error:
        raise _unopened(folder, error) from error
    return (status.st_dev, status.st_ino), folders, files


def _holds_entries(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads nowhere: an error result later if it is called a picture
        return False


def _unopened(path: Path, error: OSError) -> PairingError:
    return PairingError(f"{printable(path)} cannot be opened ({error.strerror}); check the path and its rights.")
