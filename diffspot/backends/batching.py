"""Gathers what several threads ask of one device, so that it is worked on as a stack."""

from __future__ import annotations

import threading
import traceback
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

    Whichever thread finds the device at rest works on all requests that are alike with its own, and answers those of
    others too. So nothing waits for company: a device at rest takes a single request at once.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[_Request] = []
        self._busy = False

    def call(self, work: Work, asked: Any, alike: Hashable) -> Any:  # noqa: ANN401  whatever `work` takes and gives
        """The answer to one request.

        Args:
            work: from the requests of a stack to their answers, in order.
            asked: the request.
            alike: equal for requests that can be in one stack.

        Raises:
            Exception: what `work` raises for this request alone; a stack that fails is tried again in halves.
        """
        own, stack = _Request(work, asked, alike), list[_Request]()
        try:
            stack = self._gathered(own)
            if stack:
                self._work_on(stack)
            return own.answer.result()
        finally:
            del own, stack  # a fault that is raised holds this frame, and would hold itself and what was asked

    def _gathered(self, own: _Request) -> list[_Request]:
        """What to work on, once the device is at rest; nothing once another thread has answered."""
        with self._changed:
            self._waiting.append(own)
            self._changed.wait_for(lambda: own.answer.done() or not self._busy)
            if own.answer.done():
                return []
            self._busy = True
            stack = [one for one in self._waiting if one.alike == own.alike]
            self._waiting = [one for one in self._waiting if one.alike != own.alike]
            return stack

    def _work_on(self, stack: Sequence[_Request]) -> None:
        try:
            _answer(stack)
        except BaseException as error:
            for one in stack:
                if not one.answer.done():
                    one.answer.set_exception(error)
            raise
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()


def _answer(stack: Sequence[_Request]) -> None:
    answers = _tried(stack[0].work, [one.asked for one in stack])
    if not isinstance(answers, Exception):
        for one, answer in zip(stack, answers, strict=True):
            one.answer.set_result(answer)
    elif len(stack) == 1:
        stack[0].answer.set_exception(answers)
    else:
        half = len(stack) // 2
        for part in (stack[:half], stack[half:]):
            _answer(part)


def _tried(work: Work, asked: Sequence[Any]) -> Sequence[Any] | Exception:
    """The answers, or what went wrong: with its traceback in words, for the frames hold the device's memory."""
    try:
        return work(asked)
    except Exception as error:  # noqa: BLE001  it is raised in the thread that asked
        error.add_note("".join(traceback.format_tb(error.__traceback__)))
        return error.with_traceback(None)
