"""Links from a written file to the pictures."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote


def link(path: Path, folder: Path) -> str:
    """A percent-encoded URL of `path`, relative to `folder` where both are on one drive."""
    try:
        relative = Path(os.path.relpath(path, folder))
    except ValueError:  # another drive
        return path.absolute().as_uri()
    return "/".join(quote(os.fsencode(part), safe="") for part in relative.parts)
