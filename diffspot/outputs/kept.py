"""Refuses output paths that would overwrite an input or be read as a picture by the next run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from diffspot.errors import OutputError
from diffspot.image_io.storage import StoredPath
from diffspot.image_io.suffixes import is_picture
from diffspot.model import printable
from diffspot.outputs.bounds import real

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from diffspot.outputs.interface import FileOutput
    from diffspot.pairing.files import Identity


def keep_apart(folder: Path, directory: Path, written: Iterable[str] = (), flag: str = "--out") -> None:
    """Refuses a folder of results, of which those `written` are replaced, in an input directory or around it.

    Raises:
        OutputError: it lies there.
    """
    out, source = real(folder), real(directory)
    if out.is_relative_to(source) or _is_among_results(source, out, written):
        raise OutputError(
            f"{flag} {printable(folder)} lies in the input {printable(directory)}, and the next run would take the "
            "results for pictures; name a folder outside it."
        )


def keep_pictures(folder: Path, pictures: Iterable[Path], written: Iterable[str]) -> None:
    """Refuses pictures and other files that are read among the results, which are replaced.

    Raises:
        OutputError: one lies there.
    """
    out = real(folder)
    # Links are followed one by one; where other files lie, their folder says, and of folders there are few.
    places = {picture if _is_link(picture) else picture.parent: picture for picture in pictures}
    for place, picture in places.items():
        if _is_among_results(real(place), out, written):
            raise OutputError(
                f"{printable(picture)} lies among the results of --out {printable(folder)}, which this run replaces; "
                "name another folder."
            )


def refuse_picture(path: Path, flag: str, usual: str) -> None:
    """Refuses to write a report over what is a picture by its name, or to where the next run takes it for one.

    Args:
        path: where the report would go, links followed.
        flag: the option that names it.
        usual: what such a file is called.

    Raises:
        OutputError: the file is one.
    """
    if is_picture(path.name):
        raise OutputError(
            f"{flag} {printable(path)} has the name of a picture, which it would replace; name another file, such as "
            f"{usual}."
        )


def keep_files(files: Sequence[FileOutput], read: Iterable[Path | None]) -> None:
    """Refuses to write where something lies that is read, by whatever name, link or way it is reached.

    Raises:
        OutputError: one would be replaced.
    """
    taken = {identity: file for file in files if (identity := _identity(file.path))}
    if not taken:
        return
    for path in read:
        identity = _identity(path) if path else None
        file = taken.get(identity) if identity else None
        if path and file:
            raise OutputError(
                f"{file.flag()} {printable(file.path)} would replace {printable(path)}, which is read; name another "
                f"file, such as {file.file_name}."
            )


def keep_confined(files: Iterable[FileOutput], confined: Mapping[str, Path]) -> None:
    """Refuses files that lie outside the folder that they are confined to, or that would replace another program's.

    Args:
        files: the outputs.
        confined: the folders, by option.

    Raises:
        OutputError: one does.
    """
    for file in files:
        folder = confined.get(file.option)
        if folder is None:
            continue
        refuse_unconfined(file.path, folder, file.flag())
        if file.path.exists() and not file.is_own():
            raise OutputError(
                f"The configuration file names {printable(file.path)}, which diffspot did not write; remove it, or "
                f"name it with {file.flag()}."
            )


def refuse_unconfined(path: Path, folder: Path, flag: str) -> None:
    """Refuses a place outside of the folder that a configuration file may name places in.

    Raises:
        OutputError: it lies outside.
    """
    if not real(path).is_relative_to(real(folder)):
        raise OutputError(
            f"The configuration file names {printable(path)}, which lies outside its folder {printable(real(folder))}; "
            f"name it with {flag}, or the configuration with --config."
        )


def refuse_root(folder: Path) -> None:
    """Refuses the root of a file system as the folder of results.

    Raises:
        OutputError: it is one.
    """
    if real(folder).parent == real(folder):
        raise OutputError(f"--out {printable(folder)} is the root of the file system; name a folder in it.")


def _identity(path: Path) -> Identity | None:
    """Device and inode of a file; None where there is no file, and for an object in storage, which has one name."""
    if isinstance(path, StoredPath):
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _is_link(path: Path) -> bool:
    return os.path.islink(path)  # noqa: PTH114  Path.is_symlink raises where a folder may not be searched


def _is_among_results(path: Path, out: Path, written: Iterable[str]) -> bool:
    return any(path.is_relative_to(out / folder) for folder in written)
