"""One golden against many captures, as the command compares them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def line(tmp_path: Path) -> Path:
    """A golden, and a day's captures of which one differs."""
    save(tmp_path / "golden.png", plain())
    for number in range(3):
        save(tmp_path / "today" / f"{number}.png", changed() if number == 1 else plain())
    return tmp_path


def test_a_golden_against_a_folder(line: Path) -> None:
    done = diffspot("compare", "golden.png", "today", "--json", cwd=line)
    pairs = json.loads(done.stdout)["pairs"]
    assert done.returncode == 1
    assert [(pair["name"], pair["status"]) for pair in pairs] == [
        ("0.png", "same"),
        ("1.png", "different"),
        ("2.png", "same"),
    ]
    assert {pair["reference"] for pair in pairs} == {"golden.png"}


def test_a_list_that_names_a_golden_again_and_again_needs_no_names(line: Path) -> None:
    rows = "".join(f"golden.png,today/{number}.png\n" for number in range(3))
    done = diffspot("compare", "--pairs", "-", "--json", stdin=f"reference,candidate\n{rows}", cwd=line)
    pairs = json.loads(done.stdout)["pairs"]
    assert [pair["name"] for pair in pairs] == ["today/0.png", "today/1.png", "today/2.png"]
    assert [pair["status"] for pair in pairs] == ["same", "different", "same"]


def test_a_run_that_was_stopped_goes_on(line: Path) -> None:
    first = diffspot("compare", "golden.png", "today", "-o", "out", "--html", cwd=line)
    again = diffspot("compare", "golden.png", "today", "-o", "out", "--resume", cwd=line)
    assert (first.returncode, again.returncode) == (1, 1)
    assert (line / "out" / "annotated" / "1.png").is_file()
    accepted = diffspot("accept", "out", "1.png", cwd=line)
    assert accepted.stdout == "replaced golden.png\n"
    assert (line / "golden.png").read_bytes() == (line / "today" / "1.png").read_bytes()
