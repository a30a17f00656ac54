"""The history: what is appended, by many at once and after a kill, and what is read back."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from diffspot.errors import OptionError, OutputError
from diffspot.model import Times
from diffspot.options.options import Options
from diffspot.outputs import open_outputs
from diffspot.outputs.history import HistoryOutput, read_history
from tests.pictures import changed, plain, save
from tests.reports import awkward, pair, report

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.model import RunReport


def run(second: int, *statuses: str) -> RunReport:
    made = report(*(pair(f"{index}.png", status) for index, status in enumerate(statuses)))
    return replace(made, times=Times(started=f"2026-01-01T00:00:{second:02}.000+00:00", seconds=1.0))


def append(path: Path, made: RunReport) -> None:
    HistoryOutput(path, None).finish(made)


def test_each_run_appends_a_line_a_pair(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    append(path, run(1, "same", "different"))
    append(path, run(2, "different", "error"))
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [(line["run"][17:19], line["name"], line["status"]) for line in lines] == [
        ("01", "0.png", "same"), ("01", "1.png", "different"), ("02", "0.png", "different"), ("02", "1.png", "error"),
    ]  # fmt: skip
    assert (lines[1]["severity"], lines[1]["regions"], lines[1]["area"]) == (60.0, 1, 120)
    found = read_history(path)
    assert [run[17:19] for run in found.runs] == ["01", "02"]
    assert [entry.severity for entry in found.entries["0.png"].values()] == [0.0, 60.0]
    assert (found.entries["1.png"][found.runs[1]].severity, found.broken) == (None, 0)


def test_a_run_that_is_appended_again_counts_once(tmp_path: Path) -> None:
    path = tmp_path / "h"
    for status in ("same", "different"):
        append(path, run(1, status))
    found = read_history(path)
    assert len(found.runs) == 1
    assert found.entries["0.png"][found.runs[0]].status == "different"


def test_every_name_comes_back(tmp_path: Path) -> None:
    append(tmp_path / "h", awkward())
    assert list(read_history(tmp_path / "h").entries) == [one.name for one in awkward().pairs]


def test_a_stopped_run_is_left_to_the_one_that_goes_on(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="because the run was interrupted"):
        append(tmp_path / "h", report(pair("a.png"), interrupted=True))
    assert not (tmp_path / "h").exists()


@pytest.mark.parametrize("kept", [1, 100, 6000])
def test_half_a_line_that_a_kill_left_is_cut_off(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "h"
    append(path, run(1, "same", "different"))
    whole = path.read_bytes()
    torn = whole + b'{"schema":"diffspot.history/1","name":"' + b"x" * kept
    path.write_bytes(torn)
    append(path, run(2, "same"))
    assert path.read_bytes().startswith(whole + b'{"schema":"diffspot.history/1","name":"0.png"')
    assert read_history(path).broken == 0


def test_a_full_disk_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "h"
    append(path, run(1, "same"))
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left on device; name another file with --history"):
        append(path, run(2, "same"))
    assert path.read_bytes() == before


def test_nothing_is_appended_to_what_is_no_history(tmp_path: Path) -> None:
    (path := tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(OutputError, match="is no history"):
        append(path, run(1, "same"))
    assert path.read_text() == "mine"
    for wrong in (path, tmp_path / "missing"):
        with pytest.raises(OptionError, match="name the file of --history"):
            read_history(wrong)


def test_a_broken_line_is_counted_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "h"
    append(path, run(1, "same"))
    path.write_bytes(path.read_bytes() + b"\xff\n{}\n")
    append(path, run(2, "same"))
    found = read_history(path)
    assert (found.broken, len(found.entries["0.png"])) == (2, 2)


@pytest.mark.slow
def test_runs_at_once_mix_no_lines(tmp_path: Path) -> None:
    path, pictures = tmp_path / "h.jsonl", tmp_path / "in"
    for index in range(12):
        save(pictures / f"{index}_a.png", plain())
        save(pictures / f"{index}_b.png", changed())
    command = [sys.executable, "-m", "diffspot", "compare", str(pictures), "-q", "--history", str(path)]
    started = [subprocess.Popen(command) for _ in range(3)]
    assert [one.wait() for one in started] == [1, 1, 1]
    found = read_history(path)
    assert (len(found.runs), found.broken, len(path.read_text().splitlines())) == (3, 0, 36)
    lines = [json.loads(line)["run"] for line in path.read_text().splitlines()]
    assert sum(a != b for a, b in itertools.pairwise(lines)) == 2


def test_it_stays_where_other_outputs_are_renewed(tmp_path: Path) -> None:
    out, path = tmp_path / "out", tmp_path / "out" / "history.jsonl"
    for options in (Options(history=str(out)), Options(history=str(out)), Options()):
        out.mkdir(exist_ok=True)
        with open_outputs(out, options, (), ()) as outputs:
            outputs.finish(replace(run(1, "same"), outputs=tuple(outputs.names)))
            assert outputs.failures == []
    assert len(path.read_text().splitlines()) == 2
