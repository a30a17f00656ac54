"""What an earlier run wrote into the folder of --out does not stay beside the report of another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.image_io.storage import text_path
from diffspot.outputs.bounds import real
from diffspot.outputs.html import INDEX_NAME, find_parts
from diffspot.outputs.html.copies import find_copies
from diffspot.outputs.interface import Output
from diffspot.outputs.stale import MARKS, remove_all_stale, remove_written

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from diffspot.model import RunReport
    from diffspot.outputs.earlier_report import EarlierReport


class EarlierOutputs(Output):
    """Removes the files that an earlier run wrote and this one does not.

    They are those that its report names and those with the usual names, and only files in which stands that diffspot
    wrote them: the report is not believed.

    Args:
        folder: of --out.
        earlier: what the earlier run left there.
        renewed: the files that this run writes, links followed.
    """

    def __init__(self, folder: Path, earlier: EarlierReport, renewed: Collection[Path]) -> None:
        self._folder = folder
        self._earlier = earlier
        self._renewed = frozenset(renewed)

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`; reads the earlier report, so it runs before that is replaced."""
        del report
        for name in sorted({*MARKS, *self._earlier.outputs}):
            path = real(self._folder / text_path(name))
            if path not in self._renewed and path.is_relative_to(real(self._folder)):
                remove_written(path)
        if real(self._folder / INDEX_NAME) not in self._renewed:
            for part in find_parts(self._folder):
                remove_written(part)
            remove_all_stale(find_copies(self._folder), self._folder)
