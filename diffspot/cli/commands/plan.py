"""`diffspot plan`: what is compared and how, written down for machines that each take a shard."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  Typer reads the annotations
from typing import Annotated

import typer

from diffspot.cli.commands.config import ConfigFile  # noqa: TC001  Typer reads the annotations
from diffspot.cli.flags import PairsPerShard, explicit, out_option, with_option_flags  # noqa: TC001  Typer reads the annotations
from diffspot.cli.inputs import Also, PairList, PathList, find_pairs  # noqa: TC001  Typer reads the annotations
from diffspot.cli.running import refuse_outputs_of_parts
from diffspot.errors import OptionError
from diffspot.options.config import find_config, load_settings
from diffspot.options.fields import read_count


@with_option_flags
def plan(
    reference: Annotated[
        Path | None, typer.Argument(help="The references, as for diffspot compare.", show_default=False)
    ] = None,
    candidate: Annotated[
        Path | None, typer.Argument(help="The candidates, as for diffspot compare.", show_default=False)
    ] = None,
    *,
    pairs: PairList = None,
    pairs0: PathList = None,
    also: Also = None,
    out: Annotated[
        Path | None,
        out_option(
            "URL", "Write the plan there, a URL or a directory that all machines see; results will lie beside it."
        ),
    ] = None,
    config: ConfigFile = None,
    pairs_per_shard: PairsPerShard = None,
    **values: str | float | list[str] | None,
) -> None:
    """Lists what is to be compared and divides it into shards, for diffspot compare --plan on as many machines."""
    if out is None:
        raise OptionError("A plan has to lie somewhere; say where with --out.")
    refuse_outputs_of_parts(values, "a plan")
    many = read_count("--pairs-per-shard", pairs_per_shard)
    settings = load_settings(explicit(values), config or find_config())
    found = find_pairs(reference, candidate, pairs, pairs0, also, settings.base)

    from diffspot.outputs.words import count  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.runner.scale.plan import make_plan, write_plan  # noqa: PLC0415

    made = make_plan(found.pairs, settings, found.inputs, many)
    write_plan(made, found.pairs, out, apart=(*found.inputs, *found.answers))
    shards = made.run.shards
    typer.echo(f"{count(len(found.pairs), 'pair')} in {count(shards, 'shard')}: --plan {out} --shard 1/{shards}")
