"""Ways and links from a written file to the pictures."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from diffspot.image_io.storage import StoredPath


def link(path: Path, folder: Path) -> str:
    """A percent-encoded URL of `path`, relative to `folder` where both are on one drive."""
    place = relative(path, folder)
    if isinstance(place, StoredPath):
        return place.link
    if place.is_absolute():
        return place.as_uri()
    return "/".join(quote(os.fsencode(part), safe="") for part in place.parts)


def relative(path: Path, folder: Path) -> Path:
    """The way from `folder` to `path`; the absolute path where they are on two drives."""
    if isinstance(path, StoredPath) and not folder.is_relative_to(path.bucket):
        return path
    try:
        return Path(os.path.relpath(path, folder))
    except ValueError:
        return path.absolute()
