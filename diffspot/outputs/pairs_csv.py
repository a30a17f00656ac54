"""CSV: one row a pair, for spreadsheets and control charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import asdict

from diffspot.outputs.figures import Figures, all_figures
from diffspot.outputs.interface import FileOutput
from diffspot.outputs.regions_csv import encode_rows, in_mm

if TYPE_CHECKING:
    from diffspot.model import RunReport

COLUMNS = Figures.__struct_fields__
MM_COLUMNS = ("area_mm2", "shift_x_mm", "shift_y_mm")


class PairsCsvOutput(FileOutput):
    """Writes CSV of the form that `CsvOutput` has; with a scale, areas and shifts also in mm."""

    option = "csv_pairs"
    file_name = "pairs.csv"

    def encode(self, report: RunReport) -> bytes:
        """See `FileOutput.encode`."""
        found = [pair.measures for pair in report.pairs]
        names = list(dict.fromkeys(name for own in found for name in own))
        header = [*COLUMNS, *names, *(MM_COLUMNS if self.px_per_mm else ())]
        rows = zip(all_figures(report), found, strict=True)
        return encode_rows([header, *(self._cells(one, [own.get(name) for name in names]) for one, own in rows)])

    def _cells(self, one: Figures, measured: list[float | None]) -> list[object]:
        cells = [*asdict(one).values(), *measured]
        if self.px_per_mm:
            cells += [in_mm(one.area, self.px_per_mm**2)]
            cells += [in_mm(shift, self.px_per_mm) for shift in (one.shift_x, one.shift_y)]
        return cells
