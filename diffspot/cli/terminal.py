"""What only a terminal gets, drawn by Rich: the progress bar and the table in colour."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

DECIMALS_END = 100
"""Pairs a second from which on tenths only flicker."""
STATUS_STYLE = {
    "same": "green",
    "different": "yellow",
    "added": "cyan",
    "removed": "magenta",
    "renamed": "blue",
    "error": "red",
}


class Bar:
    """The progress bar on standard error; messages go above it."""

    def __init__(self, total: int) -> None:
        console = Console(stderr=True, highlight=False)
        self._progress = Progress(
            TextColumn("Comparing"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("", total=total, rate="")
        self._progress.start()

    def advance(self, pairs: int = 1) -> None:
        """Counts pairs that are done."""
        speed = self._progress.tasks[0].finished_speed or self._progress.tasks[0].speed
        self._progress.update(self._task, advance=pairs, rate=pace(speed) if speed else "")

    def say(self, message: str) -> None:
        """Writes a message."""
        self._progress.console.print(Text(message), soft_wrap=True)

    def stop(self) -> None:
        """Takes the bar away."""
        self._progress.stop()


def pace(speed: float) -> str:
    """Such as "0.4 pairs/s", from 100 on without decimals."""
    return f"{speed:.{0 if speed >= DECIMALS_END else 1}f} pairs/s"


def print_table(rows: Iterable[tuple[str, ...]], summary: Iterable[tuple[str, str]]) -> None:
    """Prints the table and the line below it on standard output.

    Args:
        rows: the cells of each pair: status, name, number of regions, their area, and what there is to say.
        summary: parts of the line, each with the status that it is about, or "".
    """
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("status")
    table.add_column("pair", overflow="fold")
    table.add_column("regions", justify="right")
    table.add_column("area, px", justify="right")
    table.add_column("what", overflow="fold")
    for status, *rest in rows:
        table.add_row(Text(status, STATUS_STYLE[status]), *(Text(cell) for cell in rest))
    if table.row_count:
        console.print(table)
    console.print(Text.assemble(*((part, STATUS_STYLE.get(status, "")) for part, status in summary)))
