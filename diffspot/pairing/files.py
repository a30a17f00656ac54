"""What lies on the disk: which picture files a directory holds."""

from __future__ import annotations

import os
import stat
from collections import Counter
from typing import TYPE_CHECKING

from diffspot.errors import PairingError
from diffspot.image_io.suffixes import PICTURE_SUFFIXES, UNREAD_SUFFIXES, suffix
from diffspot.model import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Identity = tuple[int, int]


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
    found = {
        prefix + name: folder / name
        for folder, prefix, files in _walk(directory)
        for name in files
        if suffix(name) in PICTURE_SUFFIXES
    }
    return dict(sorted(found.items()))


def count_unread(directory: Path) -> Counter[str]:
    """How many pictures of formats that are not read lie below a directory, by suffix; found as `find_pictures` does.

    Raises:
        PairingError: a directory cannot be listed.
    """
    suffixes = (suffix(name) for _, _, files in _walk(directory) for name in files)
    return Counter(one for one in suffixes if one in UNREAD_SUFFIXES)


def _walk(directory: Path) -> Iterator[tuple[Path, str, list[str]]]:
    """Each folder, the prefix of names in it, and the names of its files."""
    pending: list[tuple[Path, str, frozenset[Identity]]] = [(directory, "", frozenset())]
    while pending:
        folder, prefix, above = pending.pop()
        identity, folders, files = _list(folder)
        if identity not in above:
            pending += [(folder / name, f"{prefix}{name}/", above | {identity}) for name in folders]
            yield folder, prefix, files


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
