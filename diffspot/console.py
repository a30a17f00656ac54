"""What a person sees: the progress bar on stderr, the table or JSON on stdout."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Literal, Self

from rich.console import Console as RichConsole
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from diffspot.model import printable
from diffspot.outputs.report_json import REPORT_NAME, encode_line, encode_report
from diffspot.outputs.words import one_line

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from diffspot.model import PairResult, RunReport

Style = Literal["table", "json", "jsonl", "quiet"]

STATUS_STYLE = {
    "same": "green",
    "different": "yellow",
    "added": "cyan",
    "removed": "magenta",
    "renamed": "blue",
    "error": "red",
}


class Console:
    """Shows a run as it goes and what came of it."""

    def __init__(self, style: Style, *, total: int, out: Path | None) -> None:
        self._style = style
        self._out = out
        self._stdout = RichConsole(highlight=False, soft_wrap=not sys.stdout.isatty())
        self._stderr = RichConsole(stderr=True, highlight=False)
        self._progress = Progress(
            TextColumn("Comparing"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            console=self._stderr,
            transient=True,
            disable=style == "quiet" or not self._stderr.is_terminal,
        )
        self._task = self._progress.add_task("", total=total, rate="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def add(self, result: PairResult) -> None:
        """Takes note of a result as it comes."""
        speed = self._progress.tasks[0].finished_speed or self._progress.tasks[0].speed
        self._progress.update(self._task, advance=1, rate=f"{speed:.1f} pairs/s" if speed else "")
        if self._style == "jsonl":
            _print_bytes(encode_line(result))
        if result.error and self._style != "table":
            self._stderr.print(Text(f"diffspot: {result.name}: {result.error}"), soft_wrap=True)

    def finish(self, report: RunReport) -> None:
        """Shows what came of the run."""
        self._progress.stop()
        if self._style == "json":
            _print_bytes(encode_report(report))
        if self._style == "table":
            self._print_table(report)
        if report.interrupted:
            self._stderr.print(
                f"diffspot: interrupted; {report.summary.pairs} pairs were compared.",
                soft_wrap=True,
            )

    def _print_table(self, report: RunReport) -> None:
        listed = [result for result in report.pairs if result.status != "same"]
        if self._stdout.is_terminal and listed:
            self._stdout.print(_table(listed))
        else:
            for result in listed:
                _print_bytes("\t".join(_cells(result)).encode() + b"\n")
        self._stdout.print(_summary(report))
        if self._out:
            self._stdout.print(Text(f"Report: {printable(self._out / REPORT_NAME)}"))


def _table(results: list[PairResult]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("status")
    table.add_column("pair", overflow="fold")
    table.add_column("regions", justify="right")
    table.add_column("area, px", justify="right")
    table.add_column("what", overflow="fold")
    for result in results:
        status, *rest = _cells(result)
        table.add_row(Text(status, STATUS_STYLE[status]), *(Text(cell) for cell in rest))
    return table


def _cells(result: PairResult) -> tuple[str, str, str, str, str]:
    """Status, name, number of regions, their area, and the largest region, the new place or the error."""
    if result.status != "different":
        what = f"now {result.candidate}" if result.status == "renamed" else result.error or ""
        return result.status, one_line(result.name), "", "", one_line(what)
    largest = max(result.regions, key=lambda region: region.area)
    what = "largest" if largest.kind == "content" else f"{largest.kind.replace('-', ' ')}"
    return (
        result.status,
        one_line(result.name),
        str(len(result.regions)),
        str(sum(region.area for region in result.regions)),
        f"{what} at {','.join(map(str, largest.bbox))}",
    )


def _summary(report: RunReport) -> Text:
    """One line: "12 pairs: 10 same, 2 different in 0.8 s"."""
    summary = report.summary
    text = Text(f"{summary.pairs} pair{'s' * (summary.pairs != 1)}: ")
    parts = [(status, getattr(summary, status)) for status in STATUS_STYLE]
    for status, count in parts:
        if count:
            text.append(f"{count} {status}", STATUS_STYLE[status]).append(", ")
    text.right_crop(2)
    return text.append(f" in {report.times.seconds:.1f} s")


def _print_bytes(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
