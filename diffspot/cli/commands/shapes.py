"""`diffspot shapes`: the contiguous areas of like colour of pictures."""

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
    with_option_flags,
)
from diffspot.options.fields import read_count
from diffspot.options.finding import ShapesOptions, fields_of, make_finding_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diffspot.cli.findings import Findings
    from diffspot.pairing.pictures import Named
    from diffspot.pipeline.finding.shapes import Shapes
    from diffspot.runner.found import ShapesOf
    from diffspot.runner.pictures import PictureReader

MOST_SHAPES = 65_535
"""That a label picture of 16 bits can number."""


@partial(with_option_flags, fields=fields_of(ShapesOptions))
def shapes(
    pictures: Annotated[
        list[str],
        typer.Argument(metavar="PICTURE", help="What to look at: pictures or folders.", show_default=False),
    ] = [],  # noqa: B006  Typer's way
    *,
    listed: ListFile = None,
    out: OutFolder = None,
    json: Json = False,
    jsonl: Jsonl = False,
    quiet: Quiet = False,
    jobs: Jobs = None,
    debug: Debug = False,
    **values: str | bool | None,
) -> None:
    """Finds the contiguous areas of like colour in pictures.

    Prints name, id, colour, area and x, y, width and height of each area. With --out it also writes label pictures, in
    which each pixel has the id of its area, and coco.json.
    """
    style, at_a_time = read_style(json=json, jsonl=jsonl, quiet=quiet), read_count("--jobs", jobs)
    options = make_finding_options(ShapesOptions, explicit(values))
    from diffspot.cli.findings import Findings, given_pictures  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.pairing.pictures import refuse_twins  # noqa: PLC0415
    from diffspot.runner.found import ShapesOf  # noqa: PLC0415
    from diffspot.runner.pictures import SHAPES_BYTES, PictureReader  # noqa: PLC0415

    where = given_pictures(pictures, listed)
    if out:
        refuse_twins(where)
    inputs, read = map(Path, pictures), [picture.path for picture in where]
    results = Findings(
        "shapes",
        ShapesOf,
        options,
        style=style,
        jobs=at_a_time,
        debug=debug,
        out=out,
        inputs=inputs,
        pictures=read,
        total=len(where),
    )
    work = _worker(options, PictureReader(options, SHAPES_BYTES), results if out else None)
    looked: list[ShapesOf] = []
    with results:
        for one in results.each(work, where):
            results.add(one, _rows(one))
            looked.append(one)
        if out:
            results.write("coco.json", _coco(looked))
        code = results.finish(found=any(one.shapes for one in looked))
    raise typer.Exit(code)


def _worker(options: ShapesOptions, reader: PictureReader, results: Findings | None) -> Callable[[Named], ShapesOf]:
    """What looks at one picture, and writes its labels where there is a folder."""
    from diffspot.pipeline.finding.shapes import find_shapes  # noqa: PLC0415
    from diffspot.runner.found import ShapesOf, looked_at  # noqa: PLC0415

    def work(picture: Named) -> ShapesOf:
        with reader.reading(picture.path) as image:
            found = find_shapes(image, **options.rule)
            known = looked_at(ShapesOf, picture, image)
        written = _write_labels(found, picture, results) if results else None
        return known(shapes=tuple(found.shapes), written=written)

    return work


def _write_labels(found: Shapes, picture: Named, results: Findings) -> str:
    import numpy as np  # noqa: PLC0415

    from diffspot.cli.findings import LABELS  # noqa: PLC0415
    from diffspot.errors import OutputError  # noqa: PLC0415
    from diffspot.image_io import encode_png  # noqa: PLC0415
    from diffspot.model import annotated_name  # noqa: PLC0415

    if len(found.shapes) > MOST_SHAPES:
        raise OutputError(
            f"{picture.path} has {len(found.shapes)} areas, more than a label picture of 16 bits can number; raise "
            "--min-area."
        )
    data = encode_png(found.labels.astype(np.uint16)[..., np.newaxis])
    return results.write(f"{LABELS}/{annotated_name(picture.name)}", data)


def _rows(looked: ShapesOf) -> Iterator[tuple[object, ...]]:
    for shape in looked.shapes:
        yield looked.name, shape.id, ",".join(map(str, shape.color)), shape.area, *shape.bbox


def _coco(looked: list[ShapesOf]) -> bytes:
    """The areas as COCO annotations of one category."""
    from diffspot.outputs.report_json import encode_report  # noqa: PLC0415

    shapes = [(number, shape) for number, one in enumerate(looked, 1) for shape in one.shapes]
    images = [
        {"id": number, "file_name": one.name, "width": one.size[0], "height": one.size[1]}
        for number, one in enumerate(looked, 1)
        if one.size
    ]
    annotations = [
        {"id": index, "image_id": number, "category_id": 1, "bbox": shape.bbox, "area": shape.area, "iscrowd": 0}
        for index, (number, shape) in enumerate(shapes, 1)
    ]
    categories = [{"id": 1, "name": "area"}]
    return encode_report({"images": images, "annotations": annotations, "categories": categories})
