"""Tells whether a file is still the one that was compared."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from diffspot.image_io.suffixes import split_page

if TYPE_CHECKING:
    from pathlib import Path


def digest(data: bytes | memoryview) -> str:
    """What `sha256sum` prints of a file with this content; SHA-256 is the fastest where the processor knows it."""
    return hashlib.sha256(data).hexdigest()


def picture_digest(data: bytes, path: Path) -> str:
    """The digest of a file's content; of one page of it, of the content and the page."""
    page = split_page(path)[1]
    return digest(data if page is None else b"%s#%d" % (data, page))
