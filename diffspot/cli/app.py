"""The command line: its commands, and errors as sentences and exit codes. Nothing here touches a picture."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, ClassVar, NoReturn

import typer

from diffspot.cli.parsing import Declared, TextCommand
from diffspot.cli.streams import say, watch_streams
from diffspot.cli.usage import CommandGroup
from diffspot.errors import DiffspotError, ExitCode, lacks_memory
from diffspot.model import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPERS_OWN = {"help": False, "install_completion": False, "show_completion": False}
"""Typer's own flags: their defaults are None, and to turn that into False Typer would import pydantic."""

DONE = "Exit codes: 0 done, 2 trouble."
COMPARED = "Exit codes: 0 all same, 1 differences, added, removed or renamed pictures, 2 trouble; see --fail-on."
MERGED = "Exit codes: those of diffspot compare, for the whole run; 2 where shards are missing, see --allow-missing."


class Commands(CommandGroup):
    """The commands of diffspot, as its help lists them."""

    declared: ClassVar[Mapping[str, Declared]] = {
        "compare": Declared("compare.compare", TextCommand, COMPARED),
        "locate": Declared("locate.locate", TextCommand, "Exit codes: 0 found, 1 found nowhere, 2 trouble."),
        "common": Declared("common.common", TextCommand, "Exit codes: 0 something is shared, 1 nothing, 2 trouble."),
        "shapes": Declared("shapes.shapes", TextCommand, "Exit codes: 0 areas found, 1 none, 2 trouble."),
        "similar": Declared(
            "similar.similar", TextCommand, "Exit codes: 0 something alike found, 1 nothing, 2 trouble."
        ),
        "calibrate": Declared("calibrate.calibrate", epilog=DONE),
        "schema": Declared("schema.schema"),
        "config": Declared("config.show_config", TextCommand),
        "init": Declared("config.init"),
        "ignore": Declared("config.write_ignore"),
        "report": Declared("report.report", TextCommand),
        "plan": Declared("plan.plan", TextCommand, DONE),
        "merge": Declared("merge.merge", TextCommand, MERGED),
        "accept": Declared("accept.accept", epilog=DONE),
        "mcp": Declared("mcp.serve"),
        # A picture may be called --new.png: git gives it as it is.
        "git-diff": Declared("git_diff.git_diff", settings={"ignore_unknown_options": True}),
        "man": Declared("man.man"),
        "history": Declared("history.history", epilog=DONE),
        "doctor": Declared("doctor.doctor", epilog="Exit codes: 0 all that is needed works, 2 something does not."),
    }


app = typer.Typer(
    name="diffspot",
    cls=Commands,
    help="Finds where two pictures differ, for directories of picture pairs.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "default_map": TYPERS_OWN},
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001  Typer's callback protocol
    if wanted:
        typer.echo(f"diffspot {__version__}")
        raise typer.Exit(ExitCode.SAME)


@app.callback()
def _root(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", "-V", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    del version


def _run_app() -> NoReturn:
    """Runs Typer's application; what is left in the buffer is written here, where it may still fail."""
    try:
        app()
    finally:
        if sys.stdout is not None:
            sys.stdout.flush()
    sys.exit(ExitCode.SAME)


def main() -> NoReturn:
    """Runs the command line; the only place where errors become sentences and exit codes."""
    debug = "--debug" in sys.argv
    watch_streams()
    try:
        _run_app()
    except DiffspotError as error:
        say(str(error))
        code = error.exit_code
    except Exception as error:  # noqa: BLE001  a fault must not exit 1, which is "different"
        if debug:
            import traceback  # noqa: PLC0415  only faults need it

            traceback.print_exc()
        if lacks_memory(error):
            say(f"there is too little memory ({error}); free some, or raise the limit.")
        else:
            say(f"fault in diffspot ({type(error).__name__}: {error}); run with --debug and report what it prints.")
        code = ExitCode.TROUBLE
    sys.exit(code)
