"""`diffspot plan`: what is compared and how, written down for machines that each take a shard."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  Typer reads the annotations
from typing import Annotated

import typer

from diffspot.cli.commands.compare import find_pairs
from diffspot.cli.commands.config import ConfigFile  # noqa: TC001  Typer reads the annotations
from diffspot.cli.flags import PairsPerShard, explicit, with_option_flags  # noqa: TC001  likewise
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
    pairs: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE|-", help="Take the pairs from a list, as for diffspot compare.", rich_help_panel="Input"
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="URL",
            help="Write the plan there, a URL or a directory that all machines see; results will lie beside it.",
            rich_help_panel="Results",
            show_default=False,
        ),
    ] = None,
    config: ConfigFile = None,
    pairs_per_shard: PairsPerShard = None,
    **values: str | float | list[str] | None,
) -> None:
    """Lists what is to be compared and takes it in shards, for diffspot compare --plan on as many machines."""
    if out is None:
        raise OptionError("A plan has to lie somewhere; say where with --out.")
    refuse_outputs_of_parts(values, "a plan")
    many = read_count("--pairs-per-shard", pairs_per_shard)
    settings = load_settings(explicit(values), config or find_config())
    found, inputs = find_pairs(reference, candidate, pairs)

    from diffspot.outputs import WRITTEN  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.outputs.kept import keep_apart  # noqa: PLC0415
    from diffspot.outputs.words import count  # noqa: PLC0415
    from diffspot.scale.plan import make_plan, write_plan  # noqa: PLC0415

    for directory in inputs:
        keep_apart(out, directory, WRITTEN)
    made = make_plan(found, settings, inputs, many)
    write_plan(made, found, out)
    typer.echo(
        f"{count(len(found), 'pair')} in {count(made.run.shards, 'shard')}: --plan {out} --shard 1/{made.run.shards}"
    )
