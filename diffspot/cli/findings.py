"""What the commands for what is no pair have in common: what they are given, and what they print and write."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

import msgspec

from diffspot.cli.console import print_bytes, print_lines
from diffspot.cli.streams import say
from diffspot.errors import ExitCode, OutputError, PairingError
from diffspot.model import Tool, __version__, one_line, path_text, printable, text_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from types import TracebackType

    from diffspot.cli.console import Style
    from diffspot.cli.terminal import Bar
    from diffspot.finding.common import Shared
    from diffspot.options.finding import Limits
    from diffspot.pairing.pictures import Named
    from diffspot.runner.found import FindingReport, Looked

T = TypeVar("T")

STANDARD_INPUT = Path("-")
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


def read_text(path: Path) -> str:
    """The text of a file, or of standard input.

    Raises:
        PairingError: it cannot be read, or is not UTF-8.
    """
    try:
        data = sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise PairingError(f"Cannot read {printable(path)}: {error.strerror}; check the name.") from error
    except UnicodeDecodeError as error:
        raise PairingError(f"{printable(path)} is not UTF-8; save it as UTF-8.") from error


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


class Findings:
    """Shows and writes what a command finds, picture by picture.

    Args:
        command: its name, which the report is called after.
        options: what it was asked for.
        style: how results are printed.
        out: folder of the report and of pictures; None writes nothing.
        inputs: what was named on the command line; folders among them hold no results.
        pictures: what is read; none of them lies where pictures are written.
        total: pictures to look at.
    """

    def __init__(
        self,
        command: str,
        options: Limits,
        *,
        style: Style,
        out: Path | None = None,
        inputs: Iterable[Path] = (),
        pictures: Iterable[Path] = (),
        total: int,
    ) -> None:
        self._command = command
        self._options = options
        self._style = style
        self._out = out
        self._total = total
        self._bar: Bar | None = None
        self._unlock: Callable[[], None] = lambda: None
        self._lines: list[str] = []
        self._looked: list[Looked] = []
        self.trouble = False
        if out is not None:
            self._open(out, inputs, pictures)

    def _open(self, out: Path, inputs: Iterable[Path], pictures: Iterable[Path]) -> None:
        """Makes the folder and holds it until the end."""
        from diffspot.outputs.kept import keep_apart, keep_pictures, refuse_root  # noqa: PLC0415
        from diffspot.outputs.lock import lock_folder  # noqa: PLC0415

        refuse_root(out)
        for folder in inputs:
            if folder.is_dir():
                keep_apart(out, folder, (LABELS, CUTS))
        keep_pictures(out, pictures, (LABELS, CUTS))
        try:
            out.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            reason = f"Cannot make the folder {printable(out)}: {error.strerror}; name another with --out."
            raise OutputError(reason) from error
        self._unlock = lock_folder(out)

    def __enter__(self) -> Self:
        if self._style != "quiet" and sys.stderr.isatty():
            from diffspot.cli.terminal import Bar  # noqa: PLC0415  Rich is slow to import

            self._bar = Bar(self._total, doing="Looking", things="pictures")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end_bar()
        self._unlock()

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

    def follow(self, coming: Iterator[T]) -> Iterator[T]:
        """Passes on what comes of each picture, and counts it on a terminal."""
        for one in coming:
            if self._bar:
                self._bar.advance()
            yield one

    def add(self, looked: Looked, rows: Iterable[Sequence[object]]) -> None:
        """Takes note of a picture as it comes, with the rows of the table that it makes."""
        from diffspot.outputs.report_json import encode_line  # noqa: PLC0415

        self._looked.append(looked)
        self.rows(rows)
        if self._style == "jsonl":
            print_bytes(encode_line(looked))
        if looked.error:
            self.trouble = True
            self.tell(f"{looked.name}: {looked.error}")

    def rows(self, rows: Iterable[Sequence[object]]) -> None:
        """Takes note of rows of the table."""
        self._lines += ["\t".join(one_line(printable(cell)) for cell in row) for row in rows]

    def finish(self, *, found: bool, interrupted: bool = False, objects: Sequence[Shared] | None = None) -> ExitCode:
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
        if interrupted:
            self.tell(f"interrupted; {len(self._looked)} of {self._total} pictures were looked at.")
        return ExitCode.TROUBLE if self.trouble or interrupted else ExitCode.SAME if found else ExitCode.DIFFERENT

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
        from diffspot.runner.found import CommonReport, FindingReport  # noqa: PLC0415

        known = {
            "schema": f"diffspot.{self._command}/1",
            "tool": Tool(name="diffspot", version=__version__),
            "options": msgspec.to_builtins(self._options),
            "pictures": tuple(self._looked),
        }
        return FindingReport(**known) if objects is None else CommonReport(**known, objects=tuple(objects))
