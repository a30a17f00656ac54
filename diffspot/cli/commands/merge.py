"""`diffspot merge`: one report from the results of shards."""

from __future__ import annotations

from functools import partial
from pathlib import Path  # noqa: TC003  Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer
from msgspec.structs import replace

from diffspot.cli.flags import (  # noqa: TC001  Typer reads the annotations
    AllowedFolders,
    Json,
    PairsJsonl,
    Quiet,
    out_option,
    output_options,
    read_style,
    with_option_flags,
)
from diffspot.cli.streams import say
from diffspot.errors import ExitCode, MergeError
from diffspot.image_io.storage import text_path, to_path
from diffspot.model import ImagePair
from diffspot.options.options import OUTPUTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from diffspot.cli.console import Style
    from diffspot.options.options import Options
    from diffspot.outputs.bounds import Bounds
    from diffspot.runner.scale.merge import Merged


@partial(with_option_flags, stage=OUTPUTS)
def merge(
    shards: Annotated[
        list[str],
        typer.Argument(
            metavar="OUT...",
            help="The --out folders of the shards; one, where all of them had the same.",
            show_default=False,
        ),
    ],
    *,
    out: Annotated[
        Path | None,
        out_option(
            "DIRECTORY", "Write report.json there and take the annotated pictures along; it may be that of the shards."
        ),
    ] = None,
    allow: AllowedFolders = None,
    allow_missing: Annotated[
        bool,
        typer.Option(
            "--allow-missing",
            help="Make the report although shards are missing; it is marked as interrupted.",
            rich_help_panel="Results",
        ),
    ] = False,
    json: Json = False,
    jsonl: PairsJsonl = False,
    quiet: Quiet = False,
    **values: str | bool | None,
) -> None:
    """Makes one report of the results of diffspot compare --shard, the one that a single run would have given."""
    style = read_style(json=json, jsonl=jsonl, quiet=quiet)
    options = output_options(values)
    from diffspot.outputs.bounds import Bounds, allowed_directories  # noqa: PLC0415  keeps --help and --version fast

    bounds = Bounds(out, allowed_directories(allow)) if out else None
    places = map(to_path, shards)
    raise typer.Exit(merge_shards(places, out, options, style, bounds=bounds, allow_missing=allow_missing))


def merge_shards(
    places: Iterable[Path],
    out: Path | None,
    options: Options,
    style: Style,
    *,
    bounds: Bounds | None = None,
    allow_missing: bool = False,
) -> ExitCode:
    """Writes and shows the report of the shards in some folders.

    Args:
        places: the folders.
        out: of the report; None writes none.
        options: those of the stage Outputs.
        style: what goes to standard output.
        bounds: how far results that others made reach; None trusts them.
        allow_missing: whether the report of some of the shards will do.
    """
    from diffspot.cli.console import Console  # noqa: PLC0415
    from diffspot.cli.doubts import doubts_after  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.outputs import open_outputs  # noqa: PLC0415
    from diffspot.outputs.report_json import REPORT_NAME  # noqa: PLC0415
    from diffspot.runner.run import NO_PARTNERS  # noqa: PLC0415
    from diffspot.runner.scale.merge import find_shards, merged_shards, missing_shards  # noqa: PLC0415
    from diffspot.runner.scale.pictures import take_pictures  # noqa: PLC0415

    with merged_shards(find_shards(places)) as merged:
        if merged.missing:
            if not allow_missing:
                raise MergeError(f"{missing_shards(merged)}; compare them, or merge the others with --allow-missing.")
            say(missing_shards(merged))
        report = merged.report()
        if not len(merged):
            raise MergeError(NO_PARTNERS)
        inputs = [text_path(path) for path in (report.inputs.reference, report.inputs.candidate) if path]
        outputs = open_outputs(out, options, inputs, _Pairs(merged), bounds=bounds)
        console = Console(style, total=len(merged), report=out and out / REPORT_NAME, options=options)
        with outputs, console:
            outputs.failures += take_pictures(merged, out) if out else []
            report = replace(report, outputs=tuple(outputs.names))
            for result in merged:
                console.add(result)
            outputs.finish(report)
            console.finish(report, outputs)
            for doubt in doubts_after(report) if style != "quiet" else ():
                say(doubt)
        complete = replace(report, interrupted=False)
        return ExitCode.TROUBLE if outputs.failures else complete.exit_code


class _Pairs:
    """The pictures of results, which no output may replace; made anew each time they are iterated."""

    def __init__(self, merged: Merged) -> None:
        self._merged = merged

    def __iter__(self) -> Iterator[ImagePair]:
        for result in self._merged:
            reference, candidate = (text_path(path) if path else None for path in (result.reference, result.candidate))
            yield ImagePair(result.name, reference, candidate)
