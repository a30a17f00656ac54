"""From what the user names to an ordered list of single pictures; none is opened."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  NamedTuple
from typing import TYPE_CHECKING, NamedTuple

from diffspot.errors import PairingError
from diffspot.image_io.suffixes import PICTURE_SUFFIXES
from diffspot.model import annotated_name, path_text, printable
from diffspot.pairing.files import find_pictures
from diffspot.pairing.manifest import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Named(NamedTuple):
    """A picture file and what it is called in results: with forward slashes, below the folder that it was found in."""

    name: str
    path: Path


def find_named(given: Iterable[Path]) -> list[Named]:
    """Pictures as given, and those below each folder, sorted by name; a file need not be there.

    Raises:
        PairingError: a folder cannot be listed or has no picture.
    """
    return [picture for path in given for picture in (_below(path) if path.is_dir() else [_alone(path)])]


def read_list(text: str, base: Path) -> list[Path]:
    """Paths from a list of them, one a line, which start from `base`; empty lines are passed over."""
    return [base / line.strip() for line in text.lstrip("\ufeff").splitlines() if line.strip()]


def refuse_twins(pictures: Sequence[Named]) -> None:
    """Refuses pictures of one name, up to case and .png at the end, where a file is written for each.

    Raises:
        PairingError: names the two.
    """
    taken: dict[str, Path] = {}
    for name, path in pictures:
        other = taken.setdefault(annotated_name(name).lower(), path)
        if other is not path:
            raise PairingError(
                f"{printable(other)} and {printable(path)} would both be written as {name}; name the folder that holds "
                "both, or run the command once for each."
            )


def _alone(path: Path) -> Named:
    return Named(safe_name(path_text(path.name)) or "picture", path)


def _below(folder: Path) -> list[Named]:
    found = [Named(path_text(name), path) for name, path in find_pictures(folder).items()]
    if not found:
        formats = ", ".join(sorted(PICTURE_SUFFIXES))
        raise PairingError(f"There is no picture in {printable(folder)}; looked for files that end in {formats}.")
    return found
