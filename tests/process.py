"""The command as its users meet it: a real process."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "diffspot"]


def diffspot(*arguments: object, stdin: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=cwd,
    )


def place_command(folder: Path, name: str, body: str) -> None:
    """Writes a shell script that is called by its name where `folder` is on the search path."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n", encoding="utf-8")
    path.chmod(0o755)


def with_commands(folder: Path) -> dict[str, str]:
    """Places `diffspot` and `python`, both of this environment; what the environment has to hold for them."""
    place_command(folder, "diffspot", f'exec {shlex.join(COMMAND)} "$@"')
    place_command(folder, "python", f'exec {shlex.quote(sys.executable)} "$@"')
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
