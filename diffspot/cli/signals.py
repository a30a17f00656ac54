"""Ctrl-C and terminations: work is told to stop, and the process then ends by the signal, as shells expect."""

from __future__ import annotations

import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from diffspot.cli.streams import say

if TYPE_CHECKING:
    from collections.abc import Iterator

_received: list[int] = []
"""Signals that stopped work in this process."""


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that Ctrl-C or a termination sets; a second one ends the program at once."""
    stop = threading.Event()

    def ask_to_stop(number: int, _: object) -> None:
        if stop.is_set():
            _end_by(number)
        stop.set()
        _received.append(number)
        say(f"stopping ({signal.Signals(number).name}); a second time stops at once")

    # What the process was started to ignore it goes on to ignore: `diffspot ... &` of a script, nohup.
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    # None is a handler that Python did not set, and cannot set again.
    heeded = {number: handler for number, handler in before.items() if handler not in (signal.SIG_IGN, None)}
    try:
        for number in heeded:
            signal.signal(number, ask_to_stop)
        yield stop
    finally:
        for number, handler in heeded.items():
            signal.signal(number, handler)


def pass_on() -> None:
    """Ends the process by the signal that stopped its work, if one did: a shell ends its loop only if Ctrl-C did."""
    if _received:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        _end_by(_received[0])


def _end_by(number: int) -> None:
    signal.signal(number, signal.SIG_DFL)
    signal.raise_signal(number)
