"""Names that would write on the terminal, or into a log of GitHub Actions, what is not there."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.in_process import diffspot
from tests.pictures import changed, plain, save
from tests.process import COMMAND
from tests.sweep import sweep

if TYPE_CHECKING:
    from subprocess import CompletedProcess

BAD = "x\n::error::pwn\x1b]0;t\x07\x9b31m\x7f\u2028\u202e"
RAW = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What no stream may get; a line break only ends lines of our own."""


@pytest.fixture(autouse=True)
def pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One pair of each status whose names are bad, in directories that are."""
    monkeypatch.chdir(tmp_path)
    ref, cand = Path(f"ref{BAD}"), Path(f"cand{BAD}")
    for number, pixels in enumerate((changed(), plain())):
        save(ref / f"{number}{BAD}.png", plain())
        save(cand / f"{number}{BAD}.png", pixels)
    save(ref / f"unread{BAD}.png", plain())
    (cand / f"unread{BAD}.png").write_bytes(b"no picture")
    save(ref / f"old{BAD}.png", changed(50, 70))
    save(cand / f"new{BAD}.png", changed(30, 40))
    return tmp_path


def assert_clean(done: CompletedProcess[str]) -> None:
    cells = done.stdout.replace("\t", "|")  # the table's own
    for stream in (cells, done.stderr):
        assert not RAW.findall(stream)
        assert not re.search("^::error::pwn", stream, re.MULTILINE)


@pytest.mark.parametrize("style", [[], ["--json"], ["--jsonl"], ["--quiet"]])
@pytest.mark.parametrize("more", sweep([[], ["--github"], ["--html", "--junit", f"out/{BAD}.xml"]]))
def test_no_stream_gets_a_control_character(style: list[str], more: list[str]) -> None:
    done = diffspot("compare", f"ref{BAD}", f"cand{BAD}", "-o", f"out/{BAD}", *style, *more)
    assert done.returncode == 2
    assert "unread" in done.stdout + done.stderr
    assert_clean(done)


@pytest.mark.parametrize("style", [["--json"], ["--jsonl"]])
def test_json_tells_the_names_as_they_are(style: list[str]) -> None:
    done = diffspot("compare", f"ref{BAD}", f"cand{BAD}", *style)
    results = json.loads(done.stdout)["pairs"] if style == ["--json"] else map(json.loads, done.stdout.splitlines())
    assert f"0{BAD}.png" in {result["name"] for result in results}


@pytest.mark.parametrize(
    "arguments",
    [
        ["compare", "nowhere{}", "cand{}"],
        ["compare", "ref{}", "cand{}", "--also", "nowhere{}"],
        ["compare", "ref{}"],
        ["compare", "--pairs", "list{}"],
        ["compare", "ref{}", "cand{}", "--config", "conf{}"],
        ["compare", "ref{}", "cand{}", "--metric", "m{}"],
        ["compare", "ref{}", "cand{}", "--mask", "ref{}"],
        ["compare", "ref{}", "cand{}", "-o", "ref{}"],
        ["compare", "ref{}", "cand{}", "--csv", "ref{}/0{}.png"],
        ["compare", "ref{}", "cand{}", "-o", "ref{}/0{}.png"],
        ["accept", "nowhere{}"],
        ["report", "nowhere{}", "--html"],
        ["ignore", "nowhere{}", "--pair", "p{}"],
        ["ref{}"],
        ["c{}"],
        ["compare", "--o{}"],
    ],
)
def test_no_mistake_gets_one(arguments: list[str]) -> None:
    done = diffspot(*(argument.replace("{}", BAD) for argument in arguments))
    assert done.returncode == 2
    if not done.stderr.startswith("Usage:"):
        assert done.stderr.count("\n") == 1
        assert_clean(done)


@pytest.mark.parametrize("arguments", [["out"], ["out", "--dry-run"], ["out", "nothing{}"]])
def test_accept_gets_none(arguments: list[str]) -> None:
    Path(f"cand{BAD}/unread{BAD}.png").unlink()
    assert diffspot("compare", f"ref{BAD}", f"cand{BAD}", "-o", "out").returncode == 1
    assert_clean(diffspot("accept", *(argument.replace("{}", BAD) for argument in arguments)))


def test_a_forged_directory_gets_none() -> None:
    assert diffspot("compare", f"ref{BAD}", f"cand{BAD}", "-o", "out").returncode == 2
    report = json.loads(Path("out/report.json").read_text())
    report["inputs"]["reference"] = f"gone{BAD}"
    Path("out/report.json").write_text(json.dumps(report))
    done = diffspot("accept", "out")
    assert done.returncode == 2
    assert_clean(done)


def test_rules_and_settings_get_none() -> None:
    assert diffspot("compare", f"ref{BAD}", f"cand{BAD}", "-o", "out").returncode == 2
    done = diffspot("ignore", "out", "--pair", f"0{BAD}.png", "--write")
    assert done.returncode == 0
    assert_clean(done)
    assert diffspot("compare", f"ref{BAD}/0{BAD}.png", f"cand{BAD}/0{BAD}.png").returncode == 0
    Path(f"conf{BAD}.toml").write_text("min-area = 3\n")
    done = diffspot("config", "--config", f"conf{BAD}.toml")
    assert (done.returncode, "conf" in done.stdout) == (0, True)
    assert_clean(done)


def test_force_color_writes_no_progress_into_a_file(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        save(tmp_path / name, plain())
    command = [*COMMAND, "compare", "a.png", "b.png"]
    environment = {**os.environ, "FORCE_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=tmp_path)
    assert done.stderr == ""
    assert done.stdout.count("\n") == 1
