"""Changes references so that the next process can settle whatever one that is killed at any moment leaves.

A journal in the folder of results names every change and the copy that it needs, before there is one. Once all copies
are on the disk it says so, and what it says is done. Until then nothing is changed.
"""

from __future__ import annotations

from contextlib import ExitStack, suppress
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct

from diffspot.cli.commands.acceptance import candidate_content, refuse_others
from diffspot.errors import AcceptError, OptionError, OutputError
from diffspot.image_io.digest import digest
from diffspot.image_io.storage import text_path
from diffspot.model import path_text, printable
from diffspot.outputs.atomic import PARTS, new_part_name, sync_folder, write_atomically, write_part
from diffspot.outputs.report_json import read_regular

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from diffspot.cli.commands.acceptance import Change
    from diffspot.outputs.bounds import Bounds

JOURNAL = ".diffspot-accept.json"


class Step(Struct, frozen=True, kw_only=True):
    """What happens to one file.

    Attributes:
        place: the file, links followed.
        before: its digest; None where it is not there yet.
        after: the digest of what takes its place; None where it is deleted.
        part: the name of the copy beside it that is renamed to it.
    """

    place: str
    before: str | None
    after: str | None
    part: str | None

    @property
    def path(self) -> Path:
        """The file."""
        return text_path(self.place)

    @property
    def copy(self) -> Path | None:
        """The copy."""
        return self.path.with_name(self.part) if self.part else None


class Journal(Struct, frozen=True, kw_only=True):
    """What an accept does; once `copied`, all copies are on the disk, and it is to be done."""

    schema: Literal["diffspot.accept/1"] = "diffspot.accept/1"
    copied: bool
    steps: tuple[Step, ...]


def apply_changes(changes: Sequence[Change], out: Path, stop: threading.Event) -> None:
    """Writes every new reference beside its place, then renames them all, then deletes what is to go.

    Args:
        changes: of a plan.
        out: folder of the report, for the journal.
        stop: once set before the first rename, nothing is changed.

    Raises:
        AcceptError: a file cannot be written or has changed since it was planned; unless the message says otherwise,
            nothing was changed.
    """
    if not changes:
        return
    steps = tuple(_step(change) for change in changes)
    with ExitStack() as stack:
        stack.callback(_remove_journal, out)
        _write(out, Journal(copied=False, steps=steps))
        for change, step in zip(changes, steps, strict=True):
            if step.copy:
                stack.callback(_remove, step.copy)
                _refuse_to_go_on(stop)
                _copy(change, step.copy)
        _sync(steps)
        _refuse_to_go_on(stop)
        _write(out, Journal(copied=True, steps=steps))
        _rename(steps)
        _sync(steps)


def settle(out: Path, bounds: Bounds, *, removed: bool) -> str | None:
    """Completes an accept that was killed after its copies were on the disk, and undoes one that was killed before.

    Args:
        out: folder of the report.
        bounds: of the report; the journal is not believed either.
        removed: whether references may be deleted.

    Returns:
        What to tell; None where there was nothing to settle.

    Raises:
        OptionError: the journal is none, or names a file out of bounds.
        AcceptError: a file cannot be changed.
    """
    journal = read_journal(out, bounds)
    if journal is None:
        return None
    before, done = count_done(journal), 0
    try:
        if journal.copied:
            done = sum([_complete(step, removed=removed) for step in journal.steps])
    except OSError as error:
        raise AcceptError(f"{error.filename} cannot be changed ({error.strerror}); check its rights.") from error
    _clear(out, journal)
    if not journal.copied:
        return "an earlier accept was interrupted before it changed a file; its copies are removed"
    left = len(journal.steps) - before - done
    rest = f", {left} have changed since or are deleted with --removed alone" if left else ""
    files = f"{before} of its {len(journal.steps)} files were changed, {done} are now"
    return f"an earlier accept was interrupted: {files}{rest}"


def abandon(out: Path, bounds: Bounds) -> str | None:
    """Removes the copies that an accept left when it was killed, before the report is replaced that it was about.

    Returns:
        What to tell; None where there were none.

    Raises:
        OptionError: as for `settle`.
    """
    journal = read_journal(out, bounds)
    if journal is None:
        return None
    done = count_done(journal)
    _clear(out, journal)
    return (
        f"an earlier accept was interrupted after {done} of {len(journal.steps)} files; its copies are removed, and "
        "the references are compared as they are"
    )


def read_journal(out: Path, bounds: Bounds) -> Journal | None:
    """What an accept that was killed left behind; None where there is nothing.

    Raises:
        OptionError: the journal is none, or names a file out of bounds.
    """
    path = out / JOURNAL
    try:
        journal = msgspec.json.decode(read_regular(path), type=Journal)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise OptionError(f"{printable(path)} is no journal of an accept ({error}); remove it.") from error
    for step in journal.steps:
        if not _is_possible(step):
            raise OptionError(f"{printable(path)} is no journal of an accept; remove it.")
        bounds.place(step.path, link=True)
    return journal


def _is_possible(step: Step) -> bool:
    """Whether it names a file, and a copy as accept calls them."""
    part = step.part is None or ("/" not in step.part and fnmatchcase(step.part, PARTS))
    return part and "\0" not in step.place and bool(step.path.name)


def count_done(journal: Journal) -> int:
    """How many of its changes are made."""
    return sum(journal.copied and _digest(_content(step.path)) == step.after for step in journal.steps)


def _step(change: Change) -> Step:
    part = new_part_name() if change.source else None
    return Step(place=path_text(change.place), before=change.before, after=change.after, part=part)


def _copy(change: Change, part: Path) -> None:
    """The new content beside the reference, checked once more."""
    data = candidate_content(change)
    try:
        change.place.parent.mkdir(parents=True, exist_ok=True)
        write_part(part, change.place, data, durable=True)
    except OSError as error:
        raise AcceptError(
            f"Cannot write beside {printable(change.path)} ({error.strerror}); nothing was changed, check the rights."
        ) from error


def _rename(steps: Sequence[Step]) -> None:
    done = 0
    try:
        for step in sorted(steps, key=lambda step: step.copy is None):  # what is deleted goes last
            if step.copy:
                step.copy.replace(step.path)
            else:
                step.path.unlink()
            done += 1
    except OSError as error:
        raise AcceptError(
            f"{error.filename} cannot be changed ({error.strerror}); {done} of {len(steps)} files were, run diffspot "
            "accept again for the rest."
        ) from error


def _complete(step: Step, *, removed: bool) -> bool:
    """Makes a change that is still due; whether it was."""
    before = _content(step.path)
    after = _content(step.copy) if step.copy else None
    if _digest(before) != step.before or _digest(after) != step.after or not (step.copy or removed):
        return False
    refuse_others(step.path, before, after)
    if step.copy:
        step.copy.replace(step.path)
    else:
        step.path.unlink()
    return True


def _clear(out: Path, journal: Journal) -> None:
    for step in journal.steps:
        if step.copy:
            _remove(step.copy)
    _sync(journal.steps)
    _remove_journal(out)


def _write(out: Path, journal: Journal) -> None:
    try:
        write_atomically(out / JOURNAL, msgspec.json.encode(journal), way_out="check the rights of the folder")
    except OutputError as error:
        raise AcceptError(f"Nothing was changed: {error}") from error


def _remove_journal(out: Path) -> None:
    _remove(out / JOURNAL)
    sync_folder(out)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _sync(steps: Iterable[Step]) -> None:
    for folder in {step.path.parent for step in steps}:
        sync_folder(folder)


def _refuse_to_go_on(stop: threading.Event) -> None:
    if stop.is_set():
        raise AcceptError("Stopped before anything was changed; run diffspot accept again.")


def _content(path: Path) -> bytes | None:
    """The content of a file; None where there is none."""
    try:
        return read_regular(path)
    except OSError:
        return None


def _digest(data: bytes | None) -> str | None:
    return None if data is None else digest(data)
