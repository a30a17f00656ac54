"""What a person sees: the progress bar on stderr, the table or JSON on stdout."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

from diffspot.cli.streams import about, say, tell
from diffspot.errors import OutputError
from diffspot.model import one_line, printable
from diffspot.outputs.report_json import encode_line, report_parts
from diffspot.outputs.words import (
    box_text,
    caveats,
    count,
    forgiven_words,
    in_order,
    is_listed,
    kind_in_words,
    largest_regions,
    left_out_words,
    measures_words,
    misfit,
    notable,
    regions_text,
    summary_line,
    summary_parts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from diffspot.cli.terminal import Bar
    from diffspot.model import PairResult, RunReport
    from diffspot.options.options import Options
    from diffspot.outputs.interface import Outputs

Style = Literal["table", "json", "jsonl", "quiet"]


class Console:
    """Shows a run as it goes and what came of it; Rich is imported for terminals alone.

    Args:
        style: what goes to standard output.
        total: how many pairs there are.
        report: the file of the results, if there is one.
        options: the order and the unit in which the table shows the pairs.
    """

    def __init__(self, style: Style, *, total: int, report: Path | None, options: Options) -> None:
        self._style = style
        self._options = options
        self._report = report
        self._total = total
        self._bar: Bar | None = None
        self._trouble: OutputError | None = None

    def __enter__(self) -> Self:
        if self._style != "quiet" and sys.stderr.isatty():
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
            self._bar.say(one_line(f"diffspot: {message}"))
        else:
            say(message)

    def advance(self, pairs: int) -> None:
        """Counts pairs of which the results went elsewhere."""
        if self._bar:
            self._bar.advance(pairs)

    def add(self, result: PairResult) -> None:
        """Counts a result as it comes, and prints it where each has a line."""
        if self._bar and result.frame in {None, 1}:  # of a pair's results, the first
            self._bar.advance()
        if self._style == "jsonl":
            with self._going_on():
                print_bytes(encode_line(result))
        if result.error and self._style != "table":
            self._say(about(result.name, result.error))

    def finish(self, report: RunReport, outputs: Outputs) -> None:
        """Shows what came of the run, and what was written.

        Raises:
            OutputError: standard output did not take all of it, now or before.
        """
        self._end_bar()
        with self._going_on():
            if self._style == "json":
                for part in report_parts(report):
                    sys.stdout.buffer.write(part)
                sys.stdout.buffer.flush()
            if self._style == "table":
                self._print_table(report)
        if self._style == "table":
            say_written(outputs)
        for failure in outputs.told_failures:
            self._say(failure)
        if outputs.resumed:
            self._say(f"{count(outputs.resumed, 'result')} taken from the run that was stopped")
        if self._trouble:
            raise self._trouble

    def tell_interrupted(self, report: RunReport) -> None:
        """Says that a run was stopped, and how it goes on."""
        way_on = "; the same command with --resume goes on" if self._report else ""
        self._say(f"interrupted; {count(report.summary.pairs, 'pair')} compared{way_on}.")

    @contextmanager
    def _going_on(self) -> Iterator[None]:
        """Where standard output takes no more, a run goes on for its other outputs."""
        try:
            yield
        except OutputError as error:
            self._trouble = error

    def _print_table(self, report: RunReport) -> None:
        told = [one for one in report.pairs if report.stands_out(one) or is_listed(one) or one.measures]
        rows = [_cells(result, self._options) for result in in_order(told, self._options.sort)]
        took = f" in {report.times.seconds:.1f} s"
        if _wants_color():
            from diffspot.cli.terminal import print_table  # noqa: PLC0415  Rich is slow to import

            print_table(_columns(self._options), rows, [*summary_parts(report), (took, "")])
        else:
            print_lines(*("\t".join(cells) for cells in rows), summary_line(report) + took)
        if self._report and self._report.exists():
            print_lines(f"Report: {one_line(printable(self._report))}")


def say_written(outputs: Outputs) -> None:
    """Names the files that outputs wrote, but for the report and what belongs to it."""
    places = [_shown(path) for path in outputs.written]
    made = [_shown(path) for path in outputs.made_folders]
    new = f"; made {'the folder' if len(made) == 1 else 'the folders'} {', '.join(made)}" if made else ""
    if places:
        tell(f"Wrote {', '.join(places)}{new}.")


def _shown(path: Path) -> str:
    """A path from the working directory on, if it lies below it."""
    here = Path.cwd()
    return printable(path.relative_to(here) if path.is_relative_to(here) else path)


def _wants_color() -> bool:
    """Whether standard output gets the table that a terminal gets; FORCE_COLOR asks for it elsewhere, too."""
    return sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))


def _columns(options: Options) -> list[str]:
    severity = ["severity"] if options.sort == "severity" else []
    return ["status", "pair", "regions", f"area, {'px' if options.px_per_mm is None else 'mm²'}", *severity, "what"]


def _cells(result: PairResult, options: Options) -> list[str]:
    """Status, name, number of regions, their area, severity if that orders the rows, and what else is known of it."""
    numbers = [""] * (len(_columns(options)) - 3)
    if result.status == "different" and result.regions:
        area, scale = sum(region.area for region in result.regions), options.px_per_mm
        severity = [f"{result.severity:.1f}"] if options.sort == "severity" else []
        numbers = [regions_text(result), str(area) if scale is None else f"{area / scale**2:.4g}", *severity]
    told = "; ".join(filter(None, [_what(result, options.px_per_mm), measures_words(result)]))
    return [result.status, one_line(result.name), *numbers, one_line(told)]


def _what(result: PairResult, px_per_mm: float | None) -> str:
    """What is forgiven, what noise may hide, what is wrong, or the largest region."""
    if result.status == "same":
        shown = notable(result) or result.forgiven
        if left_out := left_out_words(result):
            return left_out
        told = f"forgiven: {forgiven_words(shown)}" if shown else ""
        return "; ".join(filter(None, [caveats(result), told]))
    if reason := misfit(result):
        return reason
    if result.status != "different" or not result.regions:
        return f"now {result.candidate}" if result.status == "renamed" else result.error or ""
    largest = largest_regions(result)[0]
    what = "largest" if largest.kind == "content" else kind_in_words(largest)
    return f"{what} at {box_text(largest, px_per_mm)}"


def print_lines(*lines: str) -> None:
    """Prints lines on standard output."""
    print_bytes("".join(f"{line}\n" for line in lines).encode())


def print_bytes(data: bytes) -> None:
    """Writes UTF-8 on standard output, at once."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
