"""CSV, read back."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from diffspot.outputs.regions_csv import CsvOutput
from tests.reports import awkward, pair, region, report, written

if TYPE_CHECKING:
    from diffspot.model import RunReport


def rows(made: RunReport) -> list[dict[str, str]]:
    data = written(CsvOutput(Path("regions.csv"), None), made)
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


def test_one_row_a_region_and_one_for_a_pair_without() -> None:
    found = rows(report(pair("two.png", "different", region(), region(x=30)), pair("new.png", "added")))
    assert [(row["name"], row["status"], row["region"]) for row in found] == [
        ("two.png", "different", "1"),
        ("two.png", "different", "2"),
        ("new.png", "added", ""),
    ]
    second = found[1]
    assert [second[key] for key in ("x", "y", "w", "h", "area", "peak", "mean")] == [
        "30", "5", "12", "10", "120", "0.75", "0.5",
    ]  # fmt: skip
    assert [second[f"candidate_{key}"] for key in "xywh"] == ["31", "7", "12", "10"]
    assert (second["width"], second["height"], second["threshold"]) == ("64", "48", "0.12")


def test_every_name_comes_back() -> None:
    made = awkward()
    assert [row["name"] for row in rows(made)] == [one.name for one in made.pairs]
    assert all(None not in row and None not in row.values() for row in rows(made))


def test_lines_end_as_the_rfc_says() -> None:
    data = written(CsvOutput(Path("x"), None), report(pair("plain.png", "same")))
    assert data.count(b"\r\n") == data.count(b"\n") == 2
    assert data.startswith(b"name,status,")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_a_formula(start: str) -> None:
    (row,) = rows(report(pair(f"{start}1+1.png", "error")))
    assert row["name"] == f"'{start}1+1.png"


def test_numbers_are_no_formulas() -> None:
    (row,) = rows(report(pair("x.png", "different", region(x=-3))))
    assert row["x"] == "-3"
