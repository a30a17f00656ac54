"""`diffspot history`: which pairs come and go, and which get worse from run to run."""

from __future__ import annotations

import sys
from itertools import zip_longest
from pathlib import Path  # noqa: TC003  Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from diffspot.cli.streams import say, tell
from diffspot.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.outputs.history import History
    from diffspot.outputs.trends import Trend

HEADER = ("course", "pair", "failed", "now", "severity", "a run", "trend")
NUMBERS = (2, 4, 5)
"""Columns that stand at the right."""
COLOURS = {"flaky": "yellow", "grows": "red", "steady": None}


def history(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What --history of earlier runs names.", show_default=False)
    ],
    *,
    svg: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Draw the trends as a picture, too, for reports and wikis.", show_default=False
        ),
    ] = None,
    last: Annotated[int, typer.Option(min=1, metavar="N [x>=1]", help="The last runs that count.")] = 50,
) -> None:
    """Prints the trend of each pair that was not the same in every run.

    A pair is flaky if it changed between same and different at least three times, and grows if its severity has been
    rising since it was last the same.
    """
    from diffspot.outputs.history import read_history  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.outputs.trends import find_trends  # noqa: PLC0415
    from diffspot.outputs.words import count  # noqa: PLC0415

    found = read_history(file)
    trends = find_trends(found, last)
    shown = [trend for trend in trends if trend.failed]
    if shown:
        _print_table([HEADER, *map(_cells, shown)])
    typer.echo(_summary(found, trends, last))
    if svg:
        _draw(found, shown, last, svg)
    if found.broken:
        say(f"{count(found.broken, 'line')} of {file} could not be read and was left out; is it of another version?")


def _cells(trend: Trend) -> tuple[str, ...]:
    from diffspot.model import one_line  # noqa: PLC0415
    from diffspot.outputs.trends import sparkline  # noqa: PLC0415

    latest = next((number for number in reversed(trend.severities) if number is not None), None)
    return (
        trend.course,
        one_line(trend.name),
        f"{trend.failed} of {trend.took_part}",
        trend.statuses[-1] or "not compared",
        "" if latest is None else f"{latest:.1f}",
        "" if trend.growth is None else f"{trend.growth:+.1f}",
        sparkline(trend),
    )


def _summary(found: History, trends: Sequence[Trend], last: int) -> str:
    """Such as "10 runs, 12 pairs: 1 flaky, 2 grow, 7 always the same"."""
    from diffspot.outputs.words import count  # noqa: PLC0415

    flaky, growing = (sum(trend.course == course for trend in trends) for course in ("flaky", "grows"))
    same = sum(not trend.failed for trend in trends)
    runs = count(min(last, len(found.runs)), "run")
    return f"{runs}, {count(len(trends), 'pair')}: {flaky} flaky, {growing} growing, {same} always the same"


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Columns on a terminal, tabs elsewhere."""
    if not sys.stdout.isatty():
        typer.echo("\n".join("\t".join(row) for row in rows[1:]))
        return
    widths = [max(map(len, column)) for column in zip_longest(*rows)]
    for row in rows:
        cells = [
            cell.rjust(width) if index in NUMBERS else cell.ljust(width)
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        typer.echo("  ".join([typer.style(cells[0], fg=COLOURS.get(row[0]), bold=row is rows[0]), *cells[1:]]).rstrip())


def _draw(found: History, trends: Sequence[Trend], last: int, path: Path) -> None:
    from diffspot.outputs.atomic import write_atomically  # noqa: PLC0415
    from diffspot.outputs.trends_svg import draw_trends  # noqa: PLC0415

    if path.suffix.lower() != ".svg":
        raise OptionError(f"--svg {path} would hold SVG; name a file that ends in .svg.")
    write_atomically(path, draw_trends(found.runs[-last:], trends), way_out="name another file with --svg")
    tell(f"Wrote {path}.")
