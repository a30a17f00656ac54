"""Folders that results are written into."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from diffspot.errors import OutputError
from diffspot.image_io.storage import StoredPath
from diffspot.model import printable

if TYPE_CHECKING:
    from pathlib import Path


def make_folder(folder: Path, flag: str) -> None:
    """Makes a folder, and those above it, where there is none; storage has none.

    Args:
        folder: it.
        flag: which names it, for the message.

    Raises:
        OutputError: it cannot be made or written into.
    """
    if isinstance(folder, StoredPath):
        return
    shown = printable(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise OutputError(f"{shown} is a file; name a folder with {flag}.") from None
    except OSError as error:
        raise OutputError(f"Cannot make the folder {shown}: {error.strerror}; name another with {flag}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(f"Cannot write into {shown}; name another folder with {flag}.")
