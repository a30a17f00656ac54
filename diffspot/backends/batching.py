"""Dynamic batching: merges compatible requests of several threads into one batch."""

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
    request: Any
    batch_key: Hashable
    answer: Future[Any] = field(default_factory=Future)


class Batcher:
    """Answers requests in batches: while one batch is worked on, the next gathers.

    Whichever thread finds the device at rest works on all requests of its own batch key, and answers those of other
    threads too. So nothing waits for company: a device at rest takes a single request at once.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: list[_Request] = []
        self._busy = False

    def call(self, work: Work, request: Any, batch_key: Hashable) -> Any:  # noqa: ANN401  whatever `work` takes and gives
        """The answer to one request.

        Args:
            work: from the requests of a batch to their answers, in order.
            request: the request.
            batch_key: equal for requests that can share a batch.

        Raises:
            Exception: what `work` raises for this request alone; a batch that fails is tried again in halves.
        """
        own, batch = _Request(work, request, batch_key), list[_Request]()
        try:
            batch = self._gathered(own)
            if batch:
                self._work_on(batch)
            return own.answer.result()
        finally:
            del own, batch  # a fault that is raised holds this frame, and would hold itself and what was asked

    def _gathered(self, own: _Request) -> list[_Request]:
        """What to work on, once the device is at rest; nothing once another thread has answered."""
        with self._changed:
            self._waiting.append(own)
            self._changed.wait_for(lambda: own.answer.done() or not self._busy)
            if own.answer.done():
                return []
            self._busy = True
            batch = [one for one in self._waiting if one.batch_key == own.batch_key]
            self._waiting = [one for one in self._waiting if one.batch_key != own.batch_key]
            return batch

    def _work_on(self, batch: Sequence[_Request]) -> None:
        try:
            _answer(batch)
        except BaseException as error:
            for one in batch:
                if not one.answer.done():
                    one.answer.set_exception(error)
            raise
        finally:
            with self._changed:
                self._busy = False
                self._changed.notify_all()


def _answer(batch: Sequence[_Request]) -> None:
    answers = _tried(batch[0].work, [one.request for one in batch])
    if not isinstance(answers, Exception):
        for one, answer in zip(batch, answers, strict=True):
            one.answer.set_result(answer)
    elif len(batch) == 1:
        batch[0].answer.set_exception(answers)
    else:
        half = len(batch) // 2
        for part in (batch[:half], batch[half:]):
            _answer(part)


def _tried(work: Work, request: Sequence[Any]) -> Sequence[Any] | Exception:
    """The answers, or what went wrong: with its traceback in words, for the frames hold the device's memory."""
    try:
        return work(request)
    except Exception as error:  # noqa: BLE001  it is raised in the thread that asked
        error.add_note("".join(traceback.format_tb(error.__traceback__)))
        return error.with_traceback(None)
