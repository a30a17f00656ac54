"""Admits work while the bytes it takes fit, in memory or on a device."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class ByteLimit:
    """Lets work in while its bytes fit; work that never fits is let in alone, and before what comes after it."""

    def __init__(self, limit: float) -> None:
        self.most = limit
        self._used = 0
        self._alone = 0
        self._freed = threading.Condition()

    @contextmanager
    def reserve(self, amount: int) -> Iterator[None]:
        """Waits until `amount` bytes fit, holds them for the block."""
        with self._freed:
            if amount > self.most:
                self._alone += 1
                self._freed.wait_for(lambda: not self._used)
                self._alone -= 1
            else:
                self._freed.wait_for(lambda: not self._alone and self._used + amount <= self.most)
            self._used += amount
        try:
            yield
        finally:
            with self._freed:
                self._used -= amount
                self._freed.notify_all()
