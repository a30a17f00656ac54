"""The command where it is interrupted."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from diffspot.image_io import encode_png
from diffspot.runner.journal import JOURNAL
from tests.pictures import changed, plain, save
from tests.process import COMMAND
from tests.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Who starts the tests in the background has Ctrl-C ignored, and so would all processes of these tests."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("command", ["compare", "shapes"])
def test_an_interruption_that_the_caller_ignores_is_ignored(tmp_path: Path, command: str) -> None:
    pictures = [save(tmp_path / f"{name}.png", plain(300, 400)) for name in ("a", "b")]
    # Imported before diffspot's own code; its thread sends the process the signal again and again.
    (tmp_path / "sitecustomize.py").write_text(
        "import os, signal, threading, time\n"
        "def send():\n"
        "    while True:\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        time.sleep(0.01)\n"
        "threading.Thread(target=send, daemon=True).start()\n"
    )
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        ["/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh", *COMMAND, command, *pictures],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("number", sweep([signal.SIGINT, signal.SIGTERM]))
def test_an_interruption_reports_what_is_done(tmp_path: Path, number: signal.Signals) -> None:
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
    assert process.returncode == -number
    assert f"diffspot: stopping ({number.name}); a second time stops at once\n" in stderr
    assert "the same command with --resume goes on" in stderr
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
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, "", "")


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
    assert (process.returncode, stdout, stderr) == (-signal.SIGINT, "", "")


def _opened(pipe: Path, reader: subprocess.Popen[str]) -> int:
    """The end to write to of a pipe, once the process reads it."""
    while reader.poll() is None:
        with suppress(OSError):  # nobody reads it yet
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(0.01)
    raise AssertionError("The command ended before it read the list of pairs.")


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="needs files that are open pipes")
@pytest.mark.parametrize("number", sweep([signal.SIGINT, signal.SIGTERM]))
def test_a_pair_that_takes_for_ever_is_not_waited_for(tmp_path: Path, number: signal.Signals) -> None:
    """A picture that is a pipe of which nobody writes the end stands for whatever takes long."""
    save(tmp_path / "a.png", plain())
    reading, writing = os.pipe()
    rows = ["name,reference,candidate", "1,a.png,a.png", f"2,a.png,/dev/fd/{reading}", "3,a.png,a.png"]
    (tmp_path / "pairs.csv").write_text("\n".join(rows))
    command = [*COMMAND, "compare", "--pairs", "pairs.csv", "-o", "out", "--jsonl", "--jobs", "2", "--html"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, pass_fds=[reading]
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(number)
        process.communicate(timeout=60)
    os.close(reading)
    os.close(writing)
    assert process.returncode == -number
    report = json.loads((tmp_path / "out" / "report.json").read_bytes())
    assert (report["interrupted"], len(report["pairs"])) == (True, 1)
    assert (tmp_path / "out" / "index.html").exists()


def test_a_second_time_stops_at_once(tmp_path: Path) -> None:
    """Before the first one's report is written, which here takes for ever."""
    for name in ("a.png", "b.png"):
        save(tmp_path / name, plain())
    code = "import threading; from diffspot.outputs.report_json import JsonOutput\n"
    code += "JsonOutput.finish = lambda *_: threading.Event().wait()\n"
    code += "from diffspot.__main__ import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", code, "compare", "a.png", "b.png", "-o", "out"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
    ) as process:
        while not (tmp_path / "out" / JOURNAL).exists() or (tmp_path / "out" / JOURNAL).stat().st_size < 100:
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert "a second time stops at once" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT


@pytest.mark.skipif(os.name != "posix", reason="needs a shell")
def test_a_loop_of_a_shell_ends(tmp_path: Path) -> None:
    """A shell goes on with the next command unless the one before was ended by the signal."""
    pair = {
        side: save(tmp_path / "pairs" / f"000_{side}.png", pixels)
        for side, pixels in (("a", plain(300, 400)), ("b", changed(300, 400)))
    }
    for index in range(1, 300):
        for side, first in pair.items():
            first.with_name(f"{index:03}_{side}.png").write_bytes(first.read_bytes())
    loop = f"for run in 1 2; do {' '.join(COMMAND)} compare pairs --jsonl --jobs 1; echo went on; done"
    with subprocess.Popen(
        ["/bin/bash", "-c", loop], stdout=subprocess.PIPE, text=True, cwd=tmp_path, start_new_session=True
    ) as shell:
        assert shell.stdout is not None
        shell.stdout.readline()
        os.killpg(shell.pid, signal.SIGINT)
        stdout, _ = shell.communicate(timeout=60)
    assert "went on" not in stdout
    assert shell.returncode == -signal.SIGINT
