"""What only a terminal gets, drawn by Rich: the progress bar and the table in colour."""

from __future__ import annotations

import re
import sys
from itertools import chain
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
    from collections.abc import Iterable, Sequence

NAMES = 1
"""The column of names, which may be long; behind it come numbers, and words at last."""
DECIMALS_END = 100
"""A second from which on tenths only flicker."""
LEAST_NAME, MOST_WHAT, GAP = 20, 30, 2
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

    def advance(self, things: int = 1) -> None:
        """Counts so many more."""
        speed = self._progress.tasks[0].finished_speed or self._progress.tasks[0].speed
        self._progress.update(self._task, advance=things, rate=pace(speed, self._things) if speed else "")

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
    """A path in lines of so many characters, broken after slashes, and in longer parts after words, where possible."""
    folders = re.split(r"(?<=/)", name)
    parts = (re.split(r"(?<=[-_ ])", part) if len(part) > width else [part] for part in folders)
    lines = [""]
    for part in chain.from_iterable(parts):
        if lines[-1] and len(lines[-1]) + len(part) > width:
            lines.append("")
        lines[-1] += part
    return "\n".join(lines)


def _room_for_names(columns: Sequence[str], rows: Iterable[Sequence[str]], width: int) -> int:
    """Columns of the terminal that names have beside the other cells."""
    sizes = [max(map(len, cells)) for cells in zip(columns, *rows, strict=True)]
    taken = sum(sizes[:NAMES] + sizes[NAMES + 1 : -1]) + min(sizes[-1], MOST_WHAT) + GAP * (len(columns) - 1)
    return max(LEAST_NAME, width - taken)


def print_table(columns: Sequence[str], rows: Iterable[Sequence[str]], summary: Iterable[tuple[str, str]]) -> None:
    """Prints the table and the line below it on standard output.

    Args:
        columns: their names, such as status, pair, regions, area and what; those in the middle hold numbers.
        rows: the cells of each pair.
        summary: parts of the line, each with the status that it is about, or "".
    """
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    table = Table(box=None, pad_edge=False, header_style="bold")
    for index, name in enumerate(columns):
        number = NAMES < index < len(columns) - 1
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    listed = list(rows)
    room = _room_for_names(columns, listed, console.width)
    for status, name, *rest in listed:
        table.add_row(Text(status, STATUS_STYLE[status]), Text(folded(name, room)), *(Text(cell) for cell in rest))
    if table.row_count:
        console.print(table)
    console.print(Text.assemble(*((part, STATUS_STYLE.get(status, "")) for part, status in summary)))
