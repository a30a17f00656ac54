"""Writing files so that a reader never meets half of one."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from diffspot.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path


def write_atomically(path: Path, data: bytes, *, way_out: str = "name another folder with --out") -> None:
    """Writes `data` under a temporary name beside `path`, then renames it; makes the folder.

    Raises:
        OutputError: where the folder or the file cannot be written; names it.
    """
    part = path.with_name(f".diffspot-{uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("xb") as file:
                file.write(data)
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"Cannot write {path}: {reason}; {way_out}.") from error
