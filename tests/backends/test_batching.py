"""What several threads ask is answered in stacks, and a fault stays with who asked for it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import pytest

from diffspot.backends.batching import Batcher

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

THREADS = 9


class Device:
    """Doubles numbers; the first stack waits until all requests are in."""

    def __init__(self) -> None:
        self.stacks: list[list[int]] = []
        self.all_in = threading.Event()
        self.begun = threading.Event()

    def work(self, asked: Sequence[int]) -> list[int]:
        self.begun.set()
        assert self.all_in.wait(10)
        self.stacks.append(list(asked))
        return [2 * one for one in asked]


def asked_together(
    stacks: Batcher,
    device: Device,
    work: Callable[[Sequence[int]], list[int]],
    alike: Callable[[int], object] = lambda _: 0,
) -> list[Future[int]]:
    """The first request alone, the others while it is worked on."""
    with ThreadPoolExecutor(THREADS) as pool:
        futures = [pool.submit(stacks.call, work, 0, alike(0))]
        assert device.begun.wait(10)
        futures += [pool.submit(stacks.call, work, one, alike(one)) for one in range(1, THREADS)]
        while len(stacks._waiting) < THREADS - 1:  # noqa: SLF001  there is no other way to know
            threading.Event().wait(0.001)
        device.all_in.set()
        wait(futures, 10)
    return futures


def test_what_gathers_meanwhile_is_one_stack() -> None:
    device = Device()
    futures = asked_together(Batcher(), device, device.work)
    assert [future.result() for future in futures] == [2 * one for one in range(THREADS)]
    assert device.stacks[0] == [0]
    assert [sorted(stack) for stack in device.stacks[1:]] == [list(range(1, THREADS))]


def test_only_what_is_alike_is_stacked() -> None:
    device = Device()
    futures = asked_together(Batcher(), device, device.work, alike=lambda one: one % 2)
    assert [future.result() for future in futures] == [2 * one for one in range(THREADS)]
    assert sorted(map(sorted, device.stacks)) == [[0], [1, 3, 5, 7], [2, 4, 6, 8]]


def test_a_stack_that_fails_is_halved_until_only_the_bad_one_fails() -> None:
    device, bad = Device(), 5

    def work(asked: Sequence[int]) -> list[int]:
        answers = device.work(asked)
        if bad in asked:
            raise MemoryError(f"{len(asked)} at a time")
        return answers

    futures = asked_together(Batcher(), device, work)
    assert [future.result() for one, future in enumerate(futures) if one != bad] == [
        2 * one for one in range(THREADS) if one != bad
    ]
    with pytest.raises(MemoryError, match=r"(?s)^1 at a time\n.*in work\n"):
        futures[bad].result()
    assert sorted(map(len, device.stacks)) == [1, 1, 1, 2, 2, 4, 4, 8]


class Stopped(BaseException):
    """Not an exception that a pair can meet."""


def test_what_stops_a_stack_stops_all_in_it() -> None:
    device = Device()

    def work(asked: Sequence[int]) -> list[int]:
        if len(asked) > 1:
            raise Stopped
        return device.work(asked)

    futures = asked_together(Batcher(), device, work)
    assert futures[0].result() == 0
    assert [type(future.exception()) for future in futures[1:]] == [Stopped] * (THREADS - 1)


def test_a_device_at_rest_takes_one_alone() -> None:
    stacks, seen = Batcher(), []

    def work(asked: Sequence[int]) -> Sequence[int]:
        seen.append(list(asked))
        return asked

    assert [stacks.call(work, one, 0) for one in range(3)] == [0, 1, 2]
    assert seen == [[0], [1], [2]]
