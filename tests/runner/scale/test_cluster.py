"""A cluster of two processes on this machine: what it gives is what one process gives, also when workers die."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from diffspot.errors import OutputError
from diffspot.options.settings import Settings
from diffspot.outputs.report_json import read_report
from diffspot.pairing.pairs import pair_directories
from diffspot.runner.scale.cluster import CONFIGURATION, PRELOADED, Cluster
from diffspot.runner.scale.merge import find_shards, merged_shards
from diffspot.runner.scale.plan import make_plan, read_pairs, write_plan
from tests.in_process import diffspot
from tests.pictures import changed, plain, save
from tests.process import COMMAND

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffspot.runner.scale.cluster import Task
    from diffspot.runner.scale.plan import Plan

pytestmark = pytest.mark.skipif(find_spec("distributed") is None, reason="needs the extra dask")
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


@pytest.mark.slow
def test_a_cluster_that_loses_a_worker_gives_what_one_process_gives(project: Path) -> None:
    diffspot("compare", "ref", "cand", "-o", "one", "--junit", "one/junit.xml")
    with socket.socket() as other:
        with suppress(OSError):  # then somebody has it anyway: the port that Dask prefers
            other.bind(("", 8787))
            other.listen()
        done = on_cluster("--pairs-per-shard", "5", "--junit", "out/junit.xml", KILLS_ONCE="10.png")
    assert done.returncode == 1, done.stderr
    assert (project / "killed").exists()
    assert done.stderr == "Wrote out/junit.xml.\n"
    assert content(project / "one") == content(project / "out")
    assert json.loads((project / "out" / "report.json").read_text())["summary"]["renamed"] == 1


@pytest.mark.slow
def test_a_pair_that_no_worker_survives_is_an_error(project: Path) -> None:
    for number in range(2, 24):
        (project / "ref" / f"{number:02}.png").unlink()
        (project / "cand" / f"{number:02}.png").unlink()
    done = on_cluster("--pairs-per-shard", "9", "--json", KILLS="01.png")
    assert done.returncode == 2, done.stderr
    pairs = {pair["name"]: pair for pair in json.loads(done.stdout)["pairs"]}
    assert {name: pair["status"] for name, pair in pairs.items()} == {
        "00.png": "same",
        "01.png": "error",
        "old.png": "renamed",
    }
    assert pairs["01.png"]["error"].startswith("01.png ended the process that compared it, each time")


class Deadly:
    """Stands for Dask's client: compares here and at once, but for tasks with a pair that kills."""

    def __init__(self, plan: Plan, folder: Path, killers: set[str]) -> None:
        self.plan, self.folder, self.killers = plan, folder, killers
        self.tasks: list[list[str]] = []

    def submit(
        self, compare: Callable[..., int], place: str, task: Task, *arguments: object, pure: bool
    ) -> Future[int]:
        names = [pair.name for _, pair in read_pairs(self.plan, self.folder, task.shard)[task.start : task.stop]]
        self.tasks.append(names)
        future: Future[int] = Future()
        if self.killers.isdisjoint(names):
            future.set_result(compare(place, task, *arguments))
        else:
            from distributed.scheduler import KilledWorker  # noqa: PLC0415  slow to import

            future.set_exception(KilledWorker("task", None, 3))
        return future

    def cancel(self, futures: list[object]) -> None:
        assert futures == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "killers", [{"10.png"}, {"00.png", "01.png", "23.png"}, {f"{number:02}.png" for number in range(24)}]
)
def test_shards_are_halved_until_the_pairs_that_kill_stand_alone(project: Path, killers: set[str]) -> None:
    out, inputs = project / "out", [Path("ref"), Path("cand")]
    found = pair_directories(*inputs)
    plan = make_plan(found, Settings(), inputs, 13)
    write_plan(plan, found, out)
    client, counted = Deadly(plan, out, killers), []
    cluster = Cluster(client, plan, out, jobs=1, backend="numpy", on_pairs=counted.append)  # type: ignore[arg-type]
    cluster.run(threading.Event())
    diffspot("compare", "ref", "cand", "-o", "one")
    with merged_shards(find_shards([out])) as merged:
        pairs = {pair.name: pair for pair in merged}
        expected = {pair.name: pair for pair in read_report(project / "one").pairs}
        assert merged.missing == []
        assert {name for name, pair in pairs.items() if pair.status == "error"} == killers
        assert all(pairs[name] == pair for name, pair in expected.items() if name not in killers)
        assert list(pairs) == list(expected)
    # At the end each of them was tried with nothing beside.
    assert sorted(client.tasks[-len(killers) :]) == sorted([name] for name in killers)
    assert (cluster.failures, cluster.done, sum(counted)) == ([], 26, 26)
    assert list(out.glob("shard-*/part-*")) == []


def test_a_shard_that_fails_is_told_of_and_the_others_are_compared(project: Path) -> None:
    out = project / "out"
    found = pair_directories(Path("ref"), Path("cand"))
    plan = make_plan(found, Settings(), [], 13)
    write_plan(plan, found, out)
    (out / "shard-00002-of-00002").write_text("in the way")
    cluster = Cluster(Failing(plan, out, set()), plan, out, jobs=1, backend="numpy", on_pairs=lambda _: None)  # type: ignore[arg-type]
    cluster.run(threading.Event())
    [told] = cluster.failures
    assert re.match("Shard 2/2 could not be compared: .*shard-00002-of-00002 is a file; name a folder with --out", told)
    assert (out / "shard-00001-of-00002" / "results.jsonl").exists()


class Failing(Deadly):
    """Errors come back as Dask has them."""

    def submit(self, *arguments: Any, **keywords: bool) -> Future[int]:  # noqa: ANN401  as above
        try:
            return super().submit(*arguments, **keywords)
        except OutputError as error:
            future: Future[int] = Future()
            future.set_exception(error)
            return future


@pytest.mark.slow
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


def test_what_is_set_and_preloaded_exists() -> None:
    import dask  # noqa: PLC0415  slow to import
    import distributed  # noqa: F401, PLC0415  it adds its own to Dask's configuration

    assert [name for name in CONFIGURATION if dask.config.get(name, None) is None] == []
    assert [name for name in PRELOADED if find_spec(name) is None] == []


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
    monkeypatch.setitem(sys.modules, "distributed", None)
    done = diffspot("compare", "ref", "cand", "-o", "out", "--cluster", "tcp://127.0.0.1:8786")
    assert done.stderr == "diffspot: --cluster needs Dask, which is not installed; pip install 'diffspot[dask]'.\n"
