"""A picture of each stage of each pair, in a folder of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.errors import OutputError
from diffspot.model import path_text, printable, text_path
from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.bounds import real, refuse_outside
from diffspot.outputs.interface import Output
from diffspot.outputs.stale import remove_all_stale

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from diffspot.model import PairResult, RunReport
    from diffspot.outputs.interface import Pictures

SUFFIX = ".stage.png"
"""What the name of every such picture ends in; a later run removes those that it did not write."""
COMPARED = frozenset({"same", "different"})
"""Statuses of pairs that went through the stages."""


class StagesOutput(Output):
    """Writes `DIRECTORY/<name>/1-aligned.stage.png` and so on.

    Args:
        folder: the directory.
    """

    maps = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def draw(self, result: PairResult, pictures: Pictures) -> PairResult:
        """See `Output.draw`."""
        if pictures.maps is None:
            return result
        from diffspot.image_io import encode_png  # noqa: PLC0415
        from diffspot.outputs.drawing.stages import draw_stages  # noqa: PLC0415  OpenCV is slow to import

        place = self._folder / text_path(result.name)
        for name, drawn in draw_stages(pictures.maps, result.regions).items():
            path = place / f"{name}{SUFFIX}"
            refuse_outside(path, self._folder)
            write_atomically(path, encode_png(drawn), way_out="name another with --stages", durable=False)
        return result

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`."""
        kept = {result.name for result in report.pairs if result.status in COMPARED}
        found = self._folder.rglob(f"*{SUFFIX}")
        stale = [path for path in found if path_text(path.parent.relative_to(self._folder)) not in kept]
        remove_all_stale(stale, self._folder)


def open_stages(folder: Path, inputs: Iterable[Path], confined: Mapping[str, Path]) -> StagesOutput:
    """The output, once nothing speaks against its directory.

    Args:
        folder: the directory.
        inputs: the directories that are compared.
        confined: see `open_outputs`.

    Raises:
        OutputError: it lies in an input, is a file, or lies outside of where a configuration file may have it.
    """
    for directory in inputs:
        if real(folder).is_relative_to(real(directory)):
            raise OutputError(
                f"--stages {printable(folder)} lies in the input {printable(directory)}, and the next run would take "
                "the results for pictures; name a folder outside it."
            )
    if (within := confined.get("stages")) and not real(folder).is_relative_to(real(within)):
        raise OutputError(
            f"The configuration file names {printable(folder)}, which lies outside its folder "
            f"{printable(real(within))}; name it with --stages, or the configuration with --config."
        )
    return StagesOutput(folder)
