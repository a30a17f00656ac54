"""The command where it is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from diffspot.image_io import encode_png
from tests.pictures import changed, plain
from tests.process import COMMAND

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_reports_what_is_done(tmp_path: Path, number: int) -> None:
    (tmp_path / "pairs").mkdir()
    for side, data in (("a", encode_png(plain(300, 400))), ("b", encode_png(changed(300, 400)))):
        for index in range(400):
            (tmp_path / "pairs" / f"{index:03}_{side}.png").write_bytes(data)
    out = tmp_path / "out"
    with subprocess.Popen(
        [*COMMAND, "compare", tmp_path / "pairs", "-o", out, "--jsonl", "--jobs", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "interrupted" in stderr
    report = json.loads((out / "report.json").read_bytes())
    assert report["interrupted"]
    done = [pair["name"] for pair in report["pairs"]]
    assert 1 <= len(done) < 400
    assert done == [f"{index:03}_a.png" for index in range(len(done))]
    pictures = sorted(path.name for path in (out / "annotated").iterdir())
    assert pictures == done


def test_an_interruption_while_modules_are_imported_is_quiet(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGINT)\nprint('went on')\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [*COMMAND, "--version"],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe with a name")
def test_an_interruption_before_the_comparison_is_quiet(tmp_path: Path) -> None:
    listing = tmp_path / "pairs.csv"
    os.mkfifo(listing)
    command = [*COMMAND, "compare", "--pairs", listing]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        writing = _opened(listing, process)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    os.close(writing)
    assert (process.returncode, stdout, stderr) == (2, "", "")


def _opened(pipe: Path, reader: subprocess.Popen[str]) -> int:
    """The end to write to of a pipe, once the process reads it."""
    while reader.poll() is None:
        with suppress(OSError):  # nobody reads it yet
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.01)
    raise AssertionError("The command ended before it read the list of pairs.")
