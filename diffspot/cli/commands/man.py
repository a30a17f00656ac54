"""`diffspot man`: the manual page, from the definitions that the help shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from diffspot.cli.help import panels_of, paragraphs
from diffspot.model import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator

EXIT_CODES = (("0", "All pairs are the same."), ("1", "There are differences."), ("2", "Something went wrong."))
FILES = (("diffspot.toml", "Options, and rules for some of the pairs; see diffspot init."),)


def man(ctx: typer.Context) -> None:
    """Prints the manual page: diffspot man | man -l -."""
    typer.echo("\n".join(manual(ctx)))


def manual(ctx: typer.Context) -> Iterator[str]:
    """The lines of the page, in roff (man(7)).

    Args:
        ctx: of the command.
    """
    root: Any = ctx.find_root()
    group: Any = root.command
    yield f'.TH DIFFSPOT 1 "" "diffspot {__version__}"'
    yield from (".SH NAME", f"diffspot \\- {_text(group.help[0].lower() + group.help[1:].rstrip('.'))}")
    yield from (".SH SYNOPSIS", ".B diffspot", ".I COMMAND", "[OPTION]... [ARGUMENT]...")
    yield ".SH COMMANDS"
    for name in group.list_commands(root):
        yield from _command(group.get_command(root, name), root)
    for title, entries in (("EXIT STATUS", EXIT_CODES), ("FILES", FILES)):
        yield f".SH {title}"
        for term, text in entries:
            yield from (".TP", f".B {_text(term)}", _text(text))


def _command(command: Any, root: Any) -> Iterator[str]:  # noqa: ANN401  of Click, which Typer brings along
    context = typer.Context(command, info_name=command.name, parent=root)
    yield f'.SS "{_text(" ".join(["diffspot", command.name, *command.collect_usage_pieces(context)]))}"'
    for paragraph in [*paragraphs(command.help), *paragraphs(command.epilog)]:
        yield from (_text(paragraph.replace("\n", " ")), ".PP") if paragraph else ()
    for title, rows in panels_of(command, context).items():
        yield from (".PP", f".I {_text(title)}") if rows else ()
        for row in rows:
            takes = f" \\fI{_text(row.takes)}\\fR" if row.takes else ""
            yield from (".TP", f"\\fB{_text(row.all_names)}\\fR{takes}", _text(row.text))


def _text(text: str) -> str:
    """Text without what roff takes for requests; hyphens are those that are typed."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped
