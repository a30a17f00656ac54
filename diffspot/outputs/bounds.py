"""Bounds on reports and assistants: both are untrusted, so files that they name are used only in known folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from diffspot.errors import OptionError, OutputError
from diffspot.image_io.storage import StoredPath, to_path
from diffspot.model import printable

if TYPE_CHECKING:
    from collections.abc import Iterable


class Roots:
    """Directories outside of which nothing is read, written or deleted.

    Args:
        roots: the directories, links followed, or addresses of storage.
        refusal: what is said of a path outside, after its name.
    """

    def __init__(self, roots: Iterable[Path], refusal: str) -> None:
        self._roots = list(roots)
        self._refusal = refusal

    def place(self, path: Path, *, link: bool = False) -> Path:
        """Where a path leads, links followed.

        Args:
            path: relative to the working directory, or absolute.
            link: whether the last part stands for itself, though it may be a link.

        Raises:
            OptionError: it leads out of the roots.
        """
        if "\0" in str(path):
            raise OptionError(f"{printable(path)} has a NUL in its name; no file can.")
        place = real(path.parent) / path.name if link else real(path)
        if ".." not in place.parts and any(place.is_relative_to(root) for root in self._roots):
            return place  # of an address nobody has resolved what leads upwards
        raise OptionError(f"{printable(path)} {self._refusal}")


class Bounds(Roots):
    """The directories outside of which nothing that a report names is read, written or deleted.

    They are the directory in which the folder of the report lies, the working directory if that holds the folder, and
    those that the user allows. A root of the file system holds everything, so it counts only where it is allowed.

    Args:
        out: the folder of the report.
        allowed: further directories.
    """

    def __init__(self, out: Path, allowed: Iterable[Path] = ()) -> None:
        # Where `out` itself leads to does not count: it may be a link that came with the report.
        around, here = real(out.absolute().parent), real(Path())
        holding = {around, here} if around.is_relative_to(here) else {around}
        super().__init__(
            [root for root in holding if root != root.parent] + [real(path) for path in allowed],
            "does not lie where the report does; if the report is to be trusted, name the directory with --allow.",
        )


def allowed_directories(names: Iterable[str] | None) -> list[Path]:
    """What the user names with --allow: directories, or addresses of storage.

    Raises:
        OptionError: one is no directory.
    """
    paths = [to_path(name) for name in names or ()]
    for path in paths:
        if not isinstance(path, StoredPath) and not path.is_dir():
            raise OptionError(f"--allow {printable(path)} is not a directory; name one that is there.")
    return paths


def refuse_outside(path: Path, folder: Path) -> None:
    """Refuses a file that links lead out of the folder that it ought to lie in.

    Raises:
        OutputError: it lies outside.
    """
    if not real(path.parent).is_relative_to(real(folder)):
        raise OutputError(
            f"{printable(path.parent)} is a link that leads out of {printable(folder)}; remove it, or name another "
            "folder."
        )


def real(path: Path) -> Path:
    """The path without links; unlike `Path.resolve` it takes links that lead in a circle as they are."""
    return path if isinstance(path, StoredPath) else Path(os.path.realpath(path))
