"""Which files count as pictures, by their names."""

from __future__ import annotations

from pathlib import PurePath

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".tif", ".tiff", ".gif", ".bmp"})
"""Lower-case suffixes of the files that are taken for pictures when a directory is searched."""
UNREAD_SUFFIXES = frozenset(
    {".avif", ".exr", ".heic", ".heif", ".ico", ".jp2", ".jxl", ".pgm", ".ppm", ".psd", ".svg", ".tga"}
)
"""Picture suffixes that cannot be decoded; such files are skipped and reported."""


def is_picture(name: str) -> bool:
    """Whether a file is a picture by its name, in a format that is read or not."""
    return suffix(name) in PICTURE_SUFFIXES | UNREAD_SUFFIXES


def suffix(name: str) -> str:
    """The lower-case suffix of a file's name."""
    return PurePath(name).suffix.lower()
