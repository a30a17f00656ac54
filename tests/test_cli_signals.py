"""The command where it is interrupted."""

from __future__ import annotations

import json
import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.pictures import changed, plain, save
from tests.process import COMMAND

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_reports_what_is_done(tmp_path: Path, number: int) -> None:
    for index in range(400):
        save(tmp_path / "pairs" / f"{index:03}_a.png", plain(300, 400))
        save(tmp_path / "pairs" / f"{index:03}_b.png", changed(300, 400))
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
