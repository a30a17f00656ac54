"""`diffspot accept`: the candidates of a run become the references."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path  # noqa: TC003  Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from diffspot.cli.completion import pair_names
from diffspot.cli.flags import AllowedFolders  # noqa: TC001  Typer reads the annotations
from diffspot.cli.streams import say
from diffspot.model import one_line, path_text, printable

if TYPE_CHECKING:
    from diffspot.cli.commands.acceptance import Plan

DONE = {"replace": "replaced", "add": "added", "delete": "deleted"}


def accept(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The --out folder of a run.", show_default=False)],
    globs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="GLOB",
            autocompletion=pair_names,
            help="Names of the pairs to accept; * and ? match / too. \\[default: all]",
            show_default=False,
        ),
    ] = None,
    *,
    removed: Annotated[
        bool, typer.Option("--removed", help="Delete the references of removed and renamed pairs too.")
    ] = False,
    also: Annotated[
        Path | None,
        typer.Option(
            "--also",
            metavar="DIRECTORY",
            help="Keep the references; candidates that differ go there as other right answers, for compare --also.",
            show_default=False,
        ),
    ] = None,
    allow: AllowedFolders = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")] = False,
) -> None:
    """Copies the candidates of different and added pairs over the references.

    Run it where compare was run. It touches only pictures in the directory that OUT lies in, unless --allow names
    others, and does all or nothing: where a file is not what the report says, nothing is changed.
    """
    from diffspot.cli.commands.acceptance import plan_changes  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.cli.commands.exchange import apply_changes, count_done, read_journal, settle  # noqa: PLC0415
    from diffspot.cli.signals import stopped_by_signals  # noqa: PLC0415
    from diffspot.outputs.bounds import Bounds, allowed_directories  # noqa: PLC0415
    from diffspot.outputs.lock import lock_folder  # noqa: PLC0415
    from diffspot.outputs.report_json import read_report  # noqa: PLC0415
    from diffspot.outputs.stale import remove_parts  # noqa: PLC0415
    from diffspot.outputs.words import cut_short  # noqa: PLC0415

    report, bounds = read_report(out), Bounds(out, allowed_directories(allow))
    with ExitStack() as stack:
        stack.callback(lock_folder(out))
        if dry_run and (journal := read_journal(out, bounds)):
            say(f"an earlier accept was interrupted after {count_done(journal)} of {len(journal.steps)} files")
        if not dry_run:
            if settled := settle(out, bounds, removed=removed):
                say(settled)
            remove_parts(out, ())
        plan = plan_changes(report, bounds, globs or (), removed=removed, also=also)
        if not dry_run:
            with stopped_by_signals() as stop:
                apply_changes(plan.changes, out, stop)
    _tell(plan, dry_run=dry_run)
    if report.interrupted:
        say(cut_short(report))


def _tell(plan: Plan, *, dry_run: bool) -> None:
    for change in plan.changes:
        verb = f"would {change.verb}" if dry_run else DONE[change.verb]
        typer.echo(f"{verb} {one_line(path_text(change.path))}")
    if not plan.changes:
        say("nothing to accept")
    for path in plan.linked:
        say(f"{printable(path)} has other names (hard links); they keep the earlier picture")
    for reason, count in plan.left.items():
        say(f"{count} left alone: {reason}")
