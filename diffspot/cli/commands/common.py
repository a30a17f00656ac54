"""`diffspot common`: what frames of one view share, or the background behind what moves."""

from __future__ import annotations

from functools import partial
from itertools import islice
from pathlib import Path  # noqa: TC003  Typer reads the annotations
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from diffspot.cli.flags import (  # noqa: TC001  Typer reads the annotations
    Debug,
    Json,
    Jsonl,
    ListFile,
    Quiet,
    explicit,
    out_option,
    read_style,
    with_option_flags,
)
from diffspot.errors import OptionError, OutputError
from diffspot.model import Registration
from diffspot.options.finding import CommonOptions, fields_of, make_finding_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from diffspot.model import Image
    from diffspot.pairing.pictures import Named
    from diffspot.pipeline.finding.common import Common
    from diffspot.runner.found import CommonOf
    from diffspot.runner.pictures import PictureReader


@partial(with_option_flags, fields=fields_of(CommonOptions))
def common(
    pictures: Annotated[
        list[str],
        typer.Argument(
            metavar="PICTURE",
            help="Frames of one view: pictures or folders, two frames or more; all frames of a TIFF, GIF, APNG or WebP "
            "count.",
            show_default=False,
        ),
    ] = [],  # noqa: B006  Typer's way
    *,
    listed: ListFile = None,
    out: Annotated[
        Path | None,
        out_option("FILE.png", "Write what is shared there, as PNG; without it nothing is written."),
    ] = None,
    json: Json = False,
    jsonl: Jsonl = False,
    quiet: Quiet = False,
    debug: Debug = False,
    **values: str | bool | None,
) -> None:
    """Keeps what frames of one view share.

    Prints x, y, width, height and area of each object that they share.
    """
    style = read_style(json=json, jsonl=jsonl, quiet=quiet)
    options = make_finding_options(CommonOptions, explicit(values))
    if out and out.suffix.lower() != ".png":
        raise OptionError(f"--out {out} is to be a PNG; end its name in .png.")
    from diffspot.backends import CPU, get_backend  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.cli.findings import Findings, given_pictures  # noqa: PLC0415
    from diffspot.image_io import encode_png  # noqa: PLC0415
    from diffspot.outputs.atomic import write_atomically  # noqa: PLC0415
    from diffspot.pipeline.finding.common import common as find_common  # noqa: PLC0415
    from diffspot.pipeline.finding.common import cut_out  # noqa: PLC0415
    from diffspot.runner.found import CommonOf  # noqa: PLC0415
    from diffspot.runner.pictures import FRAME_BYTES, PictureReader  # noqa: PLC0415

    where = given_pictures(pictures, listed)
    if out:
        _refuse_frame(out, [picture.path for picture in where])
    results = Findings("common", CommonOf, options, style=style, jobs=1, debug=debug, total=len(where))
    with results:
        frames = [*results.each(_reader(PictureReader(options, FRAME_BYTES)), where)]
        if results.interrupted:
            raise typer.Exit(results.finish(found=False, objects=()))
        images = [image for one in frames for image in one.images]
        sizes = dict.fromkeys("{1}x{0}".format(*image.pixels.shape[:2]) for image in images)
        if len(sizes) > 1 and style != "quiet":
            results.tell(f"the frames are {' and '.join(sizes)} px; only what all of them show can be shared.")
        found = find_common(images, get_backend(CPU), take=options.take, align=options.align)
        for looked in _described(frames, found):
            results.add(looked)
        results.rows((*one.bbox, one.area) for one in found.objects)
        if out:
            write_atomically(out, encode_png(cut_out(found.picture, found.mask, options.color)))
        code = results.finish(found=bool(found.mask.any()), objects=found.objects)
        if len(sizes) > 1 and style == "table" and not found.mask.any():
            results.tell("bring the frames to one size, or name how they lie over each other with --align.")
    raise typer.Exit(code)


class Framed(NamedTuple):
    """The frames of a file, and what makes its result."""

    images: list[Image]
    known: Callable[..., CommonOf]


def _reader(reader: PictureReader) -> Callable[[Named], Framed]:
    """What reads the frames of one file."""
    from diffspot.runner.found import CommonOf, looked_at  # noqa: PLC0415

    def read(picture: Named) -> Framed:
        images = reader.frames(picture.path)
        return Framed(images, looked_at(CommonOf, picture, images[0]))

    return read


def _described(frames: Sequence[Framed], found: Common) -> Iterator[CommonOf]:
    """The result of each file: how its frames lie over the first of all."""
    registrations = iter((Registration(), *found.registrations))
    for one in frames:
        yield one.known(registrations=tuple(islice(registrations, len(one.images))))


def _refuse_frame(out: Path, frames: Iterable[Path]) -> None:
    """Refuses to write over what is read.

    Raises:
        OutputError: names the file.
    """
    for frame in frames:
        if out.exists() and frame.exists() and out.samefile(frame):
            raise OutputError(f"--out {out} would replace {frame}, which is read; name another file.")
