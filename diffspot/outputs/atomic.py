"""Writing files so that a reader never meets half of one, and neither does who starts after a power cut."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from diffspot.errors import OutputError
from diffspot.model import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARTS = ".diffspot-*.part"
"""Names of files that are not whole yet."""
OWN, ANYBODYS = 0o600, 0o666
"""Permissions of new files; the user's mask takes from them."""


def write_atomically(
    path: Path, data: bytes, *, way_out: str = "name another folder with --out", durable: bool = True
) -> None:
    """Writes `data` under a temporary name beside `path`, then renames it; makes the folder.

    What was there keeps its owner and permissions.

    Args:
        path: the file.
        data: its content.
        way_out: what to do where it cannot be written.
        durable: whether it is on the disk, not only on its way there, before this returns.

    Raises:
        OutputError: where the folder or the file cannot be written; names it.
    """
    try:
        with written_part(path, data, durable=durable) as part:
            part.replace(path)
        if durable:
            sync_folder(path.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"Cannot write {printable(path)}: {reason}; {way_out}.") from error


@contextmanager
def written_part(path: Path, data: bytes, *, durable: bool = True) -> Iterator[Path]:
    """A file of `data` beside `path`, to be renamed to it; what was not renamed goes when the block ends.

    Raises:
        OSError: where the folder or the file cannot be written.
    """
    part = path.with_name(new_part_name())
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        write_part(part, path, data, durable=durable)
        yield part
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def new_part_name() -> str:
    """A name that no other file has."""
    return PARTS.replace("*", uuid4().hex)


def write_part(part: Path, path: Path, data: bytes, *, durable: bool) -> None:
    """Writes `part`, which is not there yet, to take the place of `path`, with its owner and permissions.

    Raises:
        OSError: it cannot be written.
    """
    before = _status(path)
    mode = OWN if before else ANYBODYS  # nobody else reads of it what they may not read of the file itself
    with open(part, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(data)
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
