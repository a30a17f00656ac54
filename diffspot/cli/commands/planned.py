"""Comparing the shards of a plan: one of them here, or all of them on a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from diffspot.cli.console import Console
from diffspot.cli.flags import resolve_environment
from diffspot.cli.running import run_shown
from diffspot.cli.signals import stopped_by_signals
from diffspot.cli.streams import say
from diffspot.errors import ExitCode, OptionError
from diffspot.outputs.report_json import REPORT_NAME
from diffspot.outputs.words import count
from diffspot.runner.scale.compare import open_shard
from diffspot.runner.scale.merge import merged_shards
from diffspot.runner.scale.plan import make_plan, read_pairs, read_plan, write_plan
from diffspot.runner.scale.shards import RESULTS, read_shard

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.cli.console import Style
    from diffspot.cli.inputs import Found
    from diffspot.cli.running import Running
    from diffspot.options.settings import Settings


def compare_planned(folder: Path, shard: str | None, running: Running) -> ExitCode:
    """Compares one shard of the plan in a folder, or shows its results where it is done."""
    if shard is None:
        raise OptionError("--plan is compared shard by shard; say which with --shard K/N.")
    plan, part = read_plan(folder), read_shard(shard)
    placed = read_pairs(plan, folder, part)
    file = folder / part.folder / RESULTS
    if file.exists():
        say(f"shard {part} is done already")
        with merged_shards([file]) as merged:
            return replace(merged.report(), interrupted=False).exit_code
    outputs = open_shard(file, part, placed, plan.run, plan.settings, plan.inputs)
    pairs = [pair for _, pair in placed]
    return run_shown(pairs, plan.settings, outputs, running, inputs=plan.inputs, report=file, resume=True, whole=False)


def compare_on_cluster(
    address: str,
    found: Found,
    settings: Settings,
    *,
    out: Path,
    per_shard: int | None,
    running: Running,
) -> ExitCode:
    """Plans, has all shards compared on a cluster, and merges them."""
    from diffspot.cli.commands.merge import merge_shards  # noqa: PLC0415  with all that outputs need
    from diffspot.runner.scale.cluster import Cluster, connected  # noqa: PLC0415

    pairs = found.pairs
    plan = make_plan(pairs, settings, found.inputs, per_shard)
    style: Style = "quiet" if running.style == "quiet" else "table"
    with connected(address) as (client, jobs):
        write_plan(plan, pairs, out, apart=(*found.inputs, *found.answers))
        with (
            Console(style, total=len(pairs), report=out / REPORT_NAME, options=settings.base) as console,
            stopped_by_signals() as stop,
        ):
            work = Cluster(
                client,
                plan,
                out,
                jobs=running.jobs or jobs,
                backend=running.backend,
                on_pairs=console.advance,
            )
            work.run(stop)
    for failure in work.failures:
        say(failure)
    if stop.is_set() or work.failures:
        say(f"{count(work.done, 'pair')} of {len(pairs)} compared; the same command goes on.")
        return ExitCode.TROUBLE
    options = resolve_environment(settings.base)
    return merge_shards([out], out, options, running.style)
