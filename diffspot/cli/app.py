"""The command line: flags -> Options -> run -> exit code. Nothing here touches a picture."""

from __future__ import annotations

import sys
from pathlib import Path  # noqa: TC003  Typer reads the annotations
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from diffspot.backends import CPU, read_backend
from diffspot.cli import commands
from diffspot.cli.commands import config as cli_config
from diffspot.cli.flags import TextCommand, explicit, resolve_environment, with_option_flags
from diffspot.cli.help import CommandGroup, PanelCommand
from diffspot.cli.inputs import find_pairs, unread_pictures
from diffspot.cli.streams import say, watch_streams
from diffspot.errors import DiffspotError, ExitCode, OptionError, lacks_memory
from diffspot.model import __version__
from diffspot.options.config import find_config, load_settings
from diffspot.options.fields import read_jobs

if TYPE_CHECKING:
    from diffspot.cli.console import Style

TYPERS_OWN = {"help": False, "install_completion": False, "show_completion": False}
"""Typer's own flags: their defaults are None, and to turn that into False Typer would import pydantic."""

app = typer.Typer(
    name="diffspot",
    cls=CommandGroup,
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
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    del version


@app.command(
    cls=TextCommand,
    epilog="Exit codes: 0 all same, 1 differences, added, removed or renamed pictures, 2 trouble; see --fail-on.",
)
@with_option_flags
def compare(
    reference: Annotated[
        Path | None,
        typer.Argument(
            help="What ought to be there: a picture, a directory of pictures, or alone a directory "
            "of pairs such as x_a.png with x_b.png.",
            show_default=False,
        ),
    ] = None,
    candidate: Annotated[
        Path | None,
        typer.Argument(
            help="What is there: a picture or a directory, paired by relative path.",
            show_default=False,
        ),
    ] = None,
    *,
    pairs: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE|-",
            help="Take the pairs from a CSV with columns name,reference,candidate (name may be "
            "left out) or from JSON lines; - is standard input.",
            rich_help_panel="Input",
            show_default=False,
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="DIRECTORY",
            help="Write report.json and annotated pictures there; without it nothing is written.",
            rich_help_panel="Results",
            show_default=False,
        ),
    ] = None,
    json: Annotated[
        bool,
        typer.Option(
            "--json",
            help="Print the report as JSON instead of the table.",
            rich_help_panel="Results",
        ),
    ] = False,
    jsonl: Annotated[
        bool,
        typer.Option(
            "--jsonl",
            help="Print one line of JSON for each pair as it ends.",
            rich_help_panel="Results",
        ),
    ] = False,
    quiet: Annotated[
        bool,
        typer.Option(
            "--quiet",
            "-q",
            help="Print nothing but errors; the exit code tells.",
            rich_help_panel="Results",
        ),
    ] = False,
    config: cli_config.ConfigFile = None,
    jobs: Annotated[
        str | None,
        typer.Option(
            "--jobs",
            "-j",
            metavar="N",
            help="Pairs compared at a time, 1 or more. \\[default: the cores this process may use, with a GPU twice]",
            show_default=False,
            rich_help_panel="Running",
        ),
    ] = None,
    backend: Annotated[
        str | None,
        typer.Option(
            "--backend",
            metavar="auto|numpy|cupy",
            help="What works on the pixels: numpy, or cupy on an NVIDIA GPU; auto is numpy. \\[default: auto]",
            show_default=False,
            rich_help_panel="Running",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on where a run with this --out was stopped: compare only what is missing or has changed.",
            rich_help_panel="Running",
        ),
    ] = False,
    debug: Annotated[
        bool,
        typer.Option("--debug", help="Print the traceback of a fault.", rich_help_panel="Running"),
    ] = False,
    **values: str | float | list[str] | None,
) -> None:
    """Compares two pictures, two directories, one directory of pairs, or a list of pairs."""
    if json + jsonl + quiet > 1:
        raise OptionError("--json, --jsonl and --quiet exclude each other; choose one.")
    if resume and out is None:
        raise OptionError("--resume goes on with what a run left in the folder of --out; give --out, too.")
    at_a_time, engine = read_jobs(jobs), read_backend(backend)
    given, config = config, config or find_config()
    settings = load_settings(explicit(values), config)
    # A configuration file that was only come upon, in whatever was cloned or unpacked, does not write everywhere.
    confined = settings.named_by(config) if config and not given else {}
    found, inputs = find_pairs(reference, candidate, pairs)

    from diffspot.cli.commands.exchange import abandon  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.cli.console import Console  # noqa: PLC0415
    from diffspot.cli.signals import stopped_by_signals  # noqa: PLC0415
    from diffspot.outputs.bounds import Bounds  # noqa: PLC0415
    from diffspot.runner.memory import keep_freed  # noqa: PLC0415
    from diffspot.runner.run import prepare, run  # noqa: PLC0415

    keep_freed()
    found, outputs = prepare(
        found,
        resolve_environment(settings.base),
        out=out,
        inputs=inputs,
        lists=(pairs, config),
        jobs=at_a_time,
        confined=confined,
    )
    if out and (told := abandon(out, Bounds(out, inputs))):
        say(told)
    if not quiet and (told := unread_pictures(inputs)):
        say(told)
    style: Style = "json" if json else "jsonl" if jsonl else "quiet" if quiet else "table"
    if engine != CPU:
        from diffspot.runner.warm_up import warm_up  # noqa: PLC0415  nor is it needed on the CPU

        warm_up(engine, say)
    with outputs, Console(style, total=len(found), out=out) as console, stopped_by_signals() as stop:
        report = run(
            found,
            settings,
            inputs=inputs,
            outputs=outputs,
            jobs=at_a_time,
            backend=engine,
            on_result=console.add,
            stop=stop,
            resume=resume,
            debug=debug,
        )
        console.finish(report, outputs)
    raise typer.Exit(ExitCode.TROUBLE if outputs.failures else report.exit_code)


@app.command(cls=PanelCommand)
def schema() -> None:
    """Prints the JSON Schema of report.json."""
    import msgspec  # noqa: PLC0415

    from diffspot.model import RunReport  # noqa: PLC0415

    text = msgspec.json.encode(msgspec.json.schema(RunReport))
    typer.echo(msgspec.json.format(text, indent=2).decode())


app.command("config", cls=TextCommand)(cli_config.show_config)
app.command(cls=PanelCommand)(cli_config.init)
app.command("ignore", cls=PanelCommand)(cli_config.write_ignore)
app.command(cls=TextCommand)(commands.report)
app.command(cls=PanelCommand, epilog="Exit codes: 0 done, 2 trouble.")(commands.accept)
app.command(cls=PanelCommand, epilog="Exit codes: 0 all that is needed works, 2 something does not.")(commands.doctor)


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
