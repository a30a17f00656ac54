"""Ignore rules from an earlier run's regions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from diffspot.cli.commands.ignore_rules import append_rule, boxes_to_ignore
from diffspot.errors import OptionError
from diffspot.model import PairResult, Region, RunReport, Summary, Times, Tool
from diffspot.options.config import read_config
from diffspot.options.options import make_options

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.model import Box

BOXES: list[Box] = [(10, 20, 30, 40), (1, 0, 9, 9), (70, 85, 30, 15)]


def report(**pair: object) -> RunReport:
    found = tuple(Region(bbox=box, candidate_bbox=box, area=9, peak=1, mean=1) for box in BOXES)
    pairs = (
        PairResult(
            name="home.png", status="different", reference="r", candidate="c", size=(100, 100), regions=found, **pair
        ),
        PairResult(name="same.png", status="same", reference="r", candidate="c", size=(9, 9)),
        PairResult(name="new.png", status="added", reference=None, candidate="c"),
    )
    return RunReport(
        tool=Tool(name="diffspot", version="0"),
        options=msgspec.to_builtins(make_options({"ignore": "0,90%,100%,10"})),
        summary=Summary(pairs=3),
        pairs=pairs,
        times=Times(started="", seconds=0),
    )


@pytest.mark.parametrize(
    ("numbers", "padding", "boxes"),
    [
        ([], 0, BOXES),
        ([2], 0, [(1, 0, 9, 9)]),
        ([3, 1], 0, [(70, 85, 30, 15), (10, 20, 30, 40)]),
        ([], 2, [(8, 18, 34, 44), (0, 0, 12, 11), (68, 83, 32, 17)]),
    ],
)
def test_boxes_follow_what_was_ignored_before(numbers: list[int], padding: int, boxes: list[Box]) -> None:
    assert boxes_to_ignore(report(), "home.png", numbers, padding) == [(0, "90%", "100%", 10), *boxes]


def test_a_pairs_own_rules_count() -> None:
    own = report(options={"ignore": [[5, 5, 5, 5]]})
    assert boxes_to_ignore(own, "home.png", [2], 0) == [(5, 5, 5, 5), (1, 0, 9, 9)]


def test_a_movement_of_the_whole_picture_cannot_be_ignored() -> None:
    moved = Region(kind="moved", bbox=(0, 0, 100, 100), candidate_bbox=(0, 0, 100, 100), area=9, peak=1, mean=1)
    run = report()
    run = msgspec.structs.replace(
        run, pairs=(msgspec.structs.replace(run.pairs[0], regions=(moved, *run.pairs[0].regions)),)
    )
    for numbers in ([], [1]):
        with pytest.raises(OptionError, match="max-shift"):
            boxes_to_ignore(run, "home.png", numbers, 0)
    assert boxes_to_ignore(run, "home.png", [3], 0)[-1] == BOXES[1]


@pytest.mark.parametrize(
    ("name", "numbers", "words"),
    [
        ("hom.png", [], "did you mean 'home.png'"),
        ("zzz", [], "report.json"),
        ("home.png", [0], "1 to 3"),
        ("home.png", [1, 4], "no region 4"),
        ("same.png", [], "no regions"),
        ("new.png", [], "no regions"),
    ],
)
def test_what_is_not_there_is_refused(name: str, numbers: list[int], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        boxes_to_ignore(report(), name, numbers, 0)


@pytest.mark.parametrize(
    ("file", "before"),
    [
        ("diffspot.toml", None),
        ("diffspot.toml", "# mine\nmin-area = 9  # px"),
        ("diffspot.toml", "min-area = 9\n\n[[rules]]\nmatch = 'x'\n"),
        ("pyproject.toml", "[tool.other]\nx = 1\n\n[tool.diffspot]\nmin-area = 9\n"),
    ],
)
def test_a_rule_is_appended_and_the_rest_stays(tmp_path: Path, file: str, before: str | None) -> None:
    path = tmp_path / file
    if before is not None:
        path.write_text(before)
    for number in range(2):
        append_rule(path, f"home{number}.png", [(1, 2, 3, 4)])
    assert path.read_text().startswith(before or "[[rules]]")
    layers = read_config(path)
    assert [layer.match for layer in layers[-2:]] == [("home0.png",), ("home1.png",)]
    assert layers[-1].values == {"ignore": [[1, 2, 3, 4]]}
    assert layers[0].values == ({"min_area": 9} if before else {})


def test_a_file_from_windows_keeps_its_bom_and_its_line_ends(tmp_path: Path) -> None:
    path, before = tmp_path / "diffspot.toml", "\ufeffmin-area = 9\r\n# größer\r\n".encode()
    path.write_bytes(before)
    for number in range(2):
        append_rule(path, f"home{number}.png", [(1, 2, 3, 4)])
    assert path.read_bytes().startswith(before)
    layers = read_config(path)
    assert layers[0].values == {"min_area": 9}
    assert [layer.match for layer in layers[1:]] == [("home0.png",), ("home1.png",)]


def test_a_file_that_takes_no_rule_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "diffspot.toml"
    path.write_text("rules = [{match = 'x'}]\n")
    with pytest.raises(OptionError, match=r"diffspot\.toml takes no rule.*\[\[rules\]\]"):
        append_rule(path, "home.png", [(1, 2, 3, 4)])
    assert path.read_text() == "rules = [{match = 'x'}]\n"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "diffspot.toml"
    real.write_text("")
    link.symlink_to(real)
    append_rule(link, "home.png", [(1, 2, 3, 4)])
    assert link.is_symlink()
    assert "home.png" in real.read_text()
