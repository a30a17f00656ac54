"""Writing files so that nobody ever reads half of one, not even after a power cut."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from diffspot.errors import OutputError
from diffspot.image_io.storage import StoredPath
from diffspot.model import printable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

PARTS = ".diffspot-*.part"
"""Names of files that are not whole yet."""
OTHER_FOLDER = "name another folder with --out"
OWN, ANYBODYS = 0o600, 0o666
"""Permissions of new files; the user's mask takes from them."""


def write_atomically(
    path: Path, data: bytes | Iterable[bytes], *, way_out: str = OTHER_FOLDER, durable: bool = True
) -> None:
    """Writes `data` under a temporary name beside `path`, then renames it; makes the folder.

    What was there keeps its owner and permissions.

    Args:
        path: the file.
        data: its content, whole or in parts.
        way_out: what to do where it cannot be written.
        durable: whether it is on the disk, not only on its way there, before this returns.

    Raises:
        OutputError: where the folder or the file cannot be written; names it.
    """
    _write(path, data, new=False, way_out=way_out, durable=durable)


def write_new(path: Path, data: Iterable[bytes]) -> bool:
    """Writes as `write_atomically` does, but only where nothing is yet; whether that was so.

    Raises:
        OutputError: the file cannot be written.
    """
    return _write(path, data, new=True)


def _write(
    path: Path, data: bytes | Iterable[bytes], *, new: bool, way_out: str = OTHER_FOLDER, durable: bool = True
) -> bool:
    try:
        if isinstance(path, StoredPath):
            return path.write_parts([data] if isinstance(data, bytes) else data, new=new)
        part = path.with_name(new_part_name())
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            write_part(part, path, data, durable=durable)
            written = _place(part, path, new=new)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)
        if durable:
            sync_folder(path.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"Cannot write {printable(path)}: {reason}; {way_out}.") from error
    return written


def _place(part: Path, path: Path, *, new: bool) -> bool:
    """Gives a file its name; with `new` only if no other has it. Whether it has it."""
    if not new:
        part.replace(path)
        return True
    try:  # a link is made or not, whoever else is at it; a file that is renamed takes the place of another
        path.hardlink_to(part)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if path.exists():
            return False
        part.replace(path)
    return True


def new_part_name() -> str:
    """A name that no other file has."""
    return PARTS.replace("*", uuid4().hex)


def write_part(part: Path, path: Path, data: bytes | Iterable[bytes], *, durable: bool) -> None:
    """Writes `part`, which is not there yet, to take the place of `path`, with its owner and permissions.

    Raises:
        OSError: it cannot be written.
    """
    before = _status(path)
    mode = OWN if before else ANYBODYS  # nobody else reads of it what they may not read of the file itself
    with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.writelines([data] if isinstance(data, bytes) else data)
        file.flush()
        if before:
            _give(file.fileno(), before)
        if durable:
            os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Has the names in a folder written to the disk, where the system can."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _give(handle: int, before: os.stat_result) -> None:
    """Gives an open file the owner and permissions of another, as far as this process may."""
    if hasattr(os, "fchown"):
        with suppress(PermissionError):
            os.fchown(handle, before.st_uid, before.st_gid)
        os.fchmod(handle, stat.S_IMODE(before.st_mode))
