"""A picture of each stage of each pair, below the folder of --stages."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from diffspot.errors import OutputError
from diffspot.image_io.storage import text_path
from diffspot.model import printable
from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.bounds import real, refuse_outside
from diffspot.outputs.interface import Output
from diffspot.outputs.kept import keep_apart, refuse_unconfined
from diffspot.outputs.stale import remove_all_stale

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from diffspot.model import ImagePair, PairResult, RunReport
    from diffspot.outputs.earlier_report import EarlierReport
    from diffspot.outputs.interface import Pictures

SUFFIX = ".stage.png"
"""What the name of every such picture ends in; a later run removes those of its pairs and of an earlier report's."""
STAGES = ("1-aligned", "2-blurred", "3-score", "4-threshold", "5-mask", "6-opened", "7-components", "8-boxes")
COMPARED = frozenset({"same", "different"})
"""Statuses of pairs that went through the stages."""


class StagesOutput(Output):
    """Writes `DIRECTORY/<name>/1-aligned.stage.png` and so on.

    Args:
        folder: the directory.
        earlier: what the earlier run left in the folder of --out, if there is one.
    """

    maps = True

    def __init__(self, folder: Path, earlier: EarlierReport | None) -> None:
        self._folder = folder
        self._earlier = earlier

    def draw(self, result: PairResult, pictures: Pictures) -> PairResult:
        """See `Output.draw`."""
        if pictures.maps is None:
            return result
        from diffspot.image_io import encode_png  # noqa: PLC0415
        from diffspot.outputs.drawing.stages import draw_stages  # noqa: PLC0415  OpenCV is slow to import

        drawn_stages = draw_stages(pictures.maps, result.regions)
        for path, drawn in zip(self.unnamed(result), drawn_stages, strict=True):
            refuse_outside(path, self._folder)
            write_atomically(path, encode_png(drawn), way_out="name another with --stages", durable=False)
        return result

    def unnamed(self, result: PairResult) -> list[Path]:
        """See `Output.unnamed`."""
        place = self._folder / text_path(result.name)
        return [place / f"{stage}{SUFFIX}" for stage in STAGES] if result.status in COMPARED else []

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`; reads the earlier report, so it runs before that is replaced."""
        kept = {result.name for result in report.pairs if result.status in COMPARED}
        earlier = self._earlier.pairs if self._earlier else ()
        gone = {result.name for result in (*report.pairs, *earlier)} - kept
        stale = [path for name in gone for path in (self._folder / text_path(name)).glob(f"*{SUFFIX}")]
        remove_all_stale(stale, self._folder)


def open_stages(
    folder: Path,
    inputs: Iterable[Path],
    pairs: Iterable[ImagePair],
    confined: Mapping[str, Path],
    earlier: EarlierReport | None,
) -> StagesOutput:
    """The output, once nothing speaks against its directory.

    Args:
        folder: the directory.
        inputs: the directories that are compared.
        pairs: their pictures must not lie where pictures of stages do.
        confined: see `open_outputs`.
        earlier: what the earlier run left in the folder of --out, if there is one.

    Raises:
        OutputError: it lies in an input, is a file, would be written where a picture lies, or lies outside of where a
            configuration file may have it.
    """
    inputs = [*inputs]
    for directory in inputs:
        keep_apart(folder, directory, flag="--stages")
    if within := confined.get("stages"):
        refuse_unconfined(folder, within, "--stages")
    _keep_inputs(folder, [*map(real, inputs)], [*pairs])
    return StagesOutput(folder, earlier)


def _keep_inputs(folder: Path, sources: Iterable[Path], pairs: Sequence[ImagePair]) -> None:
    """Refuses pairs by whose names their stages would lie in an input, or where a picture lies that is read.

    Raises:
        OutputError: this is so.
    """
    places = {real(folder) / text_path(pair.name) for pair in pairs}
    within = (place for source in sources for place in places if place.is_relative_to(source))
    pictures = chain.from_iterable(pair.pictures for pair in pairs)
    among = (picture for picture in pictures if not places.isdisjoint((real(picture), *real(picture).parents)))
    if taken := next(chain(within, among), None):
        raise OutputError(
            f"--stages {printable(folder)} would write stages to where {printable(taken)} lies, which is read; name "
            "another folder."
        )
