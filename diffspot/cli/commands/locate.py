"""`diffspot locate`: where a crop, or a binary shape, lies in pictures; and the same box cut out of others."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from diffspot.cli.flags import (  # noqa: TC001  Typer reads the annotations
    Debug,
    Jobs,
    Json,
    Jsonl,
    ListFile,
    OutFolder,
    Quiet,
    explicit,
    read_style,
    taking,
    with_option_flags,
)
from diffspot.errors import OptionError
from diffspot.options.fields import NOTHING, read_count
from diffspot.options.finding import LocateOptions, fields_of, make_finding_options

if TYPE_CHECKING:
    from diffspot.model import Box
    from diffspot.runner.found import LocatedIn


@partial(with_option_flags, fields=fields_of(LocateOptions))
def locate(
    pictures: Annotated[
        list[str],
        typer.Argument(
            metavar="CROP PICTURE",
            help="What to look for, then where: pictures or folders. With --shape there is no CROP, and texts of 0 and "
            "1 (.txt, .csv, - for standard input) are pictures, too.",
            show_default=False,
        ),
    ] = [],  # noqa: B006  Typer's way
    *,
    listed: ListFile = None,
    any_place: Annotated[
        bool,
        typer.Option(
            "--any", help="Stop at the first picture that has a place; the exit code tells.", rich_help_panel="Places"
        ),
    ] = False,
    apply: Annotated[
        Path | None,
        taking(
            "--apply",
            takes="DIRECTORY",
            text="Cut the box of the first place out of all pictures of this folder, without loss, into the folder cut "
            "of --out.",
            panel="Results",
        ),
    ] = None,
    out: OutFolder = None,
    json: Json = False,
    jsonl: Jsonl = False,
    quiet: Quiet = False,
    jobs: Jobs = None,
    debug: Debug = False,
    **values: str | bool | None,
) -> None:
    """Finds where a crop, or a binary shape, lies in pictures.

    Prints name, x, y, width, height and score of each place, and "exact" where it is equal in every pixel.
    """
    style, at_a_time = read_style(json=json, jsonl=jsonl, quiet=quiet), read_count("--jobs", jobs)
    options = make_finding_options(LocateOptions, explicit(values))
    crop, given = _crop_and_pictures(pictures, options)
    if apply and not out:
        raise OptionError("--apply cuts pictures into the folder of --out; give --out, too.")
    from diffspot.cli.commands.locating import cutter, rows, searcher  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.cli.findings import Findings, given_pictures  # noqa: PLC0415
    from diffspot.pairing.pictures import find_named, refuse_twins  # noqa: PLC0415
    from diffspot.runner.found import LocatedIn  # noqa: PLC0415
    from diffspot.runner.pictures import LOCATE_BYTES, PictureReader  # noqa: PLC0415

    where, others = given_pictures(given, listed), find_named([apply] if apply else [])
    refuse_twins(others)
    reader, box = PictureReader(options, LOCATE_BYTES), None
    search = searcher(crop, options, reader)
    inputs = [*map(Path, given), *([apply] if apply else [])]
    read = [*([crop] if crop else []), *(picture.path for picture in (*where, *others))]
    results = Findings(
        "locate",
        LocatedIn,
        options,
        style=style,
        jobs=at_a_time,
        debug=debug,
        out=out,
        inputs=inputs,
        pictures=read,
        total=len(where) + len(others),
    )
    with results:
        for looked in results.each(search, where):
            for one in looked:
                results.add(one, rows(one))
                box = box or first_box(one)
            if box and any_place:
                break
        if box and apply:
            for done in results.each(cutter(box, reader, results), others):
                results.add(done, rows(done))
        code = results.finish(found=box is not None)
    raise typer.Exit(code)


def _crop_and_pictures(named: list[str], options: LocateOptions) -> tuple[Path | None, list[str]]:
    """The crop, None where a shape is looked for, and where to look.

    Raises:
        OptionError: there is neither a crop nor a shape.
    """
    if options.shape != NOTHING:
        return None, named
    if not named:
        raise OptionError("There is nothing to look for: name CROP before the pictures, or give a shape with --shape.")
    return Path(named[0]), named[1:]


def first_box(looked: LocatedIn) -> Box | None:
    """The box of the best place in a picture; None where there is none."""
    boxes = [place.bbox for place in looked.places] + [hit.bbox for hit in looked.hits]
    return boxes[0] if boxes else None
