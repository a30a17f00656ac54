"""The command where nobody reads what it prints: never an exit code that looks like a result."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.pictures import changed, plain, save
from tests.process import COMMAND

if TYPE_CHECKING:
    from pathlib import Path


def run_unread(*arguments: object, stderr_too: bool = False) -> subprocess.CompletedProcess[bytes]:
    """The command with a standard output whose reader has left before it starts."""
    reading, writing = os.pipe()
    os.close(reading)
    stderr = subprocess.STDOUT if stderr_too else subprocess.PIPE
    command = [*COMMAND, *map(str, arguments)]
    try:
        return subprocess.run(command, stdout=writing, stderr=stderr, check=False, timeout=60)
    finally:
        os.close(writing)


@pytest.mark.parametrize("stderr_too", [False, True])
@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["schema"],
        ["compare", "--help"],
        ["config"],
        ["compare", "a.png", "a.png"],
        ["compare", "a.png", "b.png"],
        ["compare", "a.png", "b.png", "--json"],
        ["compare", "a.png", "b.png", "--jsonl"],
    ],
    ids=" ".join,
)
def test_output_that_nobody_reads_is_trouble(tmp_path: Path, arguments: list[str], *, stderr_too: bool) -> None:
    files = {"a.png": save(tmp_path / "a.png", plain()), "b.png": save(tmp_path / "b.png", changed())}
    done = run_unread(*(files.get(argument, argument) for argument in arguments), stderr_too=stderr_too)
    assert done.returncode == 2
    if not stderr_too:
        assert done.stderr.decode() == "diffspot: The reader of standard output left before all of it was written.\n"


def test_a_mistake_told_to_nobody_is_trouble() -> None:
    assert run_unread("compare", "nowhere.png", "nowhere.png", stderr_too=True).returncode == 2


def test_a_run_that_prints_nothing_needs_no_reader(tmp_path: Path) -> None:
    first, second = save(tmp_path / "a.png", plain()), save(tmp_path / "b.png", changed())
    assert run_unread("compare", first, first, "--quiet", stderr_too=True).returncode == 0
    assert run_unread("compare", first, second, "--quiet", stderr_too=True).returncode == 1


def test_a_reader_that_leaves_does_not_look_like_a_result(tmp_path: Path) -> None:
    for index in range(300):
        save(tmp_path / f"{index:03}_a.png", plain(8, 8))
        save(tmp_path / f"{index:03}_b.png", plain(8, 8))
    with subprocess.Popen(
        [*COMMAND, "compare", tmp_path, "--jsonl"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    assert process.returncode == 2
