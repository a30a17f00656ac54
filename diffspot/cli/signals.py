"""Ctrl-C and terminations as an event that work can look at."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from diffspot.cli.streams import say
from diffspot.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C or a termination sets; a second Ctrl-C ends the program at once."""
    stop = threading.Event()

    def ask_to_stop(number: int, _: object) -> None:
        if stop.is_set():
            os._exit(ExitCode.TROUBLE)
        stop.set()
        say(f"stopping ({signal.Signals(number).name})")

    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(number, ask_to_stop) for number in signals]
    try:
        yield stop
    finally:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)
