"""`diffspot compare`: flags -> pairs and settings -> run -> exit code."""

from __future__ import annotations

from collections import Counter
from pathlib import Path  # noqa: TC003  Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from diffspot.backends import read_backend
from diffspot.cli.commands.config import ConfigFile  # noqa: TC001  Typer reads the annotations
from diffspot.cli.flags import (  # noqa: TC001  Typer reads the annotations
    Debug,
    Json,
    PairsJsonl,
    PairsPerShard,
    Quiet,
    explicit,
    out_option,
    read_style,
    resolve_environment,
    taking,
    with_option_flags,
)
from diffspot.cli.inputs import Also, PairList, PathList, find_pairs  # noqa: TC001  Typer reads the annotations
from diffspot.cli.running import Running, refuse_outputs_of_parts, refuse_stages, run_shown
from diffspot.cli.streams import say
from diffspot.errors import OptionError
from diffspot.image_io.storage import StoredPath
from diffspot.options.config import find_config, load_settings
from diffspot.options.fields import read_count

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from diffspot.cli.inputs import Found
    from diffspot.errors import ExitCode
    from diffspot.model import ImagePair
    from diffspot.options.settings import Settings
    from diffspot.outputs.interface import Outputs
    from diffspot.runner.scale.shards import Shard

    Opened = tuple[Sequence[ImagePair], Outputs, Path | None]

PACKAGES = {".pdf": "pdf", ".heic": "heic", ".heif": "heic"}
"""Extras of the package that read formats, by their suffixes."""


@with_option_flags
def compare(
    reference: Annotated[
        Path | None,
        typer.Argument(
            help="What should be there: a picture, a directory of pictures, or alone a directory "
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
    pairs: PairList = None,
    pairs0: PathList = None,
    also: Also = None,
    out: Annotated[
        Path | None,
        out_option("DIRECTORY", "Write report.json and annotated pictures there; without it nothing is written."),
    ] = None,
    json: Json = False,
    jsonl: PairsJsonl = False,
    quiet: Quiet = False,
    config: ConfigFile = None,
    jobs: Annotated[
        str | None,
        taking(
            "--jobs",
            "-j",
            takes="N",
            text="Pairs compared at a time, 1 or more. \\[default: the cores this process may use, with a GPU twice]",
            panel="Running",
        ),
    ] = None,
    backend: Annotated[
        str | None,
        taking(
            "--backend",
            takes="auto|numpy|cupy",
            text="What works on the pixels: numpy, or cupy on an NVIDIA GPU; auto is numpy. \\[default: auto]",
            panel="Running",
        ),
    ] = None,
    shard: Annotated[
        str | None,
        taking(
            "--shard",
            takes="K/N",
            text="Compare the K-th of N parts of the pairs; diffspot merge makes one report of all of them.",
            panel="Running",
        ),
    ] = None,
    plan: Annotated[
        Path | None,
        taking(
            takes="URL",
            text="Compare one shard, see --shard, of the plan that diffspot plan wrote to this URL.",
            panel="Input",
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        taking(
            takes="ADDRESS",
            text="Compare on the workers of a Dask cluster: local:N, or the scheduler's address, tcp://HOST:PORT.",
            panel="Running",
        ),
    ] = None,
    pairs_per_shard: PairsPerShard = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume",
            help="Go on where a run with this --out was stopped: compare only what is missing or has changed.",
            rich_help_panel="Running",
        ),
    ] = False,
    debug: Debug = False,
    **values: str | float | list[str] | None,
) -> None:
    """Compares two pictures, two directories, one directory of pairs, or a list of pairs."""
    running = Running(
        read_style(json=json, jsonl=jsonl, quiet=quiet), read_count("--jobs", jobs), read_backend(backend), debug
    )
    if plan:
        given = reference, candidate, pairs, pairs0, also, out, config, cluster, resume, *explicit(values).values()
        raise typer.Exit(_compare_planned(plan, shard, running, alone=not any(given)))
    part = _read_part(shard, out, cluster, values)
    _check_resume(out, resume=resume)
    if out is None and values.get("annotate") not in {None, "none"}:
        raise OptionError("--annotate draws pictures into the folder of --out; give --out, too.")
    file = config or find_config()
    settings = load_settings(explicit(values), file)
    found = find_pairs(reference, candidate, pairs, pairs0, also, settings.base)

    from diffspot.backends.machine import memory_left  # noqa: PLC0415
    from diffspot.cli.doubts import doubts_before  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.runner.memory import keep_freed  # noqa: PLC0415

    keep_freed(memory_left())
    doubts = () if quiet else doubts_before((reference, candidate), found.pairs, settings)
    if cluster and out:
        from diffspot.cli.commands.planned import compare_on_cluster  # noqa: PLC0415  most runs are on one machine

        _tell_what_is_left(out, found, doubts, quiet=quiet)
        many = read_count("--pairs-per-shard", pairs_per_shard)
        raise typer.Exit(compare_on_cluster(cluster, found, settings, out=out, per_shard=many, running=running))
    # A configuration file that was only come upon, in whatever was cloned or unpacked, does not write everywhere.
    confined = settings.named_by(file) if file and not config else {}
    compared, outputs, report = (
        _open_shard(part, found, settings, out)
        if part and out
        else _open_run(found, settings, out, running.jobs, lists=(pairs, pairs0, file), confined=confined)
    )
    _tell_what_is_left(out, found, doubts, quiet=quiet)
    raise typer.Exit(
        run_shown(
            compared, settings, outputs, running, inputs=found.inputs, report=report, resume=resume, whole=not part
        )
    )


def _open_shard(part: Shard, found: Found, settings: Settings, out: Path) -> Opened:
    """The pairs of a shard, its outputs and the file of its results."""
    from diffspot.runner.scale.compare import prepare_shard  # noqa: PLC0415  most runs are no shards
    from diffspot.runner.scale.shards import RESULTS  # noqa: PLC0415

    pairs, outputs = prepare_shard(found.pairs, settings, part, out=out, inputs=found.inputs, beside=found.answers)
    return pairs, outputs, out / part.folder / RESULTS


def _open_run(
    found: Found,
    settings: Settings,
    out: Path | None,
    jobs: int | None,
    *,
    lists: Iterable[Path | None],
    confined: Mapping[str, Path],
) -> Opened:
    """The pairs of a whole run, its outputs and the file of its report."""
    from diffspot.outputs.report_json import REPORT_NAME  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.runner.run import prepare  # noqa: PLC0415

    pairs, outputs = prepare(
        found.pairs,
        resolve_environment(settings.base),
        files=settings.files,
        out=out,
        inputs=[*found.inputs, *found.answers],
        lists=lists,
        jobs=jobs,
        confined=confined,
    )
    return pairs, outputs, out and out / REPORT_NAME


def _compare_planned(plan: Path, shard: str | None, running: Running, *, alone: bool) -> ExitCode:
    """Compares a shard of a plan, which says all else."""
    if not alone:
        raise OptionError("--plan says what is compared, how, and where results go; leave the rest to diffspot plan.")
    from diffspot.cli.commands.planned import compare_planned  # noqa: PLC0415  most runs have no plan

    return compare_planned(plan, shard, running)


def _read_part(shard: str | None, out: Path | None, cluster: str | None, values: Mapping[str, Any]) -> Shard | None:
    """The shard that is asked for."""
    flag = "--shard" if shard else "--cluster" if cluster else None
    if shard and cluster:
        raise OptionError("--cluster compares all shards; leave --shard out.")
    if flag and out is None:
        raise OptionError(f"{flag} writes results that are merged later; give --out, too.")
    if cluster:
        refuse_stages(values, "--cluster")
    if not shard:
        return None
    from diffspot.runner.scale.shards import read_shard  # noqa: PLC0415  most runs are no shards

    refuse_outputs_of_parts(values, "--shard")
    return read_shard(shard)


def _check_resume(out: Path | None, *, resume: bool) -> None:
    if resume and out is None:
        raise OptionError("--resume goes on with what a run left in the folder of --out; give --out, too.")
    if resume and isinstance(out, StoredPath):
        raise OptionError("--resume goes on in a folder of this machine; for a URL, make a plan with diffspot plan.")


def _tell_what_is_left(out: Path | None, found: Found, doubts: Iterable[str], *, quiet: bool) -> None:
    """Says what a stopped `diffspot accept` left in the results, which pictures are not compared, and doubts."""
    if out and not isinstance(out, StoredPath):
        from diffspot.cli.commands.exchange import abandon  # noqa: PLC0415  nor are they needed without results
        from diffspot.outputs.bounds import Bounds  # noqa: PLC0415

        if told := abandon(out, Bounds(out, found.inputs)):
            say(told)
    if quiet:
        return
    if told := _unread_pictures(found.inputs):
        say(told)
    for doubt in doubts:
        say(doubt)


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
        f"{_way_on(counts)}"
    )


def _way_on(counts: Counter[str]) -> str:
    """What may be done about pictures that are left out."""
    extras = sorted({PACKAGES[name] for name in counts if name in PACKAGES})
    if not extras:
        return "convert to PNG what is to be compared."
    return f"pip install 'diffspot[{','.join(extras)}]' reads them, or convert to PNG what is to be compared."
