"""Which files count as pictures, by their names."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import PurePath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PAGE = re.compile(r"(?P<file>.+\.pdf)#(?P<page>\d+)", re.IGNORECASE)

EXTRAS = {".heic": "pillow_heif", ".heif": "pillow_heif", ".pdf": "pypdfium2"}
"""Suffixes of formats that are read where a package is installed."""
_READ = frozenset(suffix for suffix, package in EXTRAS.items() if find_spec(package))
PICTURE_SUFFIXES = (
    frozenset({".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".gif", ".bmp", ".avif", ".jxl"})
    | _READ
)
"""Lower-case suffixes of the files that are taken for pictures when a directory is searched."""
UNREAD_SUFFIXES = frozenset(
    {".exr", ".heic", ".heif", ".ico", ".jp2", ".pdf", ".pgm", ".ppm", ".psd", ".svg", ".tga"} - _READ
)
"""Picture suffixes that cannot be decoded; such files are skipped and reported."""


def is_picture(name: str) -> bool:
    """Whether a file is a picture by its name, in a format that is read or not."""
    return suffix(name) in PICTURE_SUFFIXES | UNREAD_SUFFIXES


def suffix(name: str) -> str:
    """The lower-case suffix of a file's name."""
    return PurePath(name).suffix.lower()


def split_page(path: Path) -> tuple[Path, int | None]:
    """The file of a path such as `a.pdf#3`, and the page; a file that is really called so is one."""
    found = _PAGE.fullmatch(path.name)
    if found is None or os.path.exists(path):  # noqa: PTH110  Path.exists raises for a name that is too long
        return path, None
    return path.with_name(found["file"]), int(found["page"])
