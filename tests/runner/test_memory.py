"""How much memory a comparison reserves, and who waits for it."""

from __future__ import annotations

import threading
import time
import types

import pytest

from diffspot.backends.limit import ByteLimit
from diffspot.runner.machine import bytes_in_flight, keep_freed, work_bytes


def test_work_is_that_of_both_pictures() -> None:
    assert work_bytes([(10, 20), (5, 4)]) == 220 * work_bytes([(1, 1)]) > 220 * 6


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


@pytest.mark.parametrize(("there_is", "expected"), [(0, 2 << 30), (4 << 30, 2 << 30), (128 << 30, 32 << 30)])
def test_more_is_worked_on_where_there_is_more_memory(there_is: int, expected: int) -> None:
    assert bytes_in_flight(there_is) == expected


def test_a_giant_is_let_in_before_what_comes_after_it() -> None:
    limit, order = ByteLimit(10), list[str]()

    def work(name: str, amount: int) -> None:
        with limit.reserve(amount):
            order.append(name)

    giant, late = (threading.Thread(target=work, args=args) for args in (("giant", 11), ("late", 1)))
    with limit.reserve(5):
        giant.start()
        while not limit._alone:  # noqa: SLF001  there is no other way to know
            time.sleep(0.001)
        late.start()
        late.join(0.05)
        assert order == []
    giant.join(10)
    late.join(10)
    assert order == ["giant", "late"]


def test_freed_memory_is_kept_by_glibc(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[int, int]] = []
    library = types.SimpleNamespace(mallopt=lambda parameter, value: told.append((parameter, value)))
    monkeypatch.setattr("ctypes.CDLL", lambda name: library if name is None else None)
    keep_freed()
    # mallopt(3): M_TRIM_THRESHOLD is -1, M_MMAP_THRESHOLD -3, M_ARENA_MAX -8.
    values = dict(told)
    assert values.pop(-8) == 1
    assert sorted(values) == [-3, -1]
    assert all(32 << 20 < value < 2**31 for value in values.values())  # more than glibc's own bounds; it takes an int


@pytest.mark.parametrize("fault", [None, OSError, TypeError], ids=["no mallopt", "not loaded", "no C library"])
def test_without_mallopt_nothing_comes_of_it(fault: type[Exception] | None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def load(name: object) -> object:
        asked.append(name)
        if fault:
            raise fault
        return types.SimpleNamespace()

    monkeypatch.setattr("ctypes.CDLL", load)
    keep_freed()
    assert asked == [None]
