"""What lies on the disk: which picture files a directory holds."""

from __future__ import annotations

import os
import re
import stat
from collections import Counter, deque
from typing import TYPE_CHECKING, NamedTuple

from diffspot.errors import PairingError
from diffspot.image_io.storage import StoredPath
from diffspot.image_io.suffixes import PICTURE_SUFFIXES, UNREAD_SUFFIXES, split_page, suffix
from diffspot.model import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Identity = tuple[int, int]

_URL = re.compile(r"[a-z][a-z0-9+.-]*:/", re.IGNORECASE)
_WILD = frozenset("*?[")
"""What a shell hands on of a pattern that no file matches."""


def is_directory(path: Path) -> bool:
    """Whether it is a directory or else a file.

    Raises:
        PairingError: there is nothing at `path`, or it cannot be reached.
    """
    try:
        return stat.S_ISDIR(split_page(path)[0].stat().st_mode)
    except OSError as error:
        raise _unopened(path, error) from error


def is_same(path: Path, other: Path) -> bool:
    """Whether two paths lead to one file or directory; of what is not there nobody knows."""
    if isinstance(path, StoredPath) or isinstance(other, StoredPath):
        return path == other
    try:
        return path.samefile(other)
    except OSError:
        return False


def find_pictures(directory: Path) -> dict[str, Path]:
    """All pictures below a directory by their relative path with forward slashes, sorted by it.

    Links are followed, except to a directory that holds the link; below a link each directory is entered once. Hidden
    files and directories are passed over.

    Raises:
        PairingError: a directory cannot be listed.
    """
    if isinstance(directory, StoredPath):
        return dict(sorted((name, path) for name, path in _objects(directory) if suffix(name) in PICTURE_SUFFIXES))
    found = {
        prefix + name: folder / name
        for folder, prefix, files in _walk(directory)
        for name in files
        if suffix(name) in PICTURE_SUFFIXES
    }
    return dict(sorted(found.items()))


def list_folders(directory: Path) -> list[str]:
    """The names of the folders in a directory.

    Raises:
        PairingError: it cannot be listed.
    """
    return _list(directory).folders


def count_unread(directory: Path) -> Counter[str]:
    """How many pictures of formats that are not read lie below a directory, by suffix; found as `find_pictures` does.

    Raises:
        PairingError: a directory cannot be listed.
    """
    if isinstance(directory, StoredPath):
        suffixes = (suffix(name) for name, _ in _objects(directory))
    else:
        suffixes = (suffix(name) for _, _, files in _walk(directory) for name in files)
    return Counter(one for one in suffixes if one in UNREAD_SUFFIXES)


def _objects(folder: StoredPath) -> Iterator[tuple[str, StoredPath]]:
    """Name and path of each object in a folder that is not hidden.

    Raises:
        PairingError: they cannot be listed.
    """
    try:
        yield from (
            (name, path) for name, path in folder.below() if not any(part[:1] == "." for part in name.split("/"))
        )
    except OSError as error:
        raise _unopened(folder, error) from error


def _walk(directory: Path) -> Iterator[tuple[Path, str, list[str]]]:
    """Each folder, the prefix of names in it, and the names of its files.

    Below a link each folder is entered once, by the shortest way: where links lead from folder to folder, the number
    of ways grows beyond all bounds.
    """
    pending: deque[_Place] = deque([_Place(directory, "", frozenset(), None)])
    while pending:
        place = pending.popleft()
        folder = _list(place.path)
        if folder.identity in place.above or (place.seen is not None and folder.identity in place.seen):
            continue
        if place.seen is not None:
            place.seen.add(folder.identity)
        above = place.above | {folder.identity}
        pending += [place.below(name, above, place.seen) for name in folder.folders]
        pending += [place.below(name, above, set() if place.seen is None else place.seen) for name in folder.links]
        yield place.path, place.prefix, folder.files


class _Place(NamedTuple):
    """A folder to search.

    Attributes:
        prefix: of the names in it.
        above: the folders that it lies in.
        seen: the folders entered below the link that it lies below; None where it lies below none.
    """

    path: Path
    prefix: str
    above: frozenset[Identity]
    seen: set[Identity] | None

    def below(self, name: str, above: frozenset[Identity], seen: set[Identity] | None) -> _Place:
        return _Place(self.path / name, f"{self.prefix}{name}/", above, seen)


class _Folder(NamedTuple):
    """What is in a folder and shows, and what tells it from all others."""

    identity: Identity
    folders: list[str]
    links: list[str]
    files: list[str]


def _list(path: Path) -> _Folder:
    try:
        status = path.stat()
        folder = _Folder((status.st_dev, status.st_ino), [], [], [])
        with os.scandir(path) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                if not entry.name.startswith("."):
                    _kind(folder, entry).append(entry.name)
    except OSError as error:
        raise _unopened(path, error) from error
    return folder


def _kind(folder: _Folder, entry: os.DirEntry[str]) -> list[str]:
    if not _holds_entries(entry):
        return folder.files
    return folder.links if entry.is_symlink() else folder.folders


def _holds_entries(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads nowhere: an error result later if it is called a picture
        return False


def _unopened(path: Path, error: OSError) -> PairingError:
    text = printable(path)
    if _URL.match(text) and not isinstance(path, StoredPath):
        return PairingError(f"{text.replace(':/', '://', 1)} is a URL that cannot be read here; download it first.")
    return PairingError(f"{text} cannot be opened ({error.strerror}); {_way_out(text)}.")


def _way_out(text: str) -> str:
    if not _WILD.isdisjoint(text):
        return "no file has a name that this pattern is for, so give their directory, with --include for some of them"
    if text == "-":
        return "standard input is no picture, so save it as a file"
    if text.startswith(("http:", "https:")):
        return "check the address and the network"
    return "check the path and its rights"
