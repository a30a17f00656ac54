"""The command in a terminal."""

from __future__ import annotations

import os
import pty
import subprocess
from typing import TYPE_CHECKING

from diffspot.cli.terminal import pace
from tests.process import COMMAND

if TYPE_CHECKING:
    from pathlib import Path


def run_in_terminal(*arguments: object, **environment: str) -> str:
    """What the command prints when both its streams are a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        stdout=slave,
        stderr=slave,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "100", **environment},
    ) as process:
        os.close(slave)
        shown = b""
        while True:
            try:
                part = os.read(master, 1 << 16)
            except OSError:  # Linux says so when the other side of a terminal is gone
                break
            if not part:
                break
            shown += part
        process.wait(timeout=60)
    os.close(master)
    return shown.decode()


def test_a_terminal_gets_a_table_and_progress(folders: tuple[Path, Path]) -> None:
    shown = run_in_terminal("compare", *folders)
    assert "Comparing" in shown
    assert "\x1b[38;5;130mdifferent" in shown
    assert "status" in shown


def test_a_terminal_gets_progress_over_single_pictures(folders: tuple[Path, Path]) -> None:
    text = run_in_terminal("shapes", folders[1])
    assert "Looking" in text
    assert "3/3" in text
    assert "deep/differs.png" in text


def test_the_pace_is_told_in_tenths_while_they_tell_something() -> None:
    assert [pace(speed) for speed in (0.44, 99.94, 100.0, 57653.5)] == [
        "0.4 pairs/s",
        "99.9 pairs/s",
        "100 pairs/s",
        "57654 pairs/s",
    ]


def test_no_color_is_honoured(folders: tuple[Path, Path]) -> None:
    shown = run_in_terminal("compare", *folders, NO_COLOR="1")
    assert "different" in shown
    assert "\x1b[38;5;130m" not in shown


def test_help_in_a_terminal_is_in_color() -> None:
    shown = run_in_terminal("compare", "--help")
    assert "\x1b[38;5;30m\x1b[1m--min-confidence\x1b[0m" in shown
    assert "\x1b[" not in run_in_terminal("compare", "--help", NO_COLOR="1")


def test_color_can_be_had_without_a_terminal(folders: tuple[Path, Path]) -> None:
    command = [*COMMAND, "compare", *folders]
    environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": "100"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert "\x1b[33mdifferent\x1b[0m  deep/differs.png" in done.stdout  # the nearest of 16 colours
    assert done.stderr == ""


def test_a_terminal_gets_messages_beside_its_bar(folders: tuple[Path, Path]) -> None:
    (folders[1] / "same.png").write_bytes(b"GIF? no.")
    shown = run_in_terminal("compare", *folders, "--jsonl")
    assert "/same.png is not a " in shown
    assert "Comparing" in shown
