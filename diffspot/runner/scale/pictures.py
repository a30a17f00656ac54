"""The annotated pictures of shards, taken along to the report of the run."""

from __future__ import annotations

import errno
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING

from diffspot.errors import OutputError
from diffspot.image_io.storage import StoredPath
from diffspot.model import printable
from diffspot.outputs.atomic import new_part_name, write_atomically
from diffspot.outputs.bounds import refuse_outside
from diffspot.runner.scale.shards import shard_number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from diffspot.runner.scale.merge import Merged


AT_A_TIME = 1000
"""Pictures that are handed to threads: a pool takes all that it is given into memory."""


def take_pictures(merged: Merged, out: Path) -> list[str]:
    """Takes the annotated pictures, maps and so on of all shards along into the folder of the report.

    Returns:
        A sentence for each that could not be taken.
    """
    failures: list[str] = []
    ways = _ways(merged, out)
    with ThreadPoolExecutor() as pool:
        while some := list(islice(ways, AT_A_TIME)):
            failures += filter(None, pool.map(lambda way: _take(way[0], way[1], out), some))
    return failures


def _ways(merged: Merged, out: Path) -> Iterator[tuple[Path, Path]]:
    """Where each picture is, and where it goes."""
    for result in merged:
        name = result.name if (result.frame or 1) == 1 else result.name.rpartition("#")[0]
        for place in result.written:
            folder = merged.pictures[shard_number(name, merged.run.shards)]
            yield folder / place, out / place


def _take(source: Path, target: Path, out: Path) -> str | None:
    """Links or copies a picture to another place; the reason where that fails."""
    if isinstance(source, StoredPath) or isinstance(target, StoredPath):
        return _copy(source, target)
    part = target.with_name(new_part_name())
    try:
        refuse_outside(target, out)
        _refuse_link(source)
        refuse_outside(source, source.parents[len(target.relative_to(out).parts) - 1])
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, part)
        except OSError:  # on another disk, or one without links
            shutil.copyfile(source, part)
        part.replace(target)
    except OutputError as error:
        return str(error)
    except OSError as error:
        part.unlink(missing_ok=True)
        return _failure(source, target, error)
    return None


def _copy(source: Path, target: Path) -> str | None:
    """Copies a picture from or to object storage; the reason where that fails."""
    try:
        write_atomically(target, source.read_bytes(), durable=False)
    except OutputError as error:
        return str(error)
    except OSError as error:
        return _failure(source, target, error)
    return None


def _failure(source: Path, target: Path, error: OSError) -> str:
    return f"Cannot take {printable(source)} along to {printable(target)}: {error.strerror}; merge again."


def _refuse_link(path: Path) -> None:
    """A link may lead to any file; only a picture that lies there is a shard's own."""
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link")
