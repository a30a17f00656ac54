"""What only a terminal gets, drawn by Rich: the progress bar and the table in colour."""

from __future__ import annotations

import re
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
"""A second from which on tenths only flicker."""
LEAST_NAME, MOST_WHAT, GAPS = 20, 30, 8
"""Columns of the table: what names have at least, what comes last has at most before it is broken, and between them."""
STATUS_STYLE = {
    "same": "color(28)",
    "different": "color(130)",
    "added": "color(30)",
    "removed": "color(163)",
    "renamed": "color(63)",
    "error": "color(160)",
}
"""Colours of the palette of 256 that stand out from black and from white; yellow is hardly seen on white."""


class Bar:
    """The progress bar on standard error; messages go above it."""

    def __init__(self, total: int, *, doing: str = "Comparing", things: str = "pairs") -> None:
        console = Console(stderr=True, highlight=False)
        self._progress = Progress(
            TextColumn(doing),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._things = things
        self._task = self._progress.add_task("", total=total, rate="")
        self._progress.start()

    def advance(self) -> None:
        """Counts one more."""
        speed = self._progress.tasks[0].finished_speed or self._progress.tasks[0].speed
        self._progress.update(self._task, advance=1, rate=pace(speed, self._things) if speed else "")

    def say(self, message: str) -> None:
        """Writes a message."""
        self._progress.console.print(Text(message), soft_wrap=True)

    def stop(self) -> None:
        """Takes the bar away."""
        self._progress.stop()


def pace(speed: float, things: str = "pairs") -> str:
    """Such as "0.4 pairs/s", from 100 on without decimals."""
    return f"{speed:.{0 if speed >= DECIMALS_END else 1}f} {things}/s"


def folded(name: str, width: int) -> str:
    """A path in lines of so many characters, broken after slashes where that is possible."""
    lines = [""]
    for part in re.split(r"(?<=/)", name):
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _room_for_names(rows: Iterable[tuple[str, ...]], width: int) -> int:
    """Columns that names have beside the other cells."""
    others = [max((len(row[column]) for row in rows), default=0) for column in (0, 2, 3, 4)]
    heads = ("status", "regions", "area, px", "what")
    taken = sum(max(size, len(head)) for size, head in zip(others[:-1], heads[:-1], strict=True))
    return max(LEAST_NAME, width - taken - min(others[-1], MOST_WHAT) - GAPS)


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
    listed = list(rows)
    room = _room_for_names(listed, console.width)
    for status, name, *rest in listed:
        table.add_row(Text(status, STATUS_STYLE[status]), Text(folded(name, room)), *(Text(cell) for cell in rest))
    if table.row_count:
        console.print(table)
    console.print(Text.assemble(*((part, STATUS_STYLE.get(status, "")) for part, status in summary)))
