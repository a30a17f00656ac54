"""`diffspot compare`: flags -> pairs and settings -> run -> exit code."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diffspot.backends import CPU, read_backend
from diffspot.cli.commands.config import ConfigFile  # noqa: TC001  Typer reads the annotations
from diffspot.cli.flags import explicit, resolve_environment, with_option_flags
from diffspot.cli.streams import say
from diffspot.errors import ExitCode, OptionError, PairingError
from diffspot.options.config import find_config, load_settings
from diffspot.options.fields import read_jobs
from diffspot.options.options import OUTPUTS, option_fields
from diffspot.storage import StoredPath

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from diffspot.cli.console import Style
    from diffspot.model import ImagePair
    from diffspot.scale.shards import Shard

STANDARD_INPUT = Path("-")


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
    config: ConfigFile = None,
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
    shard: Annotated[
        str | None,
        typer.Option(
            "--shard",
            metavar="K/N",
            help="Compare the K-th of N parts of the pairs; diffspot merge makes one report of all of them.",
            rich_help_panel="Running",
            show_default=False,
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
    style = read_style(json=json, jsonl=jsonl, quiet=quiet)
    part = read_part(shard, out, values) if shard else None
    if resume and out is None:
        raise OptionError("--resume goes on with what a run left in the folder of --out; give --out, too.")
    if resume and isinstance(out, StoredPath):
        raise OptionError("--resume goes on in a folder of this machine; for a URL, make a plan with diffspot plan.")
    at_a_time, engine = read_jobs(jobs), read_backend(backend)
    given, config = config, config or find_config()
    settings = load_settings(explicit(values), config)
    # A configuration file that was only come upon, in whatever was cloned or unpacked, does not write everywhere.
    confined = settings.named_by(config) if config and not given else {}
    found, inputs = _find_pairs(reference, candidate, pairs)

    from diffspot.cli.console import Console  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.cli.signals import stopped_by_signals  # noqa: PLC0415
    from diffspot.outputs.report_json import REPORT_NAME  # noqa: PLC0415
    from diffspot.runner.memory import keep_freed  # noqa: PLC0415
    from diffspot.runner.run import prepare, run  # noqa: PLC0415

    keep_freed()
    made: Path | None
    if part and out:
        from diffspot.scale.compare import prepare_shard  # noqa: PLC0415  most runs are no shards
        from diffspot.scale.shards import RESULTS  # noqa: PLC0415

        made = out / part.folder / RESULTS
        found, outputs = prepare_shard(found, settings, part, out=out, inputs=inputs)
    else:
        made = out and out / REPORT_NAME
        found, outputs = prepare(
            found,
            resolve_environment(settings.base),
            out=out,
            inputs=inputs,
            lists=(pairs, config),
            jobs=at_a_time,
            confined=confined,
        )
    _tell_what_is_left(out, inputs, quiet=quiet)
    if engine != CPU:
        from diffspot.runner.warm_up import warm_up  # noqa: PLC0415  nor is it needed on the CPU

        warm_up(engine, say)
    with outputs, Console(style, total=len(found), report=made) as console, stopped_by_signals() as stop:
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
        if report.interrupted:
            console.tell_interrupted(report)
        console.finish(report, outputs)
    raise typer.Exit(ExitCode.TROUBLE if outputs.failures else report.exit_code)


def read_style(*, json: bool, jsonl: bool, quiet: bool) -> Style:
    """What the flags say of standard output."""
    if json + jsonl + quiet > 1:
        raise OptionError("--json, --jsonl and --quiet exclude each other; choose one.")
    return "json" if json else "jsonl" if jsonl else "quiet" if quiet else "table"


def read_part(shard: str, out: Path | None, values: Mapping[str, Any]) -> Shard:
    """The shard that is asked for."""
    from diffspot.scale.shards import read_shard  # noqa: PLC0415  most runs are no shards

    part = read_shard(shard)
    if out is None:
        raise OptionError("--shard writes results that diffspot merge reads; give --out, too.")
    for option in option_fields().values():
        if option.stage == OUTPUTS and values.get(option.name) is not None:
            raise OptionError(f"{option.flag} is of the whole run; leave it out here and give it to diffspot merge.")
    return part


def _tell_what_is_left(out: Path | None, inputs: Sequence[Path], *, quiet: bool) -> None:
    """Says what a stopped `diffspot accept` left in the results, and which pictures are not compared."""
    if out and not isinstance(out, StoredPath):
        from diffspot.cli.commands.exchange import abandon  # noqa: PLC0415  nor are they needed without results
        from diffspot.outputs.bounds import Bounds  # noqa: PLC0415

        if told := abandon(out, Bounds(out, inputs)):
            say(told)
    if not quiet and (told := _unread_pictures(inputs)):
        say(told)


def _find_pairs(
    reference: Path | None, candidate: Path | None, manifest: Path | None
) -> tuple[Sequence[ImagePair], Sequence[Path]]:
    """The pairs, and the directories that they were found in."""
    from diffspot.pairing.pairs import pair_inputs, pair_manifest  # noqa: PLC0415

    if manifest is not None:
        if reference is not None:
            raise OptionError("--pairs takes the place of REFERENCE and CANDIDATE; give one.")
        base = Path() if manifest == STANDARD_INPUT else manifest.parent
        return pair_manifest(_manifest_text(manifest), base, str(manifest)), ()
    if reference is None:
        raise OptionError("Nothing to compare: give REFERENCE and CANDIDATE, or --pairs.")
    given = [path for path in (reference, candidate) if path is not None]
    return pair_inputs(reference, candidate), [path for path in given if path.is_dir()]


def _unread_pictures(directories: Iterable[Path]) -> str | None:
    """The sentence about pictures that are left out of a comparison of directories; None where there are none."""
    from diffspot.outputs.words import count  # noqa: PLC0415
    from diffspot.pairing.files import count_unread  # noqa: PLC0415

    counts = sum(map(count_unread, directories), Counter[str]())
    if not counts:
        return None
    formats = ", ".join(f"{suffix} ({number})" for suffix, number in sorted(counts.items()))
    return (
        f"{count(counts.total(), 'picture')} left out, of formats that diffspot does not read: {formats}; "
        "convert to PNG what is to be compared."
    )


def _manifest_text(path: Path) -> str:
    try:
        data = sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
        return data.decode("utf-8-sig")
    except OSError as error:
        raise PairingError(f"Cannot read the list of pairs {path}: {error.strerror}; check --pairs.") from error
    except UnicodeDecodeError as error:
        raise PairingError(f"The list of pairs {path} is not UTF-8; save it as UTF-8.") from error
