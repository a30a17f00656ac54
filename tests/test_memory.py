"""How much memory a comparison reserves, and who waits for it."""

from __future__ import annotations

import threading
import time

from diffspot.memory import BYTES_PER_PIXEL, ByteLimit, work_bytes


def test_work_is_that_of_both_pictures() -> None:
    assert work_bytes([(10, 20), (5, 4)]) == 220 * BYTES_PER_PIXEL


def test_a_limit_bounds_what_is_held_and_lets_giants_in_alone() -> None:
    limit, lock = ByteLimit(10), threading.Lock()
    held, peaks = [0], []

    def work(amount: int) -> None:
        with limit.reserve(amount):
            with lock:
                held[0] += amount
                peaks.append((held[0], amount))
            time.sleep(0.002)
            with lock:
                held[0] -= amount

    threads = [threading.Thread(target=work, args=(size,)) for size in [3, 4, 5, 25, 6, 2, 30] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(peaks) == 28
    assert all(total <= 10 or total == amount for total, amount in peaks)
