"""`--split`, `--pair-by`, `--top` and `--max-box` as a user meets them, and what the outputs make of them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import jsonschema
import numpy as np
import pytest

from diffspot.image_io import decode, encode_png
from tests.in_process import diffspot
from tests.pictures import changed, plain, save
from tests.pipeline.sheets import SHEETS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def sheets(tmp_path: Path) -> Path:
    """A folder with two sheets, one of them in a folder of its own, and one picture that is none."""
    folder = tmp_path / "sheets"
    save(folder / "framed.png", SHEETS["framed"]().pixels)
    save(folder / "deep" / "below.png", SHEETS["bare-below"]().pixels)
    return folder


def report_of(*arguments: object) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(diffspot("compare", *arguments, "--json").stdout)
    return report


def test_a_directory_of_sheets(sheets: Path, tmp_path: Path) -> None:
    save(sheets / "alone.png", plain())
    done = diffspot(
        "compare", sheets, "--split", "auto", "-o", tmp_path / "out", "--html", "--coco", tmp_path / "c.json"
    )
    assert done.returncode == 2
    assert (
        "alone.png shows no two panels that are alike and lie side by side or one above the other; leave it out, "
        "name the way with --split left-right or top-bottom, or give both pictures as files." in done.stdout
    )
    report = json.loads((tmp_path / "out" / "report.json").read_bytes())
    jsonschema.validate(report, json.loads(diffspot("schema").stdout))
    pairs = {pair["name"]: pair for pair in report["pairs"]}
    assert {name: pair["status"] for name, pair in pairs.items()} == {
        "alone.png": "error",
        "deep/below.png": "different",
        "framed.png": "different",
    }
    assert pairs["framed.png"]["split"] == {
        "direction": "left-right",
        "size": [860, 336],
        "cut": 430,
        "reference": [18, 18, 400, 300],
        "candidate": [442, 18, 400, 300],
    }
    drawn = decode((tmp_path / "out" / "annotated" / "framed.png").read_bytes(), tmp_path).pixels
    assert drawn.shape == (300, 400, 3)


def test_the_page_and_coco_know_the_panels(sheets: Path, tmp_path: Path) -> None:
    coco = tmp_path / "c.json"
    diffspot(
        "compare", sheets / "framed.png", "--split", "left-right", "-o", tmp_path / "out", "--html", "--coco", coco
    )
    pixels = SHEETS["framed"]().pixels
    for side, (x, y) in (("reference", (18, 18)), ("candidate", (442, 18))):
        copy = decode((tmp_path / "out/pictures" / side / "framed.png.copy.png").read_bytes(), tmp_path).pixels
        assert np.array_equal(copy, pixels[y : y + 300, x : x + 400])
    found, report = json.loads(coco.read_bytes()), json.loads((tmp_path / "out/report.json").read_bytes())
    assert found["images"][0]["width"] == pixels.shape[1]
    for annotation, region in zip(found["annotations"], report["pairs"][0]["regions"], strict=True):
        x, y, *size = region["bbox"]
        assert annotation["bbox"] == [x + 18, y + 18, *size]


def test_a_sheet_is_not_accepted(sheets: Path, tmp_path: Path) -> None:
    before = (sheets / "framed.png").read_bytes()
    diffspot("compare", sheets, "--split", "auto", "-o", tmp_path / "out")
    done = diffspot("accept", tmp_path / "out", cwd=tmp_path)
    assert "2 left alone: sheet that shows both pictures" in done.stdout + done.stderr
    assert (sheets / "framed.png").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("framed.png", "framed.png", "--split", "auto"), "--split cuts sheets that show both pictures"),
        (("--pairs", "framed.png", "--split", "auto"), "--split cuts single sheets"),
        (("framed.png", "--split", "middle"), "--split"),
        (("framed.png",), "if it shows both pictures, add --split"),
        ((".", "--pair-by", "size"), "--pair-by"),
    ],
)
def test_what_cannot_be_split(sheets: Path, arguments: tuple[str, ...], said: str) -> None:
    done = diffspot("compare", *arguments, cwd=sheets)
    assert done.returncode == 2
    assert said in done.stderr


def test_rules_do_not_make_pairs(sheets: Path) -> None:
    (sheets / "diffspot.toml").write_text('[[rules]]\nmatch = "*"\nsplit = "auto"\n')
    done = diffspot("compare", ".", cwd=sheets)
    assert done.returncode == 2
    assert "split in diffspot.toml, rule 1 is for the whole run" in done.stderr


def test_folders_pair_by_order_and_a_hint_says_so(tmp_path: Path) -> None:
    for number, picture in enumerate((plain(), changed())):
        save(tmp_path / "ref" / f"img{number + 9}.png", plain())
        save(tmp_path / "cand" / f"scan{number + 99}.png", picture)
    hinted = diffspot("compare", "ref", "cand", cwd=tmp_path)
    assert "add --pair-by order" in hinted.stderr
    done = diffspot("compare", "ref", "cand", "--pair-by", "order", "--json", cwd=tmp_path)
    assert done.stderr == ""
    pairs = json.loads(done.stdout)["pairs"]
    assert [(pair["name"], pair["candidate"], pair["status"]) for pair in pairs] == [
        ("img9.png", "cand/scan99.png", "same"),
        ("img10.png", "cand/scan100.png", "different"),
    ]


def spotted(*sides: int) -> bytes:
    """A light picture of 300 x 400 px with dark squares of these sides, 40 px apart."""
    picture = np.full((300, 400, 3), 220, np.uint8)
    x = 10
    for side in sides:
        picture[20 : 20 + side, x : x + side] = 20
        x += side + 40
    return encode_png(picture)


def test_the_largest_regions_are_reported_and_the_others_counted(tmp_path: Path) -> None:
    for name, data in (("a.png", spotted()), ("b.png", spotted(10, 24, 8, 30))):
        (tmp_path / name).write_bytes(data)
    inputs = tmp_path / "a.png", tmp_path / "b.png", "--join", 5
    (pair,) = report_of(*inputs, "--top", 2)["pairs"]
    assert [region["bbox"][2] for region in pair["regions"]] == [24, 30]
    assert pair["left_out"] == {"top": 2, "max_box": 0}
    assert "--top 2 left out 2 smaller regions" in pair["notes"]
    assert diffspot("compare", *inputs, "--top", 2).stdout.split("\t")[2] == "2 of 4"
    (whole,) = report_of(*inputs, "--top", 4)["pairs"]
    assert (len(whole["regions"]), whole["left_out"]) == (4, None)
    (budget,) = report_of(*inputs, "--top", 1, "--max-regions", 3)["pairs"]
    assert budget["status"] == "different"  # a budget counts what is left out, too


def test_parts_that_are_too_large_are_dropped_and_said(tmp_path: Path) -> None:
    for name, data in (("a.png", spotted()), ("b.png", spotted(10, 160)), ("c.png", spotted(160))):
        (tmp_path / name).write_bytes(data)
    (pair,) = report_of(tmp_path / "a.png", tmp_path / "b.png", "--max-box", "50%")["pairs"]
    assert [region["bbox"][2] for region in pair["regions"]] == [10]
    assert pair["left_out"] == {"top": 0, "max_box": 1}
    assert "--max-box 50% left out 1 larger region" in pair["notes"]
    alone = diffspot("compare", tmp_path / "a.png", tmp_path / "c.png", "--max-box", "50%")
    assert alone.returncode == 0
    assert "1 region larger than --max-box left out" in alone.stdout
