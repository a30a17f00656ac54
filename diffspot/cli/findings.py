"""What the commands for single pictures share: their inputs, and what they print and write."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

import msgspec

from diffspot.cli.console import print_bytes, print_lines
from diffspot.cli.inputs import STANDARD_INPUT, read_text
from diffspot.cli.signals import stopped_by_signals
from diffspot.cli.streams import about, say
from diffspot.errors import ExitCode, PairingError
from diffspot.image_io.storage import text_path
from diffspot.model import Tool, __version__, one_line, path_text, printable
from diffspot.runner.found import CommonReport, FindingReport, failed
from diffspot.runner.pictures import each_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from threading import Event
    from types import TracebackType

    from diffspot.cli.console import Style
    from diffspot.cli.terminal import Bar
    from diffspot.options.finding import Limits
    from diffspot.pairing.pictures import Named
    from diffspot.pipeline.finding.common import Shared
    from diffspot.runner.found import Looked

T = TypeVar("T")

LABELS, CUTS = "labels", "cut"
"""Folders of pictures, beside the report: the label pictures of shapes, and what locate cuts out."""


def given_pictures(given: Iterable[str], listed: Path | None) -> list[Named]:
    """The pictures named on the command line and in a list, in that order.

    Raises:
        PairingError: there is none, or the list cannot be read.
    """
    from diffspot.pairing.pictures import find_named, read_list  # noqa: PLC0415  keeps --help and --version fast

    paths = [Path(path) for path in given]
    if listed is not None:
        base = Path() if listed == STANDARD_INPUT else listed.parent
        paths += read_list(read_text(listed), base)
    if not paths:
        raise PairingError("There is nothing to look at: name pictures or folders, or a list with --list.")
    return find_named(paths)


class _Written(msgspec.Struct):
    written: str | None = None


class _Earlier(msgspec.Struct):
    """What is read of an earlier report."""

    pictures: tuple[_Written, ...]


def _is_own(place: str) -> bool:
    """Whether pictures are written there; a report is not believed."""
    from diffspot.image_io.suffixes import is_picture  # noqa: PLC0415
    from diffspot.outputs.report_json import is_below  # noqa: PLC0415

    return is_below(place) and place.startswith((f"{LABELS}/", f"{CUTS}/")) and is_picture(place)


class _Failed(NamedTuple):
    """The result of a picture that could not be looked at."""

    looked: Looked


class Findings:
    """Runs a command over its pictures, and shows and writes what it finds, picture by picture.

    Args:
        command: its name, which the report is called after.
        kind: of its results.
        options: what it was asked for.
        style: how results are printed.
        jobs: pictures at a time; None is one for each core.
        debug: let a fault in diffspot through with its traceback.
        out: folder of the report and of pictures; None writes nothing.
        inputs: what was named on the command line; folders among them hold no results.
        pictures: what is read; none of them lies where pictures are written.
        total: pictures to look at.
    """

    def __init__(
        self,
        command: str,
        kind: type[Looked],
        options: Limits,
        *,
        style: Style,
        jobs: int | None = None,
        debug: bool,
        out: Path | None = None,
        inputs: Iterable[Path] = (),
        pictures: Iterable[Path] = (),
        total: int,
    ) -> None:
        self._command = command
        self._kind = kind
        self._options = options
        self._style = style
        self._jobs = jobs
        self._debug = debug
        self._out = out
        self._total = total
        self._bar: Bar | None = None
        self._ending = ExitStack()
        self._lines: list[str] = []
        self._looked: list[Looked] = []
        self.interrupted = False
        if out is not None:
            self._open(out, inputs, pictures)

    def _open(self, out: Path, inputs: Iterable[Path], pictures: Iterable[Path]) -> None:
        """Makes the folder and holds it until the end."""
        from diffspot.outputs.folders import make_folder  # noqa: PLC0415
        from diffspot.outputs.kept import keep_apart, keep_pictures, refuse_root  # noqa: PLC0415
        from diffspot.outputs.lock import lock_folder  # noqa: PLC0415

        refuse_root(out)
        for folder in inputs:
            if folder.is_dir():
                keep_apart(out, folder, (LABELS, CUTS))
        keep_pictures(out, pictures, (LABELS, CUTS))
        make_folder(out, "--out")
        self._ending.callback(lock_folder(out))

    def __enter__(self) -> Self:
        if self._style != "quiet" and sys.stderr.isatty():
            from diffspot.cli.terminal import Bar  # noqa: PLC0415  Rich is slow to import

            self._bar = Bar(self._total, doing="Looking", things="pictures")
            self._ending.callback(self._end_bar)
        self._stop: Event = self._ending.enter_context(stopped_by_signals())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.close()

    def _end_bar(self) -> None:
        if self._bar:
            self._bar.stop()
        self._bar = None

    def write(self, place: str, data: bytes) -> str:
        """Writes a file below the folder, where there is one; returns its place as reports hold it.

        Raises:
            OutputError: it cannot be written.
        """
        from diffspot.outputs.atomic import write_atomically  # noqa: PLC0415
        from diffspot.outputs.bounds import refuse_outside  # noqa: PLC0415

        if self._out is not None:
            refuse_outside(self._out / place, self._out)
            write_atomically(self._out / place, data, durable=False)
        return path_text(place)

    def tell(self, message: str) -> None:
        """Says something on standard error, above the bar."""
        if self._bar:
            self._bar.say(one_line(f"diffspot: {message}"))
        else:
            say(message)

    def each(self, work: Callable[[Named], T], pictures: Sequence[Named]) -> Iterator[T]:
        """What the work makes of each picture, in their order; those that it fails on are noted and left out.

        Args:
            work: safe to call from threads.
            pictures: what to work on.
        """

        def fail(picture: Named, reason: str) -> _Failed:
            return _Failed(failed(self._kind, picture, reason))

        coming: Iterator[T | _Failed] = each_picture(
            work, pictures, fail, jobs=self._jobs, stop=self._stop, debug=self._debug
        )
        for one in coming:
            if self._bar:
                self._bar.advance()
            if isinstance(one, _Failed):
                self.add(one.looked)
            else:
                yield one
        self.interrupted = self._stop.is_set()

    def add(self, looked: Looked, rows: Iterable[Sequence[object]] = ()) -> None:
        """Takes note of a picture as it comes, with the rows of the table that it makes."""
        from diffspot.outputs.report_json import encode_line  # noqa: PLC0415

        self._looked.append(looked)
        self.rows(rows)
        if self._style == "jsonl":
            print_bytes(encode_line(looked))
        if looked.error:
            self.tell(about(looked.name, looked.error))

    def rows(self, rows: Iterable[Sequence[object]]) -> None:
        """Takes note of rows of the table."""
        self._lines += ["\t".join(one_line(printable(cell)) for cell in row) for row in rows]

    def finish(self, *, found: bool, objects: Sequence[Shared] | None = None) -> ExitCode:
        """Prints and writes the report; the exit code."""
        from diffspot.outputs.report_json import encode_report  # noqa: PLC0415

        self._end_bar()
        report = self._report(objects)
        if self._style == "json":
            print_bytes(encode_report(report))
        if self._style == "table" and self._lines:
            print_lines(*self._lines)
        if self._out is not None:
            self._remove_earlier(self._out)
            self.write(f"{self._command}.json", encode_report(report))
        if self.interrupted:
            self.tell(f"interrupted; {len(self._looked)} of {self._total} pictures were looked at.")
        elif self._style == "table" and not found and not all(one.error for one in self._looked):
            self._tell_nothing()
        if self.interrupted or any(one.error for one in self._looked):
            return ExitCode.TROUBLE
        return ExitCode.SAME if found else ExitCode.DIFFERENT

    def _tell_nothing(self) -> None:
        """Says that nothing was found, and what pictures have to say to that."""
        looked = [one for one in self._looked if not one.error]
        notes = Counter(note for one in looked for note in one.notes)
        self.tell(
            "; ".join(
                [
                    "nothing found",
                    *(f"{note} (of {many} picture{'s' if many > 1 else ''})" for note, many in notes.items()),
                ]
            )
        )

    def _remove_earlier(self, out: Path) -> None:
        """Removes the pictures that an earlier run's report names and this run did not write."""
        from diffspot.outputs.report_json import read_regular  # noqa: PLC0415
        from diffspot.outputs.stale import remove_all_stale  # noqa: PLC0415

        try:
            earlier = msgspec.json.decode(read_regular(out / f"{self._command}.json"), type=_Earlier)
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # none, or somebody else's
            return
        named = {one.written for one in earlier.pictures if one.written and _is_own(one.written)}
        remove_all_stale((out / text_path(place) for place in named - {one.written for one in self._looked}), out)

    def _report(self, objects: Sequence[Shared] | None) -> FindingReport:
        known = {
            "schema": f"diffspot.{self._command}/1",
            "tool": Tool(name="diffspot", version=__version__),
            "options": msgspec.to_builtins(self._options),
            "pictures": tuple(self._looked),
        }
        return FindingReport(**known) if objects is None else CommonReport(**known, objects=tuple(objects))
