"""`index.html`: the report as a page for people, which works from the disk and asks for nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.interface import Output

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.model import RunReport

INDEX_NAME = "index.html"
COPIES = "pictures"
"""Folder of the copies, beside the page."""


class HtmlOutput(Output):
    """Writes `index.html` into a folder, and PNG copies of the pictures that browsers do not show."""

    path: Path

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.path = folder / INDEX_NAME

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`."""
        from diffspot.outputs.html.page import render  # noqa: PLC0415  jinja2 is slow to import
        from diffspot.outputs.html.pictures import show_pictures  # noqa: PLC0415

        page = render(report, show_pictures(report.pairs, self._folder))
        write_atomically(self.path, page.encode())
