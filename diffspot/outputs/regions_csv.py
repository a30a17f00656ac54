"""CSV: one row a region, or one for a pair that has none, for spreadsheets."""

from __future__ import annotations

import csv
import io
from itertools import chain
from typing import TYPE_CHECKING

from diffspot.outputs.interface import FileOutput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
    "severity",
)
MM_COLUMNS = (*(f"{side}_mm" for side in SIDES), "area_mm2")
MM_DIGITS = 4
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Text that starts so is a formula to spreadsheets, also behind white space."""


class CsvOutput(FileOutput):
    """Writes CSV as RFC 4180 has it: UTF-8, a header, quotes where needed, CR LF.

    Text that a spreadsheet would run as a formula gets an apostrophe in front. With a scale, boxes and areas stand
    there also in mm.
    """

    option = "csv"
    file_name = "regions.csv"

    def parts(self, report: RunReport) -> Iterator[bytes]:
        """See `FileOutput.parts`."""
        columns = [*REGION_COLUMNS, *(MM_COLUMNS if self.px_per_mm else ())]
        rows = (row for result in report.pairs for row in self._rows(result, len(columns)))
        return csv_parts(chain([[*PAIR_COLUMNS, *columns]], rows))

    def _rows(self, result: PairResult, columns: int) -> Iterator[list[object]]:
        """The rows of a pair, of so many cells beside its own."""
        own = _pair_cells(result)
        cells = [self._region_cells(number, region) for number, region in enumerate(result.regions, 1)]
        return ([*own, *row] for row in cells or [[""] * columns])

    def _region_cells(self, number: int, region: Region) -> list[object]:
        boxes = (*region.bbox, *region.candidate_bbox)
        cells: list[object] = [number, region.kind, *boxes, region.area, region.peak, region.mean, region.severity]
        if self.px_per_mm:
            cells += [*(in_mm(side, self.px_per_mm) for side in region.bbox), in_mm(region.area, self.px_per_mm**2)]
        return cells


def csv_parts(rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """The rows as the content of a file, line by line; no cell is run as a formula."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_guarded(cell) for cell in row])
        yield text.getvalue().encode()
        text.seek(0)
        text.truncate()


def in_mm(number: float | None, px: float) -> float | None:
    """A length or area in px, of which there are so many to a mm or square mm; None stays."""
    return None if number is None else round(number / px, MM_DIGITS)


def _pair_cells(result: PairResult) -> list[object]:
    width, height = result.size or (None, None)
    known = {"width": width, "height": height, "forgiven": sum(one.pixels for one in result.forgiven)}
    return [known[name] if name in known else getattr(result, name) for name in PAIR_COLUMNS]


def _guarded(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
