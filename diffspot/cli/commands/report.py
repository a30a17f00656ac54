"""`diffspot report`: outputs made again from report.json."""

from __future__ import annotations

from functools import partial
from pathlib import Path  # noqa: TC003  Typer reads the annotations
from typing import Annotated

import typer

from diffspot.cli.flags import AllowedFolders, output_options, with_option_flags  # noqa: TC001  Typer reads the annotations
from diffspot.cli.streams import say
from diffspot.errors import ExitCode, OptionError
from diffspot.image_io.storage import text_path
from diffspot.options.options import OUTPUTS


@partial(with_option_flags, stage=OUTPUTS)
def report(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The --out folder of a run.", show_default=False)],
    *,
    allow: AllowedFolders = None,
    **values: str | bool | None,
) -> None:
    """Makes outputs again from OUT/report.json, without comparing again."""
    from diffspot.cli.console import say_written  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.outputs import open_derived_outputs  # noqa: PLC0415
    from diffspot.outputs.bounds import Bounds, allowed_directories  # noqa: PLC0415
    from diffspot.outputs.report_json import read_report  # noqa: PLC0415
    from diffspot.outputs.words import cut_short  # noqa: PLC0415

    found = read_report(out)
    pictures = (text_path(picture) for pair in found.pairs for picture in (pair.reference, pair.candidate) if picture)
    options = output_options(values)
    bounds = Bounds(out, allowed_directories(allow))
    with open_derived_outputs(out, options, pictures, bounds=bounds) as outputs:
        if not outputs:
            raise OptionError(
                "Nothing to make: name an output such as --junit PATH; diffspot report --help lists them."
            )
        outputs.finish(found)
    say_written(outputs)
    if found.interrupted:
        say(cut_short(found))
    for failure in outputs.told_failures:
        say(failure)
    if outputs.failures:
        raise typer.Exit(ExitCode.TROUBLE)
