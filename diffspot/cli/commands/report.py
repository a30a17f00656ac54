"""`diffspot report`: outputs made again from report.json."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from diffspot.cli.flags import explicit, resolve_environment, with_option_flags
from diffspot.errors import OptionError
from diffspot.options.options import OUTPUTS, make_options


@partial(with_option_flags, stage=OUTPUTS)
def report(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The --out folder of a run.", show_default=False)],
    **values: str | bool | None,
) -> None:
    """Makes outputs again from OUT/report.json, without comparing again."""
    from diffspot.cli.console import say_written  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.outputs import open_derived_outputs  # noqa: PLC0415
    from diffspot.outputs.report_json import read_report  # noqa: PLC0415

    found = read_report(out)
    pictures = (Path(picture) for pair in found.pairs for picture in (pair.reference, pair.candidate) if picture)
    outputs = open_derived_outputs(out, resolve_environment(make_options(explicit(values))), pictures)
    if not outputs:
        raise OptionError("Nothing to make: name an output such as --junit PATH; diffspot report --help lists them.")
    for output in outputs:
        for result in found.pairs:
            output.add(result)
        output.finish(found)
    say_written(outputs)
