"""Runs many pairs in threads and hands their results on in input order.

Decoders and OpenCV release the GIL, so threads are enough. What bounds memory is the number of
decoded bytes in flight, not the number of pairs.
"""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from diffspot.backends import CPU, describe_backend, pairs_at_a_time
from diffspot.outputs import open_outputs
from diffspot.runner.machine import usable_cores
from diffspot.runner.renames import find_renames
from diffspot.runner.report import make_report
from diffspot.runner.worker import PairWorker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from diffspot.model import ImagePair, PairResult, RunReport
    from diffspot.options.options import Options
    from diffspot.options.settings import Settings
    from diffspot.outputs.interface import Output
    from diffspot.runner.worker import Done

QUEUED_PER_JOB = 4
"""Pairs handed to the pool ahead of the oldest unfinished one; their results are small."""


def prepare(
    pairs: Sequence[ImagePair],
    options: Options,
    *,
    out: Path | None,
    inputs: Sequence[Path] = (),
    lists: Iterable[Path | None] = (),
    jobs: int | None = None,
) -> tuple[Sequence[ImagePair], Sequence[Output]]:
    """What `run` takes: the pairs, renamed pictures joined, and the outputs, opened.

    Args:
        pairs: what was found, in the order of the report.
        options: they say what is written.
        out: folder for the report and annotated pictures; None writes neither.
        inputs: the directories that the pairs were found in.
        lists: what else is read, such as the configuration file.
        jobs: files looked at at a time; None is one for each core.

    Raises:
        OutputError: where an output cannot be written, or would take the place of what is read.
    """
    joined = find_renames(pairs, jobs or usable_cores())
    return joined, open_outputs(out, options, inputs, joined, lists=lists)


def run(
    pairs: Sequence[ImagePair],
    settings: Settings,
    *,
    inputs: Sequence[Path] = (),
    outputs: Sequence[Output] = (),
    jobs: int | None = None,
    backend: str = CPU,
    on_result: Callable[[PairResult], None] = lambda _: None,
    stop: threading.Event | None = None,
    debug: bool = False,
) -> RunReport:
    """Compares every pair and writes every output.

    Args:
        pairs: what to compare, in the order of the report.
        settings: how to compare each.
        inputs: the directories that the pairs were found in.
        outputs: what to write.
        jobs: pairs compared at a time; None is one for each core this process may use, two where a GPU does the array
            work. Fewer pairs share them, but no more than there are cores.
        backend: what does the array work, a key of `BACKENDS`.
        on_result: called with each result, in input order, on the calling thread.
        stop: once set, no further pair is begun and what is done is reported.
        debug: let a fault in diffspot end the run with its traceback.

    Raises:
        OutputError: where an output cannot be written.
        BackendError: where the backend does not work.
    """
    used = describe_backend(backend)
    started = datetime.now(UTC)
    stop = stop or threading.Event()
    jobs, threads = _shared(jobs, len(pairs), backend)
    results: list[PairResult] = []
    seconds: list[float] = []
    with PairWorker(settings, outputs, backend=backend, threads=threads, debug=debug) as worker:
        for result, taken in _in_order(worker, pairs, jobs, stop):
            results.append(result)
            seconds.append(taken)
            for output in outputs:
                output.add(result)
            on_result(result)
    report = make_report(
        results,
        seconds,
        settings.base,
        started=started,
        interrupted=len(results) < len(pairs),
        backend=used,
        inputs=inputs,
    )
    for output in outputs:
        output.finish(report)
    return report


def _shared(jobs: int | None, pairs: int, backend: str) -> tuple[int, int]:
    """How many of so many pairs to work on at a time, and in how many threads each: more than cores only slow it."""
    cores = usable_cores()
    wanted = jobs or pairs_at_a_time(backend, cores)
    at_a_time = min(wanted, max(1, pairs))
    return at_a_time, max(1, min(wanted, cores) // at_a_time)


def _in_order(
    worker: Callable[[ImagePair], Done],
    pairs: Iterable[ImagePair],
    jobs: int,
    stop: threading.Event,
) -> Iterator[Done]:
    """Yields what came of each pair in input order; ends early, in order, once `stop` is set."""
    waiting: deque[Future[Done]] = deque()
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="diffspot")
    try:
        for pair in pairs:
            if stop.is_set():
                break
            waiting.append(pool.submit(worker, pair))
            if len(waiting) >= jobs * QUEUED_PER_JOB:
                yield waiting.popleft().result()
        while waiting:
            if stop.is_set():
                pool.shutdown(wait=False, cancel_futures=True)
            future = waiting.popleft()
            if not future.cancelled():
                yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
