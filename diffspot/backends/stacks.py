"""Gathers what several threads ask of one device, so that it is worked on as a stack."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    Work = Callable[[Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class _Request:
    work: Work
    asked: Any
    alike: Hashable
    answer: Future[Any] = field(default_factory=Future)


class Stacks:
    """Answers requests in stacks: while one is worked on, the next gathers.

    Any thread whose turn it is works on all requests that are alike with its own, and answers those of others too. So
    nothing waits for company: a device that is idle takes a single request at once.
    """

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._waiting: list[_Request] = []
        self._changing = threading.Lock()

    def call(self, work: Work, asked: Any, alike: Hashable) -> Any:  # noqa: ANN401  whatever `work` takes and gives
        """The answer to one request.

        Args:
            work: from the requests of a stack to their answers, in order.
            asked: the request.
            alike: equal for requests that can be in one stack.

        Raises:
            Exception: what `work` raises for this request alone; a stack that fails is tried again in halves.
        """
        own = _Request(work, asked, alike)
        with self._changing:
            self._waiting.append(own)
        with self._turn:
            if not own.answer.done():
                _answer(self._gathered(own))
        return own.answer.result()

    def _gathered(self, own: _Request) -> list[_Request]:
        with self._changing:
            stack = [one for one in self._waiting if one.alike == own.alike]
            self._waiting = [one for one in self._waiting if one.alike != own.alike]
        return stack


def _answer(stack: Sequence[_Request]) -> None:
    try:
        answers = stack[0].work([one.asked for one in stack])
    except Exception as error:  # noqa: BLE001  it is raised in the thread that asked
        if len(stack) == 1:
            stack[0].answer.set_exception(error)
            return
    else:
        for one, answer in zip(stack, answers, strict=True):
            one.answer.set_result(answer)
        return
    # Here, where the fault no longer holds what it had taken of the device's memory.
    half = len(stack) // 2
    for part in (stack[:half], stack[half:]):
        _answer(part)
