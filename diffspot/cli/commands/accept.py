"""`diffspot accept`: the candidates of a run become the references."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from diffspot.cli.flags import AllowedFolders  # noqa: TC001  Typer reads the annotations
from diffspot.cli.streams import say
from diffspot.model import one_line, path_text

DONE = {"replace": "replaced", "add": "added", "delete": "deleted"}


def accept(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The --out folder of a run.", show_default=False)],
    globs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="GLOB",
            help="Names of the pairs to accept; * and ? match / too. \\[default: all]",
            show_default=False,
        ),
    ] = None,
    *,
    removed: Annotated[
        bool, typer.Option("--removed", help="Delete the references of removed and renamed pairs too.")
    ] = False,
    allow: AllowedFolders = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")] = False,
) -> None:
    """Copies the candidates of different and added pairs over the references.

    Run it where compare was run. It touches only pictures in the directory that OUT lies in, unless --allow names
    others, and does all or nothing: where a file is not what the report says, nothing is changed.
    """
    from diffspot.cli.commands.acceptance import apply_changes, plan_changes  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.cli.signals import stopped_by_signals  # noqa: PLC0415
    from diffspot.outputs.bounds import Bounds  # noqa: PLC0415
    from diffspot.outputs.report_json import read_report  # noqa: PLC0415

    plan = plan_changes(read_report(out), Bounds(out, map(Path, allow or ())), globs or (), removed=removed)
    if not dry_run:
        with stopped_by_signals() as stop:
            apply_changes(plan.changes, stop)
    for change in plan.changes:
        verb = f"would {change.verb}" if dry_run else DONE[change.verb]
        typer.echo(f"{verb} {one_line(path_text(change.path))}")
    if not plan.changes:
        say("nothing to accept")
    for reason, count in plan.left.items():
        say(f"{count} left alone: {reason}")
