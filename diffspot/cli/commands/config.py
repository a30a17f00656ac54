"""Commands about configuration: what is in force, a file to start from, ignore rules from an earlier run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from diffspot.cli.completion import pair_names
from diffspot.cli.flags import explicit, taking, with_option_flags
from diffspot.cli.streams import tell
from diffspot.errors import OptionError, OutputError
from diffspot.model import path_text
from diffspot.options.config import CONFIG_NAME, find_config, load_settings

ConfigFile = Annotated[
    Path | None,
    taking(
        "--config",
        takes="FILE",
        text="The configuration file. \\[default: the nearest diffspot.toml, or pyproject.toml with "
        "\\[tool.diffspot], here or in a directory above]",
        panel="Input",
    ),
]


@with_option_flags
def show_config(
    name: Annotated[
        str | None,
        typer.Argument(help="The pair whose rules count, too: its name as in the report.", show_default=False),
    ] = None,
    *,
    config: ConfigFile = None,
    **values: str | float | list[str] | None,
) -> None:
    """Prints the options in force, as TOML, and where each comes from: default, file, rule or flag."""
    from diffspot.options.toml import settings_text  # noqa: PLC0415  only this command needs it

    typer.echo(settings_text(load_settings(explicit(values), config or find_config()), name), nl=False)


def init() -> None:
    """Writes a diffspot.toml that names every option and changes none."""
    from diffspot.options.toml import commented_file  # noqa: PLC0415

    try:
        with Path(CONFIG_NAME).open("x", encoding="utf-8") as file:
            file.write(commented_file())
    except FileExistsError:
        raise OptionError(f"{CONFIG_NAME} is there already; change it, or remove it first.") from None
    except OSError as error:
        raise OutputError(f"Cannot write {CONFIG_NAME}: {error.strerror}; go to a directory you may write.") from error
    tell(f"Wrote {CONFIG_NAME}.")


def write_ignore(
    out: Annotated[Path, typer.Argument(help="The --out folder of an earlier run.", show_default=False)],
    *,
    pair: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="The pair, named as in the report.", autocompletion=pair_names, show_default=False
        ),
    ],
    region: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="A region by its number; may be repeated. \\[default: all]", show_default=False),
    ] = None,
    padding: Annotated[int, typer.Option(min=0, metavar="PX [x>=0]", help="Widens every box on all sides.")] = 2,
    write: Annotated[
        bool, typer.Option("--write", help="Also append the rule to the configuration file, made if need be.")
    ] = False,
    config: ConfigFile = None,
) -> None:
    """Prints a rule that ignores where a pair differed in an earlier run."""
    from diffspot.cli.commands.ignore_rules import append_rule, boxes_to_ignore, rules_table  # noqa: PLC0415
    from diffspot.options.toml import ignore_rule  # noqa: PLC0415
    from diffspot.outputs.report_json import read_report  # noqa: PLC0415

    boxes = boxes_to_ignore(read_report(out), path_text(pair), region or (), padding)
    file = config or find_config()
    if write:
        append_rule(file or Path(CONFIG_NAME), pair, boxes)
        tell(f"Appended a rule to {file or CONFIG_NAME}.")
    typer.echo(ignore_rule(pair, boxes, rules_table(file)), nl=False)
