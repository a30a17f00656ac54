"""Markdown: a table of the pairs that there is something to tell of, for pull requests and wikis."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from diffspot.image_io.storage import text_path
from diffspot.model import one_line
from diffspot.outputs.interface import FileOutput
from diffspot.outputs.links import link
from diffspot.outputs.words import STOPPED, headline, is_listed, pictures_of, summary_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diffspot.model import PairResult, RunReport

HEADER = "| status | pair | what | pictures |\n|---|---|---|---|\n"
MARKUP = re.compile(r"[\\`*_\[\]<>#|&~@$]")
"""What means something inside a cell; a backslash takes the meaning from all of it."""


class MarkdownOutput(FileOutput):
    """Writes a table with links relative to the file."""

    option = "markdown"
    file_name = "summary.md"

    def parts(self, report: RunReport) -> Iterator[bytes]:
        """See `FileOutput.parts`."""
        return markdown_parts(report, self._links)

    def _links(self, result: PairResult) -> str:
        places = pictures_of(result, self.folder)
        return " ".join(f"[{name}]({link(text_path(place), self.path.parent)})" for name, place in places.items())


def markdown_parts(
    report: RunReport, pictures: Callable[[PairResult], str], limit: float = float("inf")
) -> Iterator[bytes]:
    """The summary as Markdown, UTF-8, row by row.

    Args:
        report: what was found.
        pictures: what the last cell of a pair holds, as Markdown.
        limit: bytes that it may have; rows that do not fit are counted only.
    """
    left = sum(1 for _ in _listed(report))
    stopped = f"{STOPPED}\n\n" if report.interrupted else ""
    start = f"## diffspot: {summary_line(report)}\n\n{stopped}{HEADER if left else ''}".encode()
    room = limit - len(start)
    yield start
    for result in _listed(report):
        row, rest = _row(result, pictures).encode(), f"\n{left} more pairs are not listed.\n".encode()
        room -= len(row)
        if room < len(rest):
            yield rest
            return
        yield row
        left -= 1


def _listed(report: RunReport) -> Iterator[PairResult]:
    """The pairs that there is something to tell of."""
    return (result for result in report.pairs if report.stands_out(result) or is_listed(result))


def code(text: str) -> str:
    """A code span of a table cell; nothing in it is markup, a mention or a reference."""
    text = one_line(text).replace("|", r"\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " * (text.startswith(("`", " ")) or text.endswith(("`", " ")))
    return f"{fence}{pad}{text}{pad}{fence}"


def _row(result: PairResult, pictures: Callable[[PairResult], str]) -> str:
    what = MARKUP.sub(lambda match: "\\" + match[0], one_line(headline(result)))
    return f"| {result.status} | {code(result.name)} | {what} | {pictures(result)} |\n"
