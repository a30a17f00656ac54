"""Severity, the figures of a pair, and the CSV of pairs, read back."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from diffspot import compare
from diffspot.errors import OptionError
from diffspot.model import Region, Registration
from diffspot.options.options import make_options
from diffspot.outputs.figures import figures
from diffspot.outputs.pairs_csv import PairsCsvOutput
from diffspot.outputs.regions_csv import CsvOutput
from diffspot.outputs.words import box_text, in_order
from tests.reports import awkward, pair, region, report, written

if TYPE_CHECKING:
    from diffspot.model import PairResult


def rows(output: type[CsvOutput | PairsCsvOutput], scale: float | None, *pairs: PairResult) -> list[dict[str, str]]:
    data = written(output(Path("x.csv"), None, scale), report(*pairs))
    return list(csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True))


def test_severity_is_the_difference_in_px_of_black_on_white() -> None:
    white = np.full((80, 120), 255, np.uint8)
    dark, grey = white.copy(), white.copy()
    dark[20:30, 40:60], grey[20:30, 40:60] = 0, 204
    assert [compare(white, other).severity for other in (dark, grey, white)] == [200.0, 40.0, 0.0]
    both = dark.copy()
    both[60:70, 90:110] = 204
    result = compare(white, both)
    assert [one.severity for one in result.regions] == [200.0, 40.0]
    assert result.severity == 240.0


def test_severity_is_what_area_and_mean_say_whatever_a_report_holds() -> None:
    text = '{"bbox":[0,0,4,4],"candidate_bbox":[0,0,4,4],"area":9,"peak":0.5,"mean":0.25,"severity":1e9}'
    assert msgspec.json.decode(text, type=Region).severity == 2.25
    assert replace(region(), area=7).severity == 3.5
    assert pair("a.png", "added").severity is None


def test_the_middle_of_the_picture_tells_the_shift() -> None:
    turn = math.radians(2)
    cos, sin, (x, y) = math.cos(turn), math.sin(turn), (32, 24)
    about_the_middle = ((cos, -sin, x - cos * x + sin * y + 3), (sin, cos, y - sin * x - cos * y - 5), (0.0, 0.0, 1.0))
    turned = replace(pair("a.png"), registration=Registration(method="euclidean", matrix=about_the_middle))
    found = figures(turned, 0.5)
    assert (found.shift_x, found.shift_y, found.angle) == (3.0, -5.0, 2.0)
    assert (found.regions, found.area, found.share, found.peak) == (1, 120, round(120 / (64 * 48), 6), 0.75)
    laid_out = replace(turned, registration=Registration(method="layout"))
    assert figures(laid_out, None).shift_x is None


def test_a_row_a_pair_in_the_order_of_the_report() -> None:
    found = rows(PairsCsvOutput, None, pair("b.png", "different", region(), region(x=30)), pair("a.png", "added"))
    assert found[0] == {
        "name": "b.png", "status": "different", "regions": "2", "area": "240", "share": "0.078125", "peak": "0.75",
        "severity": "120.0", "confidence": "", "shift_x": "", "shift_y": "", "angle": "", "seconds": "0.25",
    }  # fmt: skip
    assert (found[1]["name"], found[1]["share"], found[1]["severity"]) == ("a.png", "", "")


def test_measures_have_a_column_each() -> None:
    pairs = [replace(pair("a.png"), measures=own) for own in ({"psnr": 31.5}, {"ssim": 0.9, "psnr": None})]
    found = rows(PairsCsvOutput, None, *pairs, pair("new.png", "added"))
    assert [(row["psnr"], row["ssim"]) for row in found] == [("31.5", ""), ("", "0.9"), ("", "")]


def test_every_name_comes_back() -> None:
    made = awkward()
    data = written(PairsCsvOutput(Path("x"), None), made)
    found = [row["name"] for row in csv.DictReader(io.StringIO(data.decode(), newline=""))]
    assert [name.removeprefix("'") for name in found] == [one.name for one in made.pairs]


def test_a_scale_adds_millimetres() -> None:
    moved = replace(pair("a.png"), registration=Registration(matrix=((1.0, 0, 5.0), (0, 1.0, -10.0), (0, 0, 1.0))))
    (of_pair,) = rows(PairsCsvOutput, 20.0, moved)
    assert [of_pair[key] for key in ("area_mm2", "shift_x_mm", "shift_y_mm")] == ["0.3", "0.25", "-0.5"]
    (of_region,) = rows(CsvOutput, 20.0, moved)
    assert [of_region[f"{side}_mm"] for side in "xywh"] == ["0.4", "0.25", "0.6", "0.5"]
    assert (of_region["x"], of_region["area"], of_region["area_mm2"], of_region["severity"]) == (
        "8",
        "120",
        "0.3",
        "60.0",
    )
    assert box_text(region(), 20.0) == "8,5,12,10 (0.4,0.25,0.6,0.5 mm)"


def test_a_unit_needs_its_scale() -> None:
    with pytest.raises(OptionError, match=r"--unit cannot be 'mm': expected px, or mm with --scale PX_PER_MM"):
        make_options({"unit": "mm"})
    assert make_options({"unit": "mm", "scale": "20"}).px_per_mm == 20
    assert make_options({"scale": "20"}).px_per_mm is None


def test_pairs_are_ordered_by_severity_and_by_name() -> None:
    names = ["page10.png", "page9.png", "new.png", "bad.png", "same.png", "page" + "1" * 5000]
    kinds = [("different", region()), ("different", region(w=40)), ("added",), ("error",), ("same",), ("same",)]
    pairs = [pair(name, *kind) for name, kind in zip(names, kinds, strict=True)]
    assert [one.name for one in in_order(pairs, "input")] == names
    worst = ["bad.png", "page9.png", "page10.png", "new.png", "same.png", names[5]]
    assert [one.name for one in in_order(pairs, "severity")] == worst
    by_name = ["bad.png", "new.png", "page9.png", "page10.png", names[5], "same.png"]
    assert [one.name for one in in_order(pairs, "name")] == by_name
