"""Runs commands in copies of this process that are killed: at a given step, always the same, or after a given time."""

from __future__ import annotations

import os
import signal
import sys
import threading
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

KILLED = -signal.SIGKILL


def kill_at(step: int) -> None:
    """Kills this process right before its step-th call of what changes files, or in the middle of writing."""
    left, lock, write = step, threading.Lock(), os.write

    def is_last() -> bool:
        nonlocal left
        with lock:
            left -= 1
            return left == 0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **keywords: Any) -> Any:  # noqa: ANN401
            if is_last():
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*arguments, **keywords)

        return call

    def write_some(handle: int, data: bytes) -> int:
        if is_last():
            write(handle, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return write(handle, data)

    os.fsync, os.open, os.write = counted(lambda _: None), counted(os.open), write_some  # no power is cut
    for name in ("replace", "unlink", "mkdir"):
        setattr(Path, name, counted(getattr(Path, name)))


def kill_after(seconds: float) -> None:
    """Kills this process after some time."""
    timer = threading.Timer(seconds, os.kill, (os.getpid(), signal.SIGKILL))
    timer.daemon = True
    timer.start()


def run_forked(command: Sequence[object], prepare: Callable[[], None] = lambda: None) -> tuple[int, str]:
    """Runs the command in a copy of this process; its exit code, negative if it was killed, and what it printed."""
    for module in ("diffspot.image_io.read", "diffspot.runner.pair", "diffspot.runner.run"):
        import_module(module)  # before the copy is made
    main = import_module("diffspot.cli.app").main
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(writing, 1)
        os.dup2(writing, 2)
        sys.argv = ["diffspot", *map(str, command)]
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
