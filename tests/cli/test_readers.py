"""The command where nobody reads what it prints: never an exit code that looks like a result."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.pictures import changed, plain, save
from tests.process import COMMAND
from tests.sweep import sweep

FULL = Path("/dev/full")


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


COMMANDS = [
    ["--help"],
    ["--version"],
    ["schema"],
    ["compare", "--help"],
    ["config"],
    ["doctor"],
    ["compare", "a.png", "c.png"],
    ["compare", "a.png", "b.png"],
    ["compare", "a.png", "b.png", "--json"],
    ["compare", "a.png", "b.png", "--jsonl"],
]
SOME = [COMMANDS[7], COMMANDS[0], COMMANDS[2], COMMANDS[9]]
"""One of each way to write: a table at the end, help, a text as it is, a line for each pair."""


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Two pictures that differ and one that is the same, by how `COMMANDS` call them."""
    pictures = {"a.png": plain(), "b.png": changed(), "c.png": plain()}
    return {name: save(tmp_path / name, picture) for name, picture in pictures.items()}


@pytest.mark.parametrize("arguments", sweep(COMMANDS[::-1]), ids=" ".join)
def test_a_reader_that_left_is_no_error(files: dict[str, Path], arguments: list[str]) -> None:
    done = run_unread(*(files.get(argument, argument) for argument in arguments))
    assert done.returncode == ("b.png" in arguments)
    assert done.stderr == b""


@pytest.mark.parametrize("arguments", sweep(SOME), ids=" ".join)
def test_so_it_is_where_nobody_reads_messages_either(files: dict[str, Path], arguments: list[str]) -> None:
    done = run_unread(*(files.get(argument, argument) for argument in arguments), stderr_too=True)
    assert done.returncode == ("b.png" in arguments)


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", sweep(SOME), ids=" ".join)
def test_output_to_a_full_disk_is_trouble(files: dict[str, Path], arguments: list[str]) -> None:
    command = [*COMMAND, *(str(files.get(argument, argument)) for argument in arguments)]
    with FULL.open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
        nowhere = subprocess.run(command, stdout=full, stderr=subprocess.STDOUT, check=False, timeout=60)
    assert done.returncode == nowhere.returncode == 2
    sentence = "diffspot: Cannot write to standard output: No space left on device; send it elsewhere.\n"
    assert done.stderr.decode() == sentence


@pytest.mark.skipif(os.name != "posix", reason="needs a shell that closes streams")
@pytest.mark.parametrize("arguments", sweep(SOME), ids=" ".join)
def test_no_standard_output_is_trouble(files: dict[str, Path], arguments: list[str]) -> None:
    command = [*COMMAND, *(str(files.get(argument, argument)) for argument in arguments)]
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&-', "sh", *command], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.decode().startswith("diffspot: Cannot write to standard output: ")


def test_a_mistake_told_to_nobody_is_trouble() -> None:
    assert run_unread("compare", "nowhere.png", "nowhere.png", stderr_too=True).returncode == 2


@pytest.mark.slow
def test_a_run_that_prints_nothing_needs_no_reader(tmp_path: Path) -> None:
    first, second = save(tmp_path / "a.png", plain()), save(tmp_path / "b.png", changed())
    assert run_unread("compare", first, first, "--quiet", stderr_too=True).returncode == 0
    assert run_unread("compare", first, second, "--quiet", stderr_too=True).returncode == 1


@pytest.mark.parametrize("style", sweep(["--json", "--jsonl", "--quiet"]))
def test_a_reader_that_leaves_takes_no_result_along(tmp_path: Path, style: str) -> None:
    for index in range(300):
        save(tmp_path / "in" / f"{index:03}_a.png", plain(8, 8))
        save(tmp_path / "in" / f"{index:03}_b.png", plain(8, 8))
    with subprocess.Popen(
        [*COMMAND, "compare", tmp_path / "in", style, "-o", tmp_path / "out"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""
    assert process.returncode == 0
    assert len(json.loads((tmp_path / "out" / "report.json").read_bytes())["pairs"]) == 300


@pytest.mark.slow
@pytest.mark.skipif(not FULL.exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("style", sweep([[], ["--json"], ["--jsonl"]]))
def test_a_full_disk_for_standard_output_takes_no_other_output_along(
    files: dict[str, Path], tmp_path: Path, style: list[str]
) -> None:
    command = [
        *COMMAND,
        "compare",
        files["a.png"],
        files["b.png"],
        "-o",
        tmp_path / "out",
        "--junit",
        tmp_path / "x.xml",
        *style,
    ]
    with FULL.open("wb") as full:
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "Cannot write to standard output: No space left on device" in done.stderr
    assert json.loads((tmp_path / "out" / "report.json").read_bytes())["summary"]["different"] == 1
    assert (tmp_path / "x.xml").exists()
