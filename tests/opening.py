"""Tells a test of each file that is opened, before it is: Python's own audit events, so nothing is put in the way."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_told: list[Callable[[Path], object]] = []


def _tell(event: str, details: tuple[object, ...]) -> None:
    if _told and event == "open" and isinstance(details[0], str | os.PathLike):
        for tell in _told:
            tell(Path(details[0]))


sys.addaudithook(_tell)  # for as long as the process lives: Python takes none back


@contextmanager
def on_open(tell: Callable[[Path], object]) -> Iterator[None]:
    """Calls `tell` with the path of each file that is opened in the block, in any thread; what it raises opens none.

    A path may come twice: Python's `open` and the system's, with which a file is opened that has an opener, both tell.
    """
    _told.append(tell)
    try:
        yield
    finally:
        _told.remove(tell)
