"""`diffspot compare`: flags -> pairs and settings -> run -> exit code."""

from __future__ import annotations

import os
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from diffspot.backends import CPU, read_backend
from diffspot.cli.commands.config import ConfigFile  # noqa: TC001  Typer reads the annotations
from diffspot.cli.flags import explicit, read_style, resolve_environment, with_option_flags
from diffspot.cli.streams import say
from diffspot.errors import ExitCode, OptionError, PairingError
from diffspot.options.config import find_config, load_settings
from diffspot.options.fields import NOTHING, read_jobs
from diffspot.pairing.selection import selector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from diffspot.model import ImagePair
    from diffspot.options.options import Options
    from diffspot.pairing.selection import Takes

STANDARD_INPUT = Path("-")


@with_option_flags
def compare(
    reference: Annotated[
        Path | None,
        typer.Argument(
            help="What ought to be there: a picture, a directory of pictures, or alone a directory "
            "of pairs such as x_a.png with x_b.png. A picture with a directory goes with each picture in it.",
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
    pairs0: Annotated[
        Path | None,
        typer.Option(
            "--pairs0",
            metavar="FILE|-",
            help="Take the pairs from paths that end in NUL, reference and candidate by turns; - is standard input.",
            rich_help_panel="Input",
            show_default=False,
        ),
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PATH",
            help="Other right answers: a directory of more references by the same names, or a picture for every pair. "
            "A candidate that is the same as any is the same; may be repeated.",
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
    if resume and out is None:
        raise OptionError("--resume goes on with what a run left in the folder of --out; give --out, too.")
    at_a_time, engine = read_jobs(jobs), read_backend(backend)
    given, config = config, config or find_config()
    settings = load_settings(explicit(values), config)
    # A configuration file that was only come upon, in whatever was cloned or unpacked, does not write everywhere.
    confined = settings.named_by(config) if config and not given else {}
    takes = selector(settings.base.include, settings.base.exclude)
    found, inputs = _find_pairs(reference, candidate, _list_given(pairs, pairs0), takes, settings.base)
    found, answers = _with_answers(found, [Path(path) for path in also or ()])

    from diffspot.cli.commands.doubts import doubts_after, doubts_before  # noqa: PLC0415  keeps --help fast
    from diffspot.cli.console import Console  # noqa: PLC0415
    from diffspot.cli.signals import stopped_by_signals  # noqa: PLC0415
    from diffspot.runner.memory import keep_freed  # noqa: PLC0415
    from diffspot.runner.run import prepare, run  # noqa: PLC0415

    keep_freed()
    joined, outputs = prepare(
        found,
        resolve_environment(settings.base),
        out=out,
        inputs=[*inputs, *answers],
        lists=(pairs, pairs0, config),
        jobs=at_a_time,
        confined=confined,
    )
    _tell_what_is_left(out, inputs, found if settings.base.unmatched == "fail" else (), quiet=quiet)
    _tell(() if quiet else doubts_before((reference, candidate), found, settings))
    if engine != CPU:
        from diffspot.runner.warm_up import warm_up  # noqa: PLC0415  nor is it needed on the CPU

        warm_up(engine, say)
    with (
        outputs,
        Console(style, total=len(joined), out=out, options=settings.base) as console,
        stopped_by_signals() as stop,
    ):
        report = run(
            joined,
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
        _tell(() if quiet else doubts_after(report))
    raise typer.Exit(ExitCode.TROUBLE if outputs.failures else report.exit_code)


def _tell(doubts: Iterable[str]) -> None:
    for doubt in doubts:
        say(doubt)


def _tell_what_is_left(out: Path | None, inputs: Sequence[Path], pairs: Sequence[ImagePair], *, quiet: bool) -> None:
    """Says what a stopped `diffspot accept` left in the results, and which pictures are not compared, and why."""
    if out:
        from diffspot.cli.commands.exchange import abandon  # noqa: PLC0415  nor are they needed without results
        from diffspot.outputs.bounds import Bounds  # noqa: PLC0415

        if told := abandon(out, Bounds(out, inputs)):
            say(told)
    if quiet:
        return
    if told := _unread_pictures(inputs):
        say(told)
    from diffspot.pairing.pairs import could_pair_in_order  # noqa: PLC0415  nor are they needed for help

    if len(inputs) > 1 and could_pair_in_order(pairs):
        say("No two pictures have the same name; if they belong together in their order, add --pair-by order.")


class _List(NamedTuple):
    """A list of pairs that was given: the flag, the file and what reads it."""

    flag: str
    file: Path
    read: Callable[[str, Path, str], list[ImagePair]]


def _list_given(pairs: Path | None, pairs0: Path | None) -> _List | None:
    from diffspot.pairing.pairs import pair_manifest, pair_paths  # noqa: PLC0415

    if pairs and pairs0:
        raise OptionError("--pairs and --pairs0 exclude each other; choose one.")
    if pairs:
        return _List("--pairs", pairs, pair_manifest)
    return _List("--pairs0", pairs0, pair_paths) if pairs0 else None


def _find_pairs(
    reference: Path | None, candidate: Path | None, listed: _List | None, takes: Takes, options: Options
) -> tuple[Sequence[ImagePair], Sequence[Path]]:
    """The pairs, and the directories that they were found in."""
    from diffspot.pairing.pairs import pair_inputs  # noqa: PLC0415
    from diffspot.pairing.selection import resolve_inputs  # noqa: PLC0415

    if listed is not None:
        if reference is not None:
            raise OptionError(f"{listed.flag} takes the place of REFERENCE and CANDIDATE; give one.")
        if options.split != NOTHING:
            raise OptionError(f"--split cuts single sheets, which {listed.flag} does not list; give one of the two.")
        base = Path() if listed.file == STANDARD_INPUT else listed.file.parent
        found = listed.read(_list_text(listed), base, str(listed.file))
        return [pair for pair in found if takes(pair.name)], ()
    if reference is None:
        raise OptionError("Nothing to compare: give REFERENCE and CANDIDATE, or --pairs.")
    reference, candidate = resolve_inputs(reference, candidate)
    given = [path for path in (reference, candidate) if path is not None]
    found = pair_inputs(reference, candidate, takes, by=options.pair_by, split=options.split != NOTHING)
    return found, [path for path in given if path.is_dir()]


def _with_answers(pairs: Sequence[ImagePair], places: Sequence[Path]) -> tuple[Sequence[ImagePair], Sequence[Path]]:
    """The pairs with the references of other places, and the directories among these."""
    if not places:
        return pairs, ()
    from diffspot.pairing.alternatives import with_alternatives  # noqa: PLC0415  few runs have any

    found = with_alternatives(pairs, places)
    if found == list(pairs):
        say(f"nothing in {', '.join(map(str, places))} has the name of a pair; see --also")
    return found, [place for place in places if place.is_dir()]


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


def _list_text(listed: _List) -> str:
    path = listed.file
    try:
        data = sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
        return os.fsdecode(data) if listed.flag == "--pairs0" else data.decode("utf-8-sig")
    except OSError as error:
        raise PairingError(f"Cannot read the list of pairs {path}: {error.strerror}; check {listed.flag}.") from error
    except UnicodeDecodeError as error:
        raise PairingError(f"The list of pairs {path} is not UTF-8; save it as UTF-8.") from error
