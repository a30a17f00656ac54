"""`report.json`: everything a run found, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from diffspot.errors import OptionError
from diffspot.model import RunReport
from diffspot.outputs.atomic import write_atomically
from diffspot.outputs.interface import Output

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.model import PairResult

REPORT_NAME = "report.json"


def encode_report(report: RunReport) -> bytes:
    """The report as indented JSON that ends in a newline."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"


def encode_line(result: PairResult) -> bytes:
    """One pair as a line of JSON, newline included."""
    return msgspec.json.encode(result) + b"\n"


def read_report(folder: Path) -> RunReport:
    """The report of an earlier run with this folder as its --out.

    Raises:
        OptionError: there is none, or it is of another version.
    """
    path = folder / REPORT_NAME
    try:
        return msgspec.json.decode(path.read_bytes(), type=RunReport)
    except OSError as error:
        raise OptionError(f"Cannot read {path}: {error.strerror}; name the --out folder of a run.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise OptionError(f"{path} is no report of this version ({error}); run diffspot compare again.") from error


class JsonOutput(Output):
    """Writes `report.json` into a folder."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / REPORT_NAME

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`."""
        write_atomically(self._path, encode_report(report))
