"""`index.html`: the report as a page for people, which works from the disk and asks for nothing else."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from diffspot.errors import OptionError, OutputError
from diffspot.image_io.storage import to_path
from diffspot.model import printable
from diffspot.options.fields import NOTHING
from diffspot.options.options import Options
from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.interface import Output
from diffspot.outputs.stale import is_written, remove_written, renewed

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from diffspot.model import RunReport
    from diffspot.outputs.bounds import Bounds
    from diffspot.outputs.history import History
    from diffspot.outputs.html.pictures import ShownPictures

INDEX_NAME = "index.html"
PARTS = "index-[0-9]*.html"
"""Further parts of the page, where the report is large."""
COPIES = "pictures"
"""Folder of the copies, beside the page."""


def find_parts(folder: Path) -> list[Path]:
    """The further parts of the page in a folder, of whichever run."""
    return [*folder.glob(PARTS)]


def refuse_foreign(files: Iterable[Path]) -> None:
    """Refuses to replace a file that has the name of the page, or of a part of it, and that diffspot did not write.

    Raises:
        OutputError: names it.
    """
    for file in files:
        if file.is_file() and not is_written(file):
            raise OutputError(
                f"--html would replace {printable(file)}, which diffspot did not write; move it, or name another "
                "folder with --out."
            )


class HtmlOutput(Output):
    """Writes `index.html` into a folder, more parts beside it where the report is large, and copies of the pictures.

    Args:
        folder: of the page.
        options: how it shows them: copied or linked, in which order and unit; the history that it draws trends of.
        again: whether it is made again of the report that lies there.
        bounds: how far a report that others made reaches; None trusts it.
    """

    path: Path

    def __init__(
        self, folder: Path, options: Options | None = None, *, again: bool = False, bounds: Bounds | None = None
    ) -> None:
        self._folder = folder
        self._options = options or Options()
        self._again = again
        self._bounds = bounds
        self.path = folder / INDEX_NAME
        self._copying = True

    def hurry(self) -> None:
        """See `Output.hurry`; copies are left out."""
        self._copying = False

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`."""
        from diffspot.outputs.html.pictures import ShownPictures  # noqa: PLC0415  most runs have no page

        pictures = ShownPictures(
            self._folder,
            pictures=self._options.pictures,
            copying=self._copying,
            again=self._again,
            dpi_of=lambda pair: report.option(pair, "dpi"),
            bounds=self._bounds,
        )
        try:
            with renewed(self.path, *find_parts(self._folder)):
                self._write(report, pictures)
        finally:
            pictures.end()  # no copy of an earlier run is left, whether or not there is a page
        if failures := pictures.failures:
            more = f" ({len(failures) - 1} more pictures)" if len(failures) > 1 else ""
            raise OutputError(f"{failures[0]}{more}")

    def _write(self, report: RunReport, pictures: ShownPictures) -> None:
        """Writes the parts of the page, the first last: it is there once all others are."""
        from diffspot.outputs.html.page import render  # noqa: PLC0415  jinja2 is slow to import
        from diffspot.outputs.html.parts import page_parts, part_name  # noqa: PLC0415

        history, first = self._history(), b""
        stale = {place.name: place for place in find_parts(self._folder)}
        for part in page_parts(report, self._options.sort):
            refuse_foreign(self._folder / name for name in part.files if part.number == 1)
            page = render(report, part, pictures.show(part.pairs), self._options, history).encode()
            stale.pop(part_name(part.number), None)
            if part.number == 1:
                first = page
            else:
                write_atomically(self._folder / part_name(part.number), page)
        write_atomically(self.path, first)
        for place in stale.values():
            remove_written(place)

    def _history(self) -> History | None:
        """The history that the run was appended to; where that failed, the page has no trends."""
        from diffspot.outputs.history import HistoryOutput, read_history  # noqa: PLC0415  most runs have none

        if self._options.history == NOTHING:
            return None
        with suppress(OptionError):
            return read_history(HistoryOutput.place(to_path(self._options.history)))
        return None
