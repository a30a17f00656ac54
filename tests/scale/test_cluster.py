"""A cluster of two processes on this machine: what it gives is what one process gives, also when workers die."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from tests.in_process import diffspot
from tests.pictures import changed, plain, save
from tests.process import COMMAND

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip("distributed", reason="needs the extra dask")
TIMES = re.compile(rb'(?s)"times": \{.*?\}')
KILLER = """
import os
from pathlib import Path
import diffspot.runner.worker as worker
compare = worker.PairWorker.__call__
def call(self, pair):
    if pair.name == os.environ.get("KILLS_ONCE") and not Path("killed").exists():
        Path("killed").touch()
        os._exit(137)
    if pair.name in os.environ.get("KILLS", "").split():
        os._exit(137)
    return compare(self, pair)
worker.PairWorker.__call__ = call
"""
"""Run by every Python that starts with its folder in PYTHONPATH."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for number in range(24):
        save(tmp_path / "ref" / f"{number:02}.png", plain())
        save(tmp_path / "cand" / f"{number:02}.png", changed() if number % 3 else plain())
    save(tmp_path / "ref" / "old.png", changed(40, 60))
    save(tmp_path / "cand" / "new.png", changed(40, 60))
    save(tmp_path / "start" / "x.png", plain())
    (tmp_path / "start" / "sitecustomize.py").write_text(KILLER)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path / "start"), str(tmp_path)]))
    return tmp_path


def on_cluster(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "compare", "ref", "cand", "-o", "out", "--cluster", "local:2", *options]
    return subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=False, timeout=300
    )


def content(folder: Path) -> dict[str, bytes]:
    """The report and the annotated pictures, without times."""
    files = [folder / "report.json", *(file for file in (folder / "annotated").rglob("*") if file.is_file())]
    return {str(file.relative_to(folder)): TIMES.sub(b"", file.read_bytes()) for file in files}


def test_a_cluster_that_loses_a_worker_gives_what_one_process_gives(project: Path) -> None:
    diffspot("compare", "ref", "cand", "-o", "one", "--junit", "one/junit.xml")
    done = on_cluster("--pairs-per-shard", "5", "--junit", "out/junit.xml", KILLS_ONCE="10.png")
    assert done.returncode == 1, done.stderr
    assert (project / "killed").exists()
    assert done.stderr == "Wrote out/junit.xml.\n"
    assert content(project / "one") == content(project / "out")
    assert json.loads((project / "out" / "report.json").read_text())["summary"]["renamed"] == 1


def test_a_pair_that_no_worker_survives_is_an_error_and_all_others_are_compared(project: Path) -> None:
    diffspot("compare", "ref", "cand", "-o", "one")
    done = on_cluster("--pairs-per-shard", "13", "--json", KILLS="10.png")
    assert done.returncode == 2, done.stderr
    pairs = {pair["name"]: pair for pair in json.loads(done.stdout)["pairs"]}
    expected = {pair["name"]: pair for pair in json.loads((project / "one" / "report.json").read_text())["pairs"]}
    killer, usual = pairs.pop("10.png"), expected.pop("10.png")
    assert pairs == expected
    assert killer["error"].startswith("10.png ended the process that compared it, each time")
    assert (killer["status"], usual["status"]) == ("error", "different")
    assert [file.name for file in (project / "out").glob("shard-*/*.jsonl")] == ["results.jsonl"] * 2


def test_a_run_that_was_stopped_does_only_what_is_missing(project: Path) -> None:
    command = [*COMMAND, "compare", "ref", "cand", "-o", "out", "--cluster", "local:2", "--pairs-per-shard", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        while not (done := list((project / "out").glob("shard-*/results.jsonl"))):
            time.sleep(0.05)
        run.send_signal(signal.SIGINT)
        _, told = run.communicate()
    assert run.returncode == -signal.SIGINT
    assert re.search(r"diffspot: \d+ pairs? of 26 compared; the same command goes on\.\n$", told)
    written = {file: file.stat().st_mtime_ns for file in done}
    again = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert again.returncode == 1, again.stderr
    assert written == {file: file.stat().st_mtime_ns for file in done}
    diffspot("compare", "ref", "cand", "-o", "one")
    assert content(project / "one") == content(project / "out")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (
            ["--cluster", "local:0", "-o", "out"],
            "--cluster cannot be 'local:0': expected local:N, N workers on this machine",
        ),
        (["--cluster", "local:2"], "--cluster writes results that are merged later; give --out, too."),
        (["--cluster", "local:2", "--shard", "1/2", "-o", "out"], "--cluster compares all shards; leave --shard out."),
        (["--cluster", "local:2", "-o", "out", "--pairs-per-shard", "0"], "--pairs-per-shard cannot be '0'"),
    ],
)
@pytest.mark.usefixtures("project")
def test_what_cannot_be_is_one_sentence(options: list[str], told: str) -> None:
    done = diffspot("compare", "ref", "cand", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


@pytest.mark.usefixtures("project")
def test_a_cluster_without_dask_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    done = diffspot("compare", "ref", "cand", "-o", "out", "--cluster", "tcp://127.0.0.1:8786")
    assert done.stderr == "diffspot: --cluster needs Dask, which is not installed; pip install 'diffspot[dask]'.\n"
