"""A pair's deadline, looked at between the steps of its comparison.

Nothing interrupts a step: a decoder or a kernel that has begun ends first, and so does the work of other threads on a
pair's behalf.
"""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from diffspot.errors import TimeLimitError

if TYPE_CHECKING:
    from collections.abc import Iterator

_THREAD = threading.local()


@contextmanager
def deadline(seconds: float | None, what: str) -> Iterator[None]:
    """Limits the time of what this thread does within the block; None sets no limit.

    Args:
        seconds: from now on.
        what: takes the time, for the message.
    """
    if seconds is not None:
        _THREAD.end = time.monotonic() + seconds
        _THREAD.reason = f"{what} took longer than the {seconds:g} s of --timeout; raise it or leave the pair out."
    try:
        yield
    finally:
        _THREAD.end = None


def check_deadline() -> None:
    """Ends a comparison whose time is up.

    Raises:
        TimeLimitError: it is.
    """
    end = getattr(_THREAD, "end", None)
    if end is not None and time.monotonic() > end:
        raise TimeLimitError(_THREAD.reason)
