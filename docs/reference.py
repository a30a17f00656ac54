"""Writes docs/commands.md: every command and option, from where the command line itself has them.

`python -m docs.reference` writes the page, `--check` only tells whether it is up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer
import typer.main

from diffspot.cli.app import app
from diffspot.cli.help import panels_of, paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diffspot.cli.help import Row

PAGE = Path(__file__).parent / "commands.md"
HEAD = """# Commands

<!-- Written by `make reformat` from the definitions of the commands; `make lint` checks it. -->

`diffspot COMMAND --help` says the same. Options of `compare` from *Pictures* on can stand in `diffspot.toml`, too,
without the dashes ([configuration](configuration.md)). In Python they are keywords of the same name, with `_` for `-`.
"""


def page() -> str:
    """The whole page, in Markdown."""
    group = typer.main.get_command(app)
    parent = typer.Context(group, info_name="diffspot")
    names = group.list_commands(parent)  # type: ignore[attr-defined]  it is a group
    return HEAD + "".join(_section(group.get_command(parent, name), parent) for name in names)  # type: ignore[attr-defined]


def _section(command: typer.core.TyperCommand, parent: typer.Context) -> str:
    context = typer.Context(command, info_name=command.name, parent=parent)
    lines = [f"\n## {command.name}\n", f"    {command.get_usage(context).removeprefix('Usage: ')}\n"]
    said = (*paragraphs(command.help), *paragraphs(command.epilog))
    lines += [f"{' '.join(paragraph.split())}\n" for paragraph in said]
    for title, rows in panels_of(command, context).items():
        shown = [row for row in rows if row.names != "--help"]
        if shown:
            lines += [f"| {title} | |", "|---|---|", *_rows(shown), ""]
    return "\n".join(line for line in lines if line != "\n")


def _rows(rows: list[Row]) -> Iterator[str]:
    for row in rows:
        usage = f"{row.all_names} {row.takes}".strip().replace("|", r"\|")
        yield f"| `{usage}` | {row.text.replace('|', chr(92) + '|')} |"


def main() -> int:
    """Writes or checks the page; 1 when it was to be checked and is out of date."""
    text = page()
    if PAGE.exists() and PAGE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in sys.argv:
        print("docs/commands.md is out of date; run `make reformat`.")  # noqa: T201
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
