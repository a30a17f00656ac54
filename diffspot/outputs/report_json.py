"""`report.json`: everything a run found, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from diffspot.atomic import write_atomically
from diffspot.outputs.interface import Output

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.model import PairResult, RunReport

REPORT_NAME = "report.json"


def encode_report(report: RunReport) -> bytes:
    """The report as indented JSON that ends in a newline."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"


def encode_line(result: PairResult) -> bytes:
    """One pair as a line of JSON, newline included."""
    return msgspec.json.encode(result) + b"\n"


class JsonOutput(Output):
    """Writes `report.json` into a folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / REPORT_NAME

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`."""
        write_atomically(self._path, encode_report(report))
