"""`diffspot calibrate`: a golden, and how far each place of it varies, from repeated captures."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  Typer reads the annotations
from typing import TYPE_CHECKING, Annotated

import typer

from diffspot.cli.streams import say
from diffspot.errors import OptionError
from diffspot.image_io.storage import text_path
from diffspot.image_io.suffixes import is_picture
from diffspot.model import one_line, path_text, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from diffspot.pipeline.calibration import Calibration

GOLDEN = "golden.png"
SHOWN = 5
"""Unstable places that are listed."""


def calibrate(
    captures: Annotated[
        list[Path],
        typer.Argument(
            metavar="CAPTURES...",
            help="Captures of one scene, or good parts: pictures, or a directory of them. Of two directories and more, "
            "pictures of one name are captures of one scene.",
            show_default=False,
        ),
    ],
    *,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            "-o",
            metavar="DIRECTORY|FILE.png",
            help=f"Where to write the golden; in a directory the golden of a single scene is called {GOLDEN}.",
            show_default=False,
        ),
    ],
    align: Annotated[
        str, typer.Option(metavar="METHOD", help="How captures are registered, as in diffspot compare.")
    ] = "auto",
) -> None:
    """Makes a golden from repeated captures, and says which places vary.

    Beside the golden lies how far each place varies, FILE.png.spread; compare takes it from there: what a place did
    among the captures is no difference, and no threshold is set by hand.
    """
    from diffspot.options.options import make_options  # noqa: PLC0415  keeps --help and --version fast

    method = make_options({"align": align}).align
    scenes = _scenes(captures, out)
    for path, found in scenes.items():
        if path.resolve() in {one.resolve() for one in found}:
            raise OptionError(f"{printable(path)} is one of the captures; name another place with --out.")
    for path, found in scenes.items():
        _write(path, _calibrated(found, method), len(found))


def _scenes(captures: Sequence[Path], out: Path) -> Mapping[Path, list[Path]]:
    """The captures of each scene, by where its golden goes."""
    from diffspot.pairing.files import is_directory  # noqa: PLC0415
    from diffspot.pairing.pictures import find_named  # noqa: PLC0415

    folders = [path for path in captures if is_directory(path)]
    if len(folders) == len(captures) > 1:
        scenes: dict[Path, list[Path]] = {}
        for folder in folders:
            for name, path in find_named([folder]):
                scenes.setdefault((out / text_path(name)).with_suffix(".png"), []).append(path)
        return scenes
    if is_picture(out.name) and out.suffix.lower() != ".png" and not out.is_dir():
        raise OptionError(f"--out {printable(out)} is to be a PNG or a directory; end its name in .png.")
    return {out if out.suffix.lower() == ".png" else out / GOLDEN: [picture.path for picture in find_named(captures)]}


def _calibrated(paths: Iterable[Path], align: str) -> Calibration:
    from diffspot.backends import CPU, get_backend  # noqa: PLC0415
    from diffspot.image_io import read_image  # noqa: PLC0415
    from diffspot.pipeline.calibration import calibrate as calibrate_images  # noqa: PLC0415

    read = [(read_image(path), printable(path)) for path in paths]
    return calibrate_images([image for image, _ in read], [name for _, name in read], get_backend(CPU), align=align)


def _write(path: Path, found: Calibration, count: int) -> None:
    from diffspot.image_io import encode_png  # noqa: PLC0415
    from diffspot.outputs.atomic import write_atomically  # noqa: PLC0415
    from diffspot.outputs.words import count as counted  # noqa: PLC0415
    from diffspot.runner.spread import encode_spread, spread_path  # noqa: PLC0415

    golden = encode_png(found.golden)
    write_atomically(path, golden)
    write_atomically(spread_path(path), encode_spread(found.spread, golden))
    shown = one_line(path_text(path))
    typer.echo(f"{shown}\t{count} captures\t{counted(len(found.unstable), 'unstable place')}")
    for place in found.unstable[:SHOWN]:
        typer.echo(f"unstable\t{','.join(map(str, place.box))}\tby up to {place.levels} levels")
    if len(found.unstable) > SHOWN:
        say(f"{shown}: {counted(len(found.unstable) - SHOWN, 'smaller unstable place')} not listed")
