"""CSV: one row a region, or one for a pair that has none, for spreadsheets."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from diffspot.outputs.interface import FileOutput

if TYPE_CHECKING:
    from diffspot.model import PairResult, Region, RunReport

PAIR_COLUMNS = (
    "name",
    "status",
    "reference",
    "candidate",
    "width",
    "height",
    "threshold",
    "forgiven",
    "annotated",
    "error",
)
SIDES = ("x", "y", "w", "h")
REGION_COLUMNS = (
    "region",
    "kind",
    *SIDES,
    *(f"candidate_{side}" for side in SIDES),
    "area",
    "peak",
    "mean",
)
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Text that starts so is a formula to spreadsheets, also behind white space."""


class CsvOutput(FileOutput):
    """Writes CSV as RFC 4180 has it: UTF-8, a header, quotes where needed, CR LF.

    Text that a spreadsheet would run as a formula gets an apostrophe in front.
    """

    option = "csv"
    file_name = "regions.csv"

    def encode(self, report: RunReport) -> bytes:
        """See `FileOutput.encode`."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow([*PAIR_COLUMNS, *REGION_COLUMNS])
        for result in report.pairs:
            own = _pair_cells(result)
            rows = [_region_cells(number, region) for number, region in enumerate(result.regions, 1)]
            for row in rows or [[""] * len(REGION_COLUMNS)]:
                writer.writerow([_guarded(cell) for cell in (*own, *row)])
        return text.getvalue().encode()


def _pair_cells(result: PairResult) -> list[object]:
    width, height = result.size or (None, None)
    known = {"width": width, "height": height, "forgiven": sum(one.pixels for one in result.forgiven)}
    return [known[name] if name in known else getattr(result, name) for name in PAIR_COLUMNS]


def _region_cells(number: int, region: Region) -> list[object]:
    boxes = (*region.bbox, *region.candidate_bbox)
    return [number, region.kind, *boxes, region.area, region.peak, region.mean]


def _guarded(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
