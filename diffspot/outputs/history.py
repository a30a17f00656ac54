"""The history: a file of JSON lines to which each run appends one a pair, read by `diffspot history` and the page."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import msgspec
from msgspec.structs import asdict

from diffspot.errors import OptionError, OutputError
from diffspot.model import printable
from diffspot.outputs.figures import Figures, figures, timed
from diffspot.outputs.interface import FileOutput
from diffspot.outputs.lock import hold
from diffspot.outputs.report_json import encode_line, read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from diffspot.model import RunReport

MARK = b'{"schema":"diffspot.history/'
"""What every line begins with."""


class Entry(Figures, frozen=True, kw_only=True, omit_defaults=True, tag_field="schema", tag="diffspot.history/1"):
    """One line: what one run found for one pair.

    Attributes:
        run: when the run began, ISO 8601, UTC.
    """

    run: str


class History(NamedTuple):
    """What stands in a history.

    Attributes:
        runs: when each began, oldest first.
        entries: of each pair by its name, by run; of a run that was appended twice the last.
        broken: how many lines no entry can be read from.
    """

    runs: tuple[str, ...]
    entries: Mapping[str, Mapping[str, Entry]]
    broken: int


class HistoryOutput(FileOutput):
    """Appends to the history; a run that was stopped appends nothing, because the one that goes on will."""

    option = "history"
    file_name = "history.jsonl"

    def parts(self, report: RunReport) -> Iterator[bytes]:
        """The lines that the run adds."""
        run = report.times.started
        entries = (Entry(run=run, **asdict(figures(pair, seconds))) for pair, seconds in timed(report))
        return map(encode_line, entries)

    def is_own(self) -> bool:
        """See `FileOutput.is_own`."""
        try:
            return is_history(read_regular(self.path, len(MARK)))
        except OSError:
            return False

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`."""
        if report.interrupted:
            raise OutputError(f"Nothing was appended to {printable(self.path)}, because the run was interrupted.")
        try:
            with self.path.open("ab+") as file:
                hold(file)
                self._append(file, self.parts(report))
        except OSError as error:
            raise OutputError(
                f"Cannot write {printable(self.path)}: {error.strerror}; name another file with --history."
            ) from error

    def _append(self, file: BinaryIO, lines: Iterator[bytes]) -> None:
        file.seek(0)
        if not is_history(file.read(len(MARK))):
            raise OutputError(f"{printable(self.path)} is no history; name another file with --history.")
        end = _end_of_lines(file)
        try:
            file.truncate(end)
            file.writelines(lines)
            file.flush()
            os.fsync(file.fileno())
        except OSError:  # a full disk: half a run is worse than none
            with suppress(OSError):
                file.truncate(end)
            raise


def is_history(start: bytes) -> bool:
    """Whether a file that begins so is a history, if only an empty one."""
    return not start or start == MARK


def _end_of_lines(file: BinaryIO) -> int:
    """Where the last whole line ends; what a kill left behind it is half a line, which nobody can read."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - 4096)
        file.seek(start)
        found = file.read(end - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def read_history(path: Path) -> History:
    """Reads a history, whoever wrote it.

    Raises:
        OptionError: it cannot be read, is none, or has no line that can be read.
    """
    try:
        data = read_regular(path)
    except OSError as error:
        raise OptionError(f"Cannot read {printable(path)}: {error.strerror}; name the file of --history.") from error
    if not data or not is_history(data[: len(MARK)]):
        raise OptionError(f"{printable(path)} is no history; name the file of --history.")
    decoder, broken = msgspec.json.Decoder(Entry), 0
    entries: dict[str, dict[str, Entry]] = {}
    for line in data.splitlines():
        try:
            entry = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            broken += 1
        else:
            entries.setdefault(entry.name, {})[entry.run] = entry
    if not entries:
        raise OptionError(f"No line of {printable(path)} can be read; name a history that this version wrote.")
    runs = sorted({run for own in entries.values() for run in own})
    return History(tuple(runs), entries, broken)
