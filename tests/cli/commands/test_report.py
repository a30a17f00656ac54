"""Outputs made again."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path

FILES = ("junit", "markdown", "csv", "coco", "reg")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """The folder of a run that wrote everything."""
    save(tmp_path / "ref" / "deep" / "<x> #1.png", plain())
    save(tmp_path / "cand" / "deep" / "<x> #1.png", changed())
    flags = [part for name in FILES for part in (f"--{name}", tmp_path / name)]
    assert diffspot("compare", tmp_path / "ref", tmp_path / "cand", "-o", tmp_path / "out", *flags).returncode == 1
    return tmp_path / "out"


@pytest.mark.parametrize("name", FILES)
def test_an_output_made_again_is_the_same_without_the_pictures(out: Path, tmp_path: Path, name: str) -> None:
    shutil.rmtree(tmp_path / "ref")
    done = diffspot("report", out, f"--{name}", tmp_path / "again")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", f"Wrote {tmp_path / 'again'}.\n")
    assert (tmp_path / "again").read_bytes() == (tmp_path / name).read_bytes()


def test_github_is_on_where_it_runs_there(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert diffspot("report", out).stderr.count("::error file=") == 1
    assert diffspot("report", out, "--no-github").returncode == 2
    monkeypatch.setenv("GITHUB_ACTIONS", "false")
    assert diffspot("report", out).returncode == 2
    assert diffspot("report", out, "--github").stderr.count("::error file=") == 1


@pytest.mark.usefixtures("out")
def test_annotations_leave_standard_output_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    done = diffspot("compare", tmp_path / "ref", tmp_path / "cand", "--jsonl")
    assert done.stdout.startswith("{")
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr.count("::error file=") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["report", "{out}"], ["--junit"]),
        (["report", "{out}/nowhere", "--csv", "x"], ["nowhere", "report.json", "--out"]),
        (["report", "{out}", "--csv", "/dev/null"], ["--csv", "/dev/null"]),
        (["report", "{out}", "--min-area", "3"], ["--min-area"]),
    ],
)
def test_a_users_mistake_is_a_sentence_and_exit_2(out: Path, arguments: list[str], words: list[str]) -> None:
    done = diffspot(*(argument.format(out=out) for argument in arguments))
    assert done.returncode == 2
    assert done.stdout == ""
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_a_broken_report_is_named(out: Path) -> None:
    (out / "report.json").write_text("{")
    done = diffspot("report", out, "--csv", out / "x")
    assert done.returncode == 2
    assert "report.json is no report" in done.stderr
