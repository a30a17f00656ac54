"""`diffspot similar`: pictures by how alike they look from afar, or near-duplicates among them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

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
from diffspot.model import path_text
from diffspot.options.fields import read_count
from diffspot.options.finding import SimilarOptions, fields_of, make_finding_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from diffspot.pairing.pictures import Named
    from diffspot.pipeline.finding.similar import Look
    from diffspot.runner.found import SimilarTo
    from diffspot.runner.pictures import PictureReader

NEAR_DUPLICATES = 0.03
"""Distance; JPEG copies of quality 50 and copies of half the size lie below 0.02."""
AT_A_TIME = 256
"""Pictures compared with all others at a time."""


@partial(with_option_flags, fields=fields_of(SimilarOptions))
def similar(
    queries: Annotated[
        list[str],
        typer.Argument(
            metavar="QUERY",
            help="Pictures or folders of pictures to find similar ones for; without, near-duplicates within --among.",
            show_default=False,
        ),
    ] = [],  # noqa: B006  Typer's way
    *,
    listed: ListFile = None,
    among: Annotated[
        Path | None,
        taking(
            "--among",
            takes="DIRECTORY",
            text="The pictures to choose from.",
            panel="Input",
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
    """Ranks pictures by how alike they look from a distance: which colour is where.

    Prints query, distance and name, the most alike first. Turned, mirrored or shifted content is something else.
    """
    style, at_a_time = read_style(json=json, jsonl=jsonl, quiet=quiet), read_count("--jobs", jobs)
    options = make_finding_options(SimilarOptions, explicit(values))
    if among is None:
        raise OptionError("diffspot similar chooses from the pictures of a folder; name it with --among.")
    from diffspot.cli.findings import Findings, given_pictures  # noqa: PLC0415  keeps --help and --version fast
    from diffspot.runner.found import SimilarTo  # noqa: PLC0415
    from diffspot.runner.pictures import LOOK_BYTES, PictureReader  # noqa: PLC0415

    rivals = given_pictures([str(among)], None)
    asked = given_pictures(queries, listed) if queries or listed else []
    work = _looker(PictureReader(options, LOOK_BYTES))
    inputs = [among, *map(Path, queries)]
    results = Findings(
        "similar",
        SimilarTo,
        options,
        style=style,
        jobs=at_a_time,
        debug=debug,
        out=out,
        inputs=inputs,
        total=len(rivals) + len(asked),
    )
    with results:
        seen, queried = [*results.each(work, rivals)], [*results.each(work, asked)]
        found = False
        for ranked in rank(queried if asked else seen, seen, options, duplicates=not asked):
            found = found or bool(ranked.similar)
            results.add(ranked, _rows(ranked))
        code = results.finish(found=found)
    raise typer.Exit(code)


class Seen(NamedTuple):
    """The look of a picture, and what makes its result."""

    picture: Named
    look: Look
    known: Callable[..., SimilarTo]


def _looker(reader: PictureReader) -> Callable[[Named], Seen]:
    """What looks at one picture."""
    from diffspot.pipeline.finding.similar import look  # noqa: PLC0415
    from diffspot.runner.found import SimilarTo, looked_at  # noqa: PLC0415

    def work(picture: Named) -> Seen:
        with reader.reading(picture.path) as image:
            return Seen(picture, look(image), looked_at(SimilarTo, picture, image))

    return work


def rank(
    asked: Sequence[Seen], among: Sequence[Seen], options: SimilarOptions, *, duplicates: bool
) -> Iterator[SimilarTo]:
    """The pictures that look like each one in `asked`, but for itself.

    Args:
        asked: pictures to find similar ones for.
        among: pictures to choose from.
        options: how many, and how alike.
        duplicates: whether `asked` is `among`: each pair is reported once, and a picture without one is left out.
    """
    from diffspot.pipeline.finding.similar import distances  # noqa: PLC0415
    from diffspot.runner.found import Alike  # noqa: PLC0415

    looks = [one.look for one in among]
    auto = NEAR_DUPLICATES if duplicates else 1.0
    threshold = auto if isinstance(options.threshold, str) else options.threshold
    for start in range(0, len(asked), AT_A_TIME):
        part = asked[start : start + AT_A_TIME]
        for number, (one, row) in enumerate(
            zip(part, distances([seen.look for seen in part], looks), strict=True), start
        ):
            others = [
                Alike(
                    name=other.picture.name, picture=path_text(other.picture.path), distance=round(float(row[index]), 6)
                )
                for index in row.argsort(kind="stable").tolist()
                if row[index] <= threshold
                and (other := among[index]).picture.path != one.picture.path
                and not (duplicates and index < number)
            ]
            if others or not duplicates:
                yield one.known(similar=tuple(others[: options.most]))


def _rows(looked: SimilarTo) -> Iterator[tuple[object, ...]]:
    for one in looked.similar:
        yield looked.name, f"{one.distance:.4f}", one.name
