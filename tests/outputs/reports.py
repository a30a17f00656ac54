"""Runs whose HTML reports the tests look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot import __version__
from diffspot.image_io import encode_png
from diffspot.model import PairResult, Region, Registration, RunReport, Summary, Times, Tool
from diffspot.options.options import Options, result_options
from diffspot.outputs.html import INDEX_NAME, HtmlOutput, page
from diffspot.outputs.html.parts import page_parts
from diffspot.outputs.html.pictures import ShownPictures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from diffspot.errors import OutputError
    from diffspot.model import Matrix, Status
    from diffspot.outputs.html.pictures import Shown

RED, BLUE, WHITE = (200, 0, 0), (0, 0, 200), (255, 255, 255)
SIDE = 100  # px


def plain(colour: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.full((SIDE, SIDE, 3), colour, np.uint8)


def write(path: Path, pixels: NDArray[np.uint8]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_png(pixels))
    return path


def region(x: int, y: int, width: int = 10, height: int = 10, **fields: object) -> Region:
    box = (x, y, width, height)
    return Region(**{"bbox": box, "candidate_bbox": box, "area": width * height, "peak": 0.5, "mean": 0.25} | fields)


def result(root: Path, name: str, status: Status = "different", **fields: object) -> PairResult:
    """A pair of the red and the blue picture below `root`, written where they are missing."""
    paths = {}
    for side, colour in (("reference", RED), ("candidate", BLUE)):
        path = root / f"{side}.png"
        paths[side] = str(path if path.exists() else write(path, plain(colour)))
    compared = {"size": (SIDE, SIDE), "threshold": 0.1, "tolerance": 0, "registration": Registration()}
    return PairResult(**paths | compared | {"name": name, "status": status} | fields)


def moved(method: str, matrix: Matrix) -> Registration:
    return Registration(method=method, matrix=matrix, confidence=0.9)


def report_of(pairs: Sequence[PairResult]) -> RunReport:
    counts = {status: sum(pair.status == status for pair in pairs) for status in Summary.__struct_fields__}
    return RunReport(
        tool=Tool(name="diffspot", version=__version__),
        options=result_options(Options()) | {"dpi": 144},
        summary=Summary(**counts | {"pairs": len(pairs)}),
        pairs=tuple(pairs),
        times=Times(started="2026-01-01T12:00:00+00:00", seconds=1.5),
    )


def publish(folder: Path, pairs: Sequence[PairResult], **options: object) -> str:
    """Writes the report of `pairs` into `folder`; gives its address."""
    HtmlOutput(folder, Options(**options)).finish(report_of(pairs))
    return (folder / INDEX_NAME).as_uri()


def show_pictures(
    pairs: Sequence[PairResult],
    folder: Path,
    **options: Any,  # noqa: ANN401  those of ShownPictures
) -> tuple[list[Shown], list[OutputError]]:
    """The links of all pairs of a page, once their copies are written and others removed, and what failed."""
    shown = ShownPictures(folder, **options)
    links = shown.show(pairs)
    shown.end()
    return links, shown.failures


def render(report: RunReport, shown: Sequence[Shown]) -> str:
    """The page of a report that has one part."""
    (part,) = page_parts(report, "input")
    return page.render(report, part, shown)
