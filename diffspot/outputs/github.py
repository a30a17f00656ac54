"""GitHub Actions: annotations in the log and a summary of the step."""

from __future__ import annotations

import os
import sys
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from diffspot.errors import OutputError
from diffspot.model import one_line, printable
from diffspot.outputs.interface import Output
from diffspot.outputs.markdown import code, markdown_parts
from diffspot.outputs.words import failure, headline, pictures_of

if TYPE_CHECKING:
    from diffspot.model import PairResult, RunReport

MOST_ANNOTATIONS = 10
"""GitHub shows no more errors of one step."""
SUMMARY_BYTES = 1024 * 1024 - 1
"""GitHub drops the summary of a step, whoever writes it, from 1 MiB on."""
SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"


class GithubOutput(Output):
    """Writes annotations to standard error, which GitHub reads too: standard output stays what was asked for.

    Args:
        folder: where the annotated pictures are, if any were written.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`."""
        failing = (result for result in report.pairs if report.fails(result))
        lines = [_annotation(result) for result in islice(failing, MOST_ANNOTATIONS)]
        if more := sum(1 for _ in failing):
            lines[-1] = f"::error title=diffspot::and {more + 1} more pairs; see the summary"
        sys.stderr.buffer.write("".join(f"{line}\n" for line in lines).encode())
        sys.stderr.buffer.flush()
        if place := os.environ.get(SUMMARY_VARIABLE):
            self._append(report, Path(place))

    def _append(self, report: RunReport, path: Path) -> None:
        """Appends to what earlier commands of the step wrote."""
        try:
            with path.open("ab") as file:
                room = SUMMARY_BYTES - file.tell()
                text = b"".join(markdown_parts(report, self._paths, room))
                if len(text) <= room:
                    file.write(text)
        except OSError as error:
            raise OutputError(
                f"Cannot write the summary {printable(path)}: {error.strerror}; check {SUMMARY_VARIABLE} "
                "or give --no-github."
            ) from error

    def _paths(self, result: PairResult) -> str:
        """The first picture's path: a summary cannot link to files of the run."""
        return code(next(iter(pictures_of(result, self._folder).values()), ""))


def _annotation(result: PairResult) -> str:
    place = _property(result.reference or result.candidate or "")
    message = _data(headline(result) or result.status)
    return f"::error file={place},title={_property(f'{failure(result)}: {result.name}')}::{message}"


def _data(text: str) -> str:
    return one_line(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
