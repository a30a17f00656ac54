"""Writing files so that a reader never meets half of one."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from diffspot.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARTS = ".diffspot-*.part"
"""Names of files that are not whole yet."""


def write_atomically(path: Path, data: bytes, *, way_out: str = "name another folder with --out") -> None:
    """Writes `data` under a temporary name beside `path`, then renames it; makes the folder.

    Raises:
        OutputError: where the folder or the file cannot be written; names it.
    """
    try:
        with written_part(path, data) as part:
            part.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"Cannot write {path}: {reason}; {way_out}.") from error


@contextmanager
def written_part(path: Path, data: bytes) -> Iterator[Path]:
    """A file of `data` beside `path`, to be renamed to it; what was not renamed goes when the block ends.

    Raises:
        OSError: where the folder or the file cannot be written.
    """
    part = path.with_name(PARTS.replace("*", uuid4().hex))
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with part.open("xb") as file:
            file.write(data)
        yield part
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
