"""Parquet: one row a pair, for DuckDB, Polars and pandas; of the rows, only a batch is in memory at a time."""

from __future__ import annotations

import io
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import inspect

from diffspot.errors import OutputError
from diffspot.model import PairResult
from diffspot.outputs.interface import FileOutput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import ModuleType

    from diffspot.model import RunReport

ROWS = 10_000
"""Rows of a group, which is in memory at a time."""
FORMAT = "diffspot.pairs/1"
"""Stands in each row and, uncompressed, at the beginning of the file, which shows that diffspot wrote it."""
LEFT_OUT = frozenset({"size", "split", "registration", "normalization", "options"})
"""Fields of a pair that only report.json has, or that have columns of their own."""
NUMBERS: dict[type[inspect.Type], str] = {inspect.IntType: "int64", inspect.FloatType: "float64"}
"""Types of pyarrow by those of fields; all others are text."""


class ParquetOutput(FileOutput):
    """Writes a table of the pairs; regions and what was forgiven are lists of structs, as in report.json."""

    option = "parquet"
    file_name = "pairs.parquet"

    def parts(self, report: RunReport) -> Iterator[bytes]:
        """See `FileOutput.parts`.

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
        schema, written = _schema(pa), _Written()
        compression = dict.fromkeys((field.name for field in schema), "zstd") | {"format": "none"}
        with parquet.ParquetWriter(written, schema, compression=compression) as writer:
            for rows in _batches(report.pairs):
                writer.write_table(pa.Table.from_pylist(rows, schema=schema))
                yield written.take()
        yield written.take()


class _Written(io.RawIOBase):
    """A file that holds only what was not taken from it yet."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def writable(self) -> bool:
        """See `io.RawIOBase.writable`."""
        return True

    def write(self, data: Any) -> int:  # noqa: ANN401  whatever has bytes
        """See `io.RawIOBase.write`."""
        self._parts.append(bytes(data))
        self._length += len(data)
        return len(data)

    def tell(self) -> int:
        """Bytes written from the beginning."""
        return self._length

    def take(self) -> bytes:
        """What was written since."""
        data = b"".join(self._parts)
        self._parts.clear()
        return data


def _batches(pairs: Iterable[PairResult]) -> Iterator[list[dict[str, Any]]]:
    rows = map(_row, pairs)
    while some := list(islice(rows, ROWS)):
        yield some


def _row(pair: PairResult) -> dict[str, Any]:
    width, height = pair.size or (None, None)
    fields = {name: value for name, value in msgspec.to_builtins(pair).items() if name not in LEFT_OUT}
    return {"format": FORMAT, "width": width, "height": height, **fields}


def _schema(pa: ModuleType) -> Any:  # noqa: ANN401  pyarrow has no types
    columns = [pa.field("format", pa.string())]
    for column in _column(pa, inspect.type_info(PairResult)):
        if column.name == "size":
            columns += [pa.field(side, pa.int64()) for side in ("width", "height")]
        elif column.name not in LEFT_OUT:
            columns += [column]
    return pa.schema(columns)


def _column(pa: ModuleType, kind: inspect.Type) -> Any:  # noqa: ANN401
    """The type of a column for values of a type; null may stand in any."""
    match kind:
        case inspect.Metadata(type=one) | inspect.UnionType(types=(one, inspect.NoneType())):
            return _column(pa, one)
        case inspect.StructType(fields=fields):
            return pa.struct([(field.name, _column(pa, field.type)) for field in fields])
        case inspect.VarTupleType(item_type=one):
            return pa.list_(_column(pa, one))
        case inspect.TupleType(item_types=items):
            return pa.list_(_column(pa, items[0]), len(items))
        case inspect.DictType(value_type=one):
            return pa.map_(pa.string(), _column(pa, one))
    return getattr(pa, NUMBERS.get(type(kind), "string"))()
