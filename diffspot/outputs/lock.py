"""One run at a time in a folder of results."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from diffspot.errors import OutputError
from diffspot.image_io.storage import StoredPath
from diffspot.model import printable

try:
    import fcntl
except ImportError:  # Windows: runs there have to keep apart by themselves
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO


MOMENT = 1.0
"""Seconds that another process has to let go."""


def lock_folder(folder: Path) -> Callable[[], None]:
    """Holds a folder for this process until what is returned is called, or the process ends in whatever way.

    The folder itself is locked, so no file of the lock stays behind. A process that is ending, such as a worker
    that was killed, has MOMENT to let go.

    Raises:
        OutputError: another process holds it.
    """
    if fcntl is None or isinstance(folder, StoredPath):
        return lambda: None
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # a folder that may be written but not read
        return lambda: None
    try:
        _lock(handle)
    except BlockingIOError:
        os.close(handle)
        raise OutputError(
            f"Another run is writing into {printable(folder)}; wait until it ends, or name another folder."
        ) from None
    except OSError:  # a file system without locks
        os.close(handle)
        return lambda: None
    return lambda: os.close(handle)


def _lock(handle: int) -> None:
    """Locks, within MOMENT.

    Raises:
        BlockingIOError: another process holds it.
        OSError: the file system has no locks.
    """
    end = time.monotonic() + MOMENT
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > end:
                raise
            time.sleep(MOMENT / 20)
        else:
            return


def hold(file: BinaryIO) -> None:
    """Holds an open file until it is closed; waits for another process that holds it, where the system has locks."""
    if fcntl is not None:
        with suppress(OSError):  # a file system without locks
            fcntl.flock(file, fcntl.LOCK_EX)
