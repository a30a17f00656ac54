"""Parquet: one row a pair, for DuckDB, Polars and pandas; of the rows, only a batch is in memory at a time."""

from __future__ import annotations

import io
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from diffspot.errors import OutputError
from diffspot.outputs.interface import FileOutput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from diffspot.model import PairResult, RunReport

ROWS = 10_000
"""Of a row group: what is in memory at a time."""
FORMAT = "diffspot.pairs/1"
"""Stands in each row and, uncompressed, at the beginning of the file, where it tells who wrote it."""
LEFT_OUT = frozenset({"size", "registration", "normalization", "options"})
"""Fields of a pair that only report.json has, or that have columns of their own."""


class ParquetOutput(FileOutput):
    """Writes a table of the pairs; regions and what was forgiven are lists of structs, as in report.json."""

    option = "parquet"
    file_name = "pairs.parquet"

    def encode(self, report: RunReport) -> bytes:
        """See `FileOutput.encode`.

        Raises:
            OutputError: pyarrow is not installed.
        """
        try:
            import pyarrow as pa  # noqa: PLC0415  slow to import, and not there without the extra
            from pyarrow import parquet  # noqa: PLC0415
        except ImportError:
            raise OutputError(
                "--parquet needs pyarrow, which is not installed; pip install 'diffspot[parquet]'."
            ) from None
        schema, data = _schema(pa), io.BytesIO()
        compression = dict.fromkeys((field.name for field in schema), "zstd") | {"format": "none"}
        with parquet.ParquetWriter(data, schema, compression=compression) as writer:
            for rows in _batches(report.pairs):
                writer.write_table(pa.Table.from_pylist(rows, schema=schema))
        return data.getvalue()


def _batches(pairs: Iterable[PairResult]) -> Iterator[list[dict[str, Any]]]:
    rows = map(_row, pairs)
    while some := list(islice(rows, ROWS)):
        yield some


def _row(pair: PairResult) -> dict[str, Any]:
    width, height = pair.size or (None, None)
    fields = {name: value for name, value in msgspec.to_builtins(pair).items() if name not in LEFT_OUT}
    return {"format": FORMAT, "width": width, "height": height, **fields}


def _schema(pa: ModuleType) -> Any:  # noqa: ANN401  pyarrow has no types
    text, number, real = pa.string(), pa.int64(), pa.float64()
    box = pa.list_(number, 4)
    region = {"kind": text, "bbox": box, "candidate_bbox": box, "area": number, "peak": real, "mean": real}
    forgiven = {"cause": text, "pixels": number, "places": number, "largest": box}
    columns = {
        "format": text,
        "name": text,
        "status": text,
        "frame": number,
        "frames": number,
        "reference": text,
        "candidate": text,
        "width": number,
        "height": number,
        "regions": pa.list_(pa.struct(list(region.items()))),
        "threshold": real,
        "tolerance": real,
        "forgiven": pa.list_(pa.struct(list(forgiven.items()))),
        "notes": pa.list_(text),
        "change": text,
        "reference_digest": text,
        "candidate_digest": text,
        "ignored": real,
        "annotated": text,
        "error": text,
    }
    return pa.schema(list(columns.items()))
