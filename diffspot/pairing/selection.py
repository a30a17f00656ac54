"""Which pictures are compared: by their names, and without what other tools leave beside them."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from diffspot.pairing.files import find_pictures, list_folders

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Takes = Callable[[str], bool]

PLAYWRIGHT = re.compile(r"(?:test-(?:failed|finished)-\d+|.+-previous)\.png")
"""Screenshots of a failed test that lie beside the -expected, -actual and -diff of its pictures."""
BACKSTOP_DIFF = "failed_diff_"
"""Begins the names of BackstopJS's difference pictures, which lie beside those that differ."""
BACKSTOP_REFERENCE, BACKSTOP_TEST = "bitmaps_reference", "bitmaps_test"
"""Folders of backstop_data; the second has one folder a run, called after its time."""
BACKSTOP_RUN = re.compile(r"\d{8}-\d{6}")


def everything(_: str) -> bool:
    """Takes any picture."""
    return True


def selector(include: Sequence[str], exclude: Sequence[str]) -> Takes:
    """What tells by its relative path whether a picture is compared.

    Args:
        include: globs; without any, all are taken. `*` crosses folders; one without a slash is for names in any folder.
        exclude: globs of what is left out all the same.
    """
    if not include and not exclude:
        return everything
    return lambda name: (not include or _matches(name, include)) and not _matches(name, exclude)


def _matches(name: str, globs: Sequence[str]) -> bool:
    file = name.rpartition("/")[2]
    return any(fnmatchcase(name, glob) or ("/" not in glob and fnmatchcase(file, glob)) for glob in globs)


def pictures_of(directory: Path, takes: Takes) -> dict[str, Path]:
    """The pictures of a directory that are taken, by relative path, without BackstopJS's differences of them."""
    found = find_pictures(directory)
    return {name: path for name, path in found.items() if takes(name) and not _is_difference(name, found)}


def _is_difference(name: str, found: dict[str, Path]) -> bool:
    folder, slash, file = name.rpartition("/")
    return file.startswith(BACKSTOP_DIFF) and folder + slash + file.removeprefix(BACKSTOP_DIFF) in found


def is_left_by_tests(name: str) -> bool:
    """Whether a picture without a partner is one that Playwright leaves beside its triples."""
    return bool(PLAYWRIGHT.fullmatch(name.rpartition("/")[2]))


def resolve_inputs(reference: Path, candidate: Path | None) -> tuple[Path, Path | None]:
    """The directories that are meant by the folders of BackstopJS: its references and its last run.

    Raises:
        PairingError: a folder cannot be listed.
    """
    if candidate is None and (reference / BACKSTOP_REFERENCE).is_dir():
        reference, candidate = reference / BACKSTOP_REFERENCE, reference / BACKSTOP_TEST
    if candidate is not None and candidate.name == BACKSTOP_TEST and candidate.is_dir():
        runs = [name for name in list_folders(candidate) if BACKSTOP_RUN.fullmatch(name)]
        candidate = candidate / max(runs) if runs else candidate
    return reference, candidate
