"""The command in a terminal, and its help."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

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
    assert "\x1b[33mdifferent" in shown
    assert "status" in shown


def test_no_color_is_honoured(folders: tuple[Path, Path]) -> None:
    shown = run_in_terminal("compare", *folders, NO_COLOR="1")
    assert "different" in shown
    assert "\x1b[33m" not in shown


def test_version_needs_no_heavy_import() -> None:
    code = (
        "import sys; sys.argv = ['diffspot', '--version']\n"
        "from diffspot.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert end.code == 0\n"
        "heavy = {'cv2', 'numpy', 'skimage', 'scipy', 'imagecodecs', 'PIL', 'rich'}\n"
        "print(sorted(heavy & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_help_names_every_stage_and_default() -> None:
    done = subprocess.run(
        [*COMMAND, "compare", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "COLUMNS": "160"},
    )
    from diffspot.options import option_fields  # noqa: PLC0415

    for option in option_fields().values():
        assert option.flag in done.stdout
        assert option.stage in done.stdout
        assert f"[default: {option.default}]" in done.stdout
