"""What a person sees: the progress bar on stderr, the table or JSON on stdout."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self, TextIO

import typer

from diffspot.model import printable
from diffspot.outputs.report_json import REPORT_NAME, encode_line, encode_report
from diffspot.outputs.words import forgiven_words, kind_in_words, misfit, notable, one_line, summary_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import TracebackType

    from diffspot.cli.terminal import Bar
    from diffspot.model import PairResult, RunReport
    from diffspot.outputs.interface import Output

Style = Literal["table", "json", "jsonl", "quiet"]


class Console:
    """Shows a run as it goes and what came of it; Rich is imported for terminals alone."""

    def __init__(self, style: Style, *, total: int, out: Path | None) -> None:
        self._style = style
        self._out = out
        self._total = total
        self._bar: Bar | None = None

    def __enter__(self) -> Self:
        if self._style != "quiet" and _is_terminal(sys.stderr):
            from diffspot.cli.terminal import Bar  # noqa: PLC0415  Rich is slow to import

            self._bar = Bar(self._total)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end_bar()

    def _end_bar(self) -> None:
        if self._bar:
            self._bar.stop()
        self._bar = None

    def _say(self, message: str) -> None:
        if self._bar:
            self._bar.say(message)
        else:
            typer.echo(message, err=True)

    def add(self, result: PairResult) -> None:
        """Takes note of a result as it comes."""
        if self._bar:
            self._bar.advance()
        if self._style == "jsonl":
            _print_bytes(encode_line(result))
        if result.error and self._style != "table":
            self._say(f"diffspot: {result.name}: {result.error}")

    def finish(self, report: RunReport, outputs: Sequence[Output]) -> None:
        """Shows what came of the run, and what was written."""
        self._end_bar()
        if self._style == "json":
            _print_bytes(encode_report(report))
        if self._style == "table":
            self._print_table(report)
            say_written(outputs)
        if report.interrupted:
            self._say(f"diffspot: interrupted; {report.summary.pairs} pairs were compared.")

    def _print_table(self, report: RunReport) -> None:
        rows = [_cells(result) for result in report.pairs if report.stands_out(result) or notable(result)]
        summary = [*summary_parts(report), (f" in {report.times.seconds:.1f} s", "")]
        if _is_terminal(sys.stdout):
            from diffspot.cli.terminal import print_table  # noqa: PLC0415  Rich is slow to import

            print_table(rows, summary)
        else:
            _print_lines(*("\t".join(cells) for cells in rows), "".join(part for part, _ in summary))
        if self._out:
            _print_lines(f"Report: {printable(self._out / REPORT_NAME)}")


def say_written(outputs: Iterable[Output]) -> None:
    """Tells of the files that outputs wrote, but for the report and what belongs to it."""
    places = [one_line(_shown(output.path)) for output in outputs if output.path is not None]
    if places:
        typer.echo(f"Wrote {', '.join(places)}.", err=True)


def _shown(path: Path) -> str:
    """A path from the working directory on, if it lies below it."""
    here = Path.cwd()
    return printable(path.relative_to(here) if path.is_relative_to(here) else path)


def _is_terminal(stream: TextIO) -> bool:
    """Whether what a terminal gets is wanted; FORCE_COLOR asks for it elsewhere, too."""
    return stream.isatty() or bool(os.environ.get("FORCE_COLOR"))


def _cells(result: PairResult) -> tuple[str, str, str, str, str]:
    """Status, name, number of regions, their area, and the largest of them or what else there is to tell."""
    if result.status == "same":
        shown = notable(result) or result.forgiven
        return result.status, one_line(result.name), "", "", f"forgiven: {forgiven_words(shown)}"
    if result.status != "different":
        what = f"now {result.candidate}" if result.status == "renamed" else result.error or ""
        return result.status, one_line(result.name), "", "", one_line(what)
    largest = max(result.regions, key=lambda region: region.area)
    what = "largest" if largest.kind == "content" else kind_in_words(largest)
    return (
        result.status,
        one_line(result.name),
        str(len(result.regions)),
        str(sum(region.area for region in result.regions)),
        misfit(result) or f"{what} at {','.join(map(str, largest.bbox))}",
    )


def _print_lines(*lines: str) -> None:
    _print_bytes("".join(f"{line}\n" for line in lines).encode())


def _print_bytes(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
