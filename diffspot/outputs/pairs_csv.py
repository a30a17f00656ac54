"""CSV: one row a pair, for spreadsheets and control charts."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from msgspec.structs import asdict

from diffspot.outputs.figures import Figures, figures, timed
from diffspot.outputs.interface import FileOutput
from diffspot.outputs.regions_csv import csv_parts, in_mm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diffspot.model import RunReport

COLUMNS = Figures.__struct_fields__
MM_COLUMNS = ("area_mm2", "shift_x_mm", "shift_y_mm")


class PairsCsvOutput(FileOutput):
    """Writes CSV of the form that `CsvOutput` has; with a scale, areas and shifts also in mm."""

    option = "csv_pairs"
    file_name = "pairs.csv"

    def parts(self, report: RunReport) -> Iterator[bytes]:
        """See `FileOutput.parts`."""
        names = list(dict.fromkeys(name for pair in report.pairs for name in pair.measures))
        header = [*COLUMNS, *names, *(MM_COLUMNS if self.px_per_mm else ())]
        rows = (
            self._cells(figures(pair, seconds), [pair.measures.get(name) for name in names])
            for pair, seconds in timed(report)
        )
        return csv_parts(chain([header], rows))

    def _cells(self, one: Figures, measured: list[float | None]) -> list[object]:
        cells = [*asdict(one).values(), *measured]
        if self.px_per_mm:
            cells += [in_mm(one.area, self.px_per_mm**2)]
            cells += [in_mm(shift, self.px_per_mm) for shift in (one.shift_x, one.shift_y)]
        return cells
