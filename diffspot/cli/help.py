"""The help in panels, as Typer draws it.

Typer has Rich draw them and imports all of Rich for that, Markdown and tracebacks too, which takes longer than to
import Typer. Text in boxes needs less.
"""

from __future__ import annotations

import inspect
import os
import re
import shutil
import sys
import textwrap
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LINES, ASCII = tuple("╭╮╰╯─│"), tuple("++++-|")
"""Corners, across and down."""
GAP = "  "
FRAME = 4
"""Columns that a panel's border and the space within take."""
LEAST_ROOM = 16
"""Columns that the descriptions have at least; below that lines become longer than the terminal."""
LEAST_TAKES = 9
"""Columns that what an option takes has at least: a long word of it."""
AFTER_BAR = re.compile(r"(?<=\|)")
DEFAULT = re.compile(r"\[default: \S+\]")
UNBROKEN = "\N{NO-BREAK SPACE}"


class Row(NamedTuple):
    """One line of a panel and the lines that it goes on in."""

    names: str = ""
    short: str = ""
    negative: str = ""
    takes: str = ""
    text: str = ""

    @property
    def all_names(self) -> str:
        """Such as "-o, --out"."""
        return ", ".join(filter(None, (self.short, self.names, self.negative)))


STYLES: tuple[dict[str, Any], ...] = (
    {"fg": 30, "bold": True},
    {"fg": 28, "bold": True},
    {"fg": 163, "bold": True},
    {"fg": 130, "bold": True},
    {},
)
"""Styles of the cells of a row: colours of the palette of 256 that stand out from black and from white."""


class PanelCommand(TyperCommand):
    """A command whose help is drawn here."""

    def format_help(self, ctx: typer.Context, formatter: object) -> None:  # type: ignore[override]
        """Prints the help, as Typer does."""
        del formatter
        _show(self, ctx, ())


class PanelGroup(TyperGroup):
    """Commands of which the list is drawn here."""

    def format_help(self, ctx: typer.Context, formatter: object) -> None:  # type: ignore[override]
        """Prints the help, as Typer does."""
        del formatter
        commands = filter(None, (self.get_command(ctx, name) for name in self.list_commands(ctx)))
        _show(self, ctx, (Row(names=command.name or "", text=paragraphs(command.help)[0]) for command in commands))


def _show(command: TyperCommand | TyperGroup, ctx: typer.Context, commands: Iterable[Row]) -> None:
    width = shutil.get_terminal_size().columns
    panels = panels_of(command, ctx) | {"Commands": [*commands]}
    usage = typer.style(_indented(command.get_usage(ctx), width), bold=True)
    first, *others = (_indented(paragraph, width) for paragraph in paragraphs(command.help))
    boxes = [line for title, rows in panels.items() if rows for line in _panel(title, rows, width)]
    epilog = [_indented(paragraph, width) for paragraph in paragraphs(command.epilog)]
    blocks = [usage, first, *map(_dim, others), "\n".join(boxes), *epilog]
    typer.echo("\n" + "\n\n".join(filter(None, blocks)), color=_wants_color())


def panels_of(command: TyperCommand | TyperGroup, ctx: typer.Context) -> dict[str, list[Row]]:
    """The arguments and options of a command by the title of their panel."""
    panels: dict[str, list[Row]] = {"Arguments": [], "Options": []}
    for parameter in command.get_params(ctx):
        panels.setdefault(panel_of(parameter), []).append(row_of(parameter))
    return panels


def _wants_color() -> bool | None:
    """What the environment says; None leaves it to whether this is a terminal."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return True if os.environ.get("FORCE_COLOR") else None


def paragraphs(text: str | None) -> list[str]:
    """The paragraphs of a command's help."""
    return inspect.cleandoc(text or "").split("\n\n")


def _indented(text: str, width: int) -> str:
    return textwrap.fill(text, width - 1, initial_indent=" ", subsequent_indent=" ", break_on_hyphens=False)


def panel_of(parameter: Any) -> str:  # noqa: ANN401  of Click, which Typer brings along or not
    """The title under which a parameter stands."""
    own = getattr(parameter, "rich_help_panel", None)
    return own or ("Arguments" if isinstance(parameter, TyperArgument) else "Options")


def row_of(parameter: Any) -> Row:  # noqa: ANN401  as Typer has no type for it
    """How a parameter is shown."""
    text = (parameter.help or "").replace("\\[", "[")  # as Rich's markup, which completion shows
    if parameter.required:
        text += " [required]"
    elif parameter.show_default and parameter.default not in {None, False}:
        text += f" [default: {parameter.default}]"
    if isinstance(parameter, TyperArgument):
        return Row(names=parameter.metavar or parameter.name or "", text=text)
    return Row(
        names=",".join(name for name in parameter.opts if name.startswith("--")),
        short=",".join(name for name in parameter.opts if not name.startswith("--")),
        negative=",".join(parameter.secondary_opts),
        takes=parameter.metavar or "",
        text=text,
    )


def _panel(title: str, rows: list[Row], width: int) -> Iterator[str]:
    """The lines of a panel; a column that is empty in all rows takes no place."""
    left, right, low_left, low_right, across, side = _lines()
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)][:-1]
    takes = Row._fields.index("takes")
    room = width - FRAME - LEAST_ROOM - sum(part + len(GAP) for part in widths[:takes] if part) - len(GAP)
    widths[takes] = min(widths[takes], width // 3, max(room, LEAST_TAKES))
    taken = sum(part + len(GAP) for part in widths if part)
    widths.append(max(width - FRAME - taken, LEAST_ROOM))
    inner = taken + widths[-1]
    yield _dim(f"{left}{across} {title} {across * (inner - len(title) - 1)}{right}")
    for row in rows:
        for cells in zip_longest(*map(_wrapped, row, widths), fillvalue=""):
            shown = GAP.join(
                typer.style(cell.ljust(part), **style)
                for cell, part, style in zip(cells, widths, STYLES, strict=True)
                if part
            )
            yield f"{_dim(side)} {shown} {_dim(side)}"
    yield _dim(f"{low_left}{across * (inner + 2)}{low_right}")


def _wrapped(cell: str, width: int) -> list[str]:
    """The lines of a cell: text breaks at spaces but not within a default, choices break after a `|`."""
    if "|" in cell and " " not in cell:
        return _wrapped_choices(cell, width)
    text = DEFAULT.sub(lambda match: match[0].replace(" ", UNBROKEN), cell)
    lines = textwrap.wrap(text, max(width, 1), break_on_hyphens=False)
    return [line.replace(UNBROKEN, " ") for line in lines]


def _wrapped_choices(choices: str, width: int) -> list[str]:
    lines = [""]
    for choice in AFTER_BAR.split(choices):
        if lines[-1] and len(lines[-1]) + len(choice) > width:
            lines.append("")
        lines[-1] += choice
    return lines


def _dim(text: str) -> str:
    return typer.style(text, dim=True)


def _lines() -> tuple[str, ...]:
    """What panels are drawn with: what standard output can hold."""
    try:
        "".join(LINES).encode(getattr(sys.stdout, "encoding", "utf-8"))
    except UnicodeEncodeError:
        return ASCII
    return LINES
