"""Markdown: a table of the pairs that there is something to tell of, for pull requests and wikis."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from diffspot.model import one_line, text_path
from diffspot.outputs.interface import FileOutput
from diffspot.outputs.links import link
from diffspot.outputs.words import headline, notable, pictures_of, summary_line

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffspot.model import PairResult, RunReport

HEADER = "| status | pair | what | pictures |\n|---|---|---|---|\n"
MARKUP = re.compile(r"[\\`*_\[\]<>#|&~@$]")
"""What means something inside a cell; a backslash takes the meaning from all of it."""


class MarkdownOutput(FileOutput):
    """Writes a table with links relative to the file."""

    option = "markdown"
    file_name = "summary.md"

    def encode(self, report: RunReport) -> bytes:
        """See `FileOutput.encode`."""
        return render(report, self._links)

    def _links(self, result: PairResult) -> str:
        places = pictures_of(result, self.folder)
        return " ".join(f"[{name}]({link(text_path(place), self.path.parent)})" for name, place in places.items())


def render(report: RunReport, pictures: Callable[[PairResult], str], limit: float = float("inf")) -> bytes:
    """The summary as Markdown, UTF-8.

    Args:
        report: what was found.
        pictures: what the last cell of a pair holds, as Markdown.
        limit: bytes that it may have; rows that do not fit are counted only.
    """
    text = bytearray(f"## diffspot: {summary_line(report)}\n\n".encode())
    if report.interrupted:
        text += b"The run was stopped; the pairs are only the first.\n\n"
    listed = [result for result in report.pairs if report.stands_out(result) or notable(result)]
    text += HEADER.encode() if listed else b""
    for index, result in enumerate(listed):
        row, rest = _row(result, pictures).encode(), f"\n{len(listed) - index} more pairs are not listed.\n".encode()
        if len(text) + len(row) + len(rest) > limit:
            text += rest
            break
        text += row
    return bytes(text)


def code(text: str) -> str:
    """A code span of a table cell; nothing in it is markup, a mention or a reference."""
    text = one_line(text).replace("|", r"\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", text)), default=0) + 1)
    pad = " " * (text.startswith(("`", " ")) or text.endswith(("`", " ")))
    return f"{fence}{pad}{text}{pad}{fence}"


def _row(result: PairResult, pictures: Callable[[PairResult], str]) -> str:
    what = MARKUP.sub(lambda match: "\\" + match[0], one_line(headline(result)))
    return f"| {result.status} | {code(result.name)} | {what} | {pictures(result)} |\n"
