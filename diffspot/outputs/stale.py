"""Removing what earlier runs left in the folder of --out."""

from __future__ import annotations

import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from diffspot.errors import OutputError
from diffspot.model import printable
from diffspot.outputs.atomic import PARTS
from diffspot.outputs.bounds import refuse_outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

MARKS = {
    "index.html": b'<meta name="generator" content="diffspot ',
    "junit.xml": b'<testsuites name="diffspot"',
    "summary.md": b"## diffspot: ",
    "regions.csv": b"name,status,reference,candidate,width,height,threshold,",
    "pairs.csv": b"name,status,regions,area,share,",
    "coco.json": b'"description": "Differences found by diffspot"',
    "pairs.parquet": b"diffspot.pairs/1",
    "reg.json": b'{\n "failedItems": [',
}
"""What stands near the beginning of each file that runs write, by its usual name."""
MARKED = 1024
"""Bytes within which the mark ends."""


def remove_stale(path: Path, root: Path) -> None:
    """Deletes a file, if there is one, and the folders that this leaves empty, up to `root`, which stays.

    Raises:
        OutputError: the file cannot be removed, or links lead out of `root`.
    """
    if _is_file(path):
        refuse_outside(path, root)
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                f"Cannot remove the stale {printable(path)}: {error.strerror}; name another folder with --out."
            ) from error
    with suppress(OSError):  # a folder that is not empty, or not there, ends the climb
        for parent in path.parents:
            if parent == root:
                break
            parent.rmdir()


def remove_all_stale(paths: Iterable[Path], root: Path) -> None:
    """Deletes files as `remove_stale` does, as many as can be deleted.

    Raises:
        OutputError: some cannot be removed.
    """
    failures = []
    for path in paths:
        try:
            remove_stale(path, root)
        except OutputError as error:
            failures.append(error)
    if failures:
        raise failures[0]


def remove_parts(root: Path, folders: Iterable[str]) -> None:
    """Deletes what a killed run left half written in `root` itself and anywhere below its `folders`.

    Raises:
        OutputError: a file cannot be removed.
    """
    parts = [*root.glob(PARTS), *(part for folder in folders for part in (root / folder).rglob(PARTS))]
    for part in parts:
        remove_stale(part, root)


def is_written(path: Path) -> bool:
    """Whether diffspot wrote a file, by what stands in it."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return False
        with path.open("rb") as file:
            head = file.read(MARKED)
    except OSError:
        return False
    return any(mark in head for mark in MARKS.values())


def remove_written(path: Path) -> None:
    """Deletes a file if diffspot wrote it, where that can be."""
    if is_written(path):
        with suppress(OSError):
            path.unlink()


@contextmanager
def renewed(*paths: Path) -> Iterator[None]:
    """A block that writes files anew; where it fails, those of an earlier run do not stay in their places."""
    try:
        yield
    except Exception:
        for path in paths:
            remove_written(path)
        raise


def _is_file(path: Path) -> bool:
    """Whether there is anything but a folder; a name that is too long is nowhere."""
    try:
        return not stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False
