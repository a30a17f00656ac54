"""Runs commands in processes that are killed at a given step: the kill -9 of a test that always hits the same moment.

As a script it forks, so that the imports are paid for once: `killing.py DIRECTORY COMMAND...` restores the directory,
kills the command at step 1, 2, 3 ... until it ends by itself, and prints for each what the check made of it.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KILLED = -signal.SIGKILL


def kill_at(step: int) -> None:
    """Kills this process right before its step-th call of what changes files, or has them written to the disk."""
    left = step

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **keywords)

        return call

    os.fsync, os.open = counted(lambda _: None), counted(os.open)  # no power is cut, so nothing has to reach a disk
    for name in ("replace", "unlink", "mkdir"):
        setattr(Path, name, counted(getattr(Path, name)))


def run_forked(command: Sequence[str], prepare: Callable[[], None] = lambda: None) -> tuple[int, str]:
    """Runs the command in a copy of this process; its exit code, negative if it was killed, and what it printed."""
    import diffspot.image_io.read  # noqa: PLC0415  imported before the copy is made
    import diffspot.runner.pair  # noqa: PLC0415, F401
    from diffspot.cli.app import main  # noqa: PLC0415

    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        sys.argv = ["diffspot", *command]
        prepare()
        try:
            main()
        except SystemExit as end:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(int(end.code or 0))
    os.close(writing)
    with open(reading, "rb") as printed:  # noqa: PTH123
        text = printed.read().decode()
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status), text
