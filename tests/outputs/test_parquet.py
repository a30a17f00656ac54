"""Parquet."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from msgspec.structs import replace

from diffspot.errors import OutputError
from diffspot.model import Forgiven, LeftOut, PairResult
from diffspot.outputs.parquet import LEFT_OUT, ROWS, ParquetOutput
from diffspot.outputs.stale import MARKED, MARKS
from tests.reports import awkward, pair, region, report, written

if TYPE_CHECKING:
    from diffspot.model import RunReport

reader = pytest.importorskip("pyarrow.parquet", reason="needs the extra parquet")


def encoded(made: RunReport) -> bytes:
    return written(ParquetOutput(Path("pairs.parquet"), None), made)


def rows(data: bytes) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reader.read_table(io.BytesIO(data)).to_pylist()
    return found


def test_a_row_holds_what_the_report_holds_of_a_pair() -> None:
    forgiven = Forgiven(cause="noise", pixels=9, places=2, largest=(1, 2, 3, 4))
    rich = replace(
        pair("a.png", "different", region(), region(30)),
        forgiven=(forgiven,),
        notes=("x", "y"),
        ignored=0.5,
        left_out=LeftOut(top=3),
        measures={"ssim": 0.98, "psnr": None},
        map_file="maps/a.png",
    )
    made = awkward()
    made = replace(made, pairs=(*made.pairs, rich))
    for row, one in zip(rows(encoded(made)), made.pairs, strict=True):
        known = msgspec.json.decode(msgspec.json.encode(one))
        row["measures"] = dict(row["measures"])
        width, height = known["size"] or (None, None)
        assert row == {"format": "diffspot.pairs/1", "width": width, "height": height} | {
            name: value for name, value in known.items() if name not in LEFT_OUT
        }


def test_every_field_of_a_pair_has_a_column_or_is_left_out() -> None:
    columns = set(reader.read_table(io.BytesIO(encoded(report()))).column_names)
    assert columns == set(PairResult.__struct_fields__) - LEFT_OUT | {"format", "width", "height"}


def test_batches_make_one_table() -> None:
    made, few = awkward(), rows(encoded(awkward()))
    times = ROWS // len(few) + 1
    data = encoded(replace(made, pairs=made.pairs * times))
    assert rows(data) == few * times
    assert reader.ParquetFile(io.BytesIO(data)).num_row_groups == 2


def test_the_file_tells_who_wrote_it() -> None:
    assert MARKS["pairs.parquet"] in encoded(awkward())[:MARKED]


def test_without_pyarrow_it_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(OutputError, match=r"^--parquet needs pyarrow, which is not installed; pip install"):
        encoded(report())
