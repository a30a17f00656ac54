"""Runs many pairs in threads and hands their results on in input order.

Decoders and OpenCV release the GIL, so threads are enough. What bounds memory is the number of
decoded bytes in flight, not the number of pairs.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar, get_args

from diffspot.backends import CPU, describe_backend, pairs_at_a_time
from diffspot.backends.machine import usable_cores
from diffspot.errors import PairingError
from diffspot.image_io.storage import StoredPath
from diffspot.model import __version__
from diffspot.options.options import measured
from diffspot.options.types import MetricName
from diffspot.outputs import open_outputs
from diffspot.outputs.interface import Outputs
from diffspot.runner.ahead import fetched_ahead
from diffspot.runner.journal import Journal
from diffspot.runner.renames import find_renames
from diffspot.runner.report import make_report
from diffspot.runner.spread import spread_path
from diffspot.runner.worker import PairWorker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from concurrent.futures import Future
    from pathlib import Path

    from diffspot.model import ImagePair, PairResult, RunReport
    from diffspot.options.options import Options
    from diffspot.options.settings import Settings

T = TypeVar("T")
R = TypeVar("R")

LOOK_EVERY = 0.1
"""Seconds in which a stop is noticed."""
GRACE = 0.5
"""Seconds that pairs in work have to end once a run is stopped."""
QUEUED_PER_JOB = 4
"""Pairs handed to the pool ahead of the oldest unfinished one; their results are small."""
NO_PARTNERS = "No picture has a partner, and --unmatched ignore leaves out those without; check the names."


def prepare(
    pairs: Sequence[ImagePair],
    options: Options,
    *,
    files: Iterable[str],
    out: Path | None,
    inputs: Sequence[Path] = (),
    lists: Iterable[Path | None] = (),
    jobs: int | None = None,
    confined: Mapping[str, Path] = MappingProxyType({}),
) -> tuple[Sequence[ImagePair], Outputs]:
    """What `run` takes: the pairs, renamed pictures joined, and the outputs, opened; the caller leaves them.

    Args:
        pairs: what was found, in the order of the report.
        options: they say what is written.
        files: what the settings of the pairs name to be read.
        out: folder for the report and annotated pictures; None writes neither.
        inputs: the directories that the pairs were found in.
        lists: what else is read, such as the configuration file.
        jobs: files looked at at a time; None is one for each core.
        confined: as for `open_outputs`.

    Raises:
        OutputError: where an output cannot be written, or would take the place of what is read.
        OptionError: where what scores the pairs is missing.
        PairingError: where `unmatched` leaves out every picture.
    """
    check_metrics(options)
    joined = _matched(find_renames(pairs, options, jobs), options)
    spreads = (spread_path(golden) for pair in joined for golden in pair.references)
    beside = chain(lists, spreads)
    return joined, open_outputs(out, options, inputs, joined, files=files, lists=beside, confined=confined)


def check_metrics(options: Options) -> None:
    """Makes sure that what scores the pairs is there.

    Raises:
        OptionError: it is missing.
    """
    if _loads(options):
        from diffspot.pipeline.parameters import check_metric  # noqa: PLC0415  OpenCV is slow to import

        check_metric(options)


def _loads(options: Options) -> bool:
    """Whether what scores the pairs may be missing, or not fit together."""
    ours = options.metric in get_args(MetricName)
    return not ours or options.score == "gradient" or "lpips" in {options.metric, *measured(options)}


def _matched(pairs: list[ImagePair], options: Options) -> list[ImagePair]:
    """The pairs, without those of one picture where these are to be left out."""
    if options.unmatched != "ignore":
        return pairs
    kept = [pair for pair in pairs if pair.reference and pair.candidate]
    if not kept:
        raise PairingError(NO_PARTNERS)
    return kept


def run(
    pairs: Sequence[ImagePair],
    settings: Settings,
    *,
    inputs: Sequence[Path] = (),
    outputs: Outputs | None = None,
    jobs: int | None = None,
    backend: str = CPU,
    on_result: Callable[[PairResult], None] = lambda _: None,
    stop: threading.Event | None = None,
    resume: bool = False,
    debug: bool = False,
) -> RunReport:
    """Compares every pair and writes every output; those that cannot be written are noted in `outputs`.

    Args:
        pairs: what to compare, in the order of the report.
        settings: how to compare each.
        inputs: the directories that the pairs were found in.
        outputs: what to write.
        jobs: pairs compared at a time; None is one for each core this process may use, two where a GPU does the array
            work. Fewer pairs share them, but no more than there are cores.
        backend: what does the array work, a key of `BACKENDS`.
        on_result: called with each result, in input order, on the calling thread.
        stop: once set, no further pair is begun, those in work have a moment to end, and what is done is reported.
        resume: take the results that a run with the same folder kept until it was stopped, where they still hold.
        debug: let a fault in diffspot end the run with its traceback.

    Raises:
        BackendError: where the backend does not work.
    """
    used = describe_backend(backend)
    started = datetime.now(UTC)
    stop, outputs = stop or threading.Event(), Outputs() if outputs is None else outputs
    jobs, threads = share_cores(jobs, len(pairs), backend, usable_cores())
    results: list[PairResult] = []
    seconds: list[float] = []
    compared = 0
    journal = None
    if outputs.folder and not isinstance(outputs.folder, StoredPath):  # whose objects are written whole or not at all
        journal = Journal(outputs.folder, outputs, settings, (__version__, used), resume=resume)
    with ExitStack() as stack:
        worker = PairWorker(settings, outputs, backend=backend, threads=threads, debug=debug, pairs=pairs)
        stack.enter_context(worker)
        ahead = stack.enter_context(fetched_ahead(settings, worker.is_shared, worker.memory))
        compare = ahead.work(stack.enter_context(journal).work(worker) if journal else worker)
        for compared, frames in enumerate(in_order(compare, ahead.pairs(pairs), jobs, stop), start=1):  # noqa: B007
            for result, taken in frames:
                results.append(result)
                seconds.append(taken)
                outputs.add(result)
                on_result(result)
    report = make_report(
        results,
        seconds,
        settings.base,
        started=started,
        interrupted=compared < len(pairs),
        backend=used,
        inputs=inputs,
        outputs=outputs.names,
    )
    if stop.is_set():
        outputs.hurry()
    outputs.finish(report)
    _leave(journal, outputs, done=not report.interrupted)
    if debug and outputs.fault:
        raise outputs.fault
    return report


def _leave(journal: Journal | None, outputs: Outputs, *, done: bool) -> None:
    """Removes the journal, unless something is left to do that --resume would do."""
    if journal is None:
        return
    outputs.resumed = journal.taken
    if journal.failure:
        outputs.failures.append(journal.failure)
    if done and not outputs.failures:
        journal.remove()


def share_cores(jobs: int | None, pairs: int, backend: str, cores: int) -> tuple[int, int]:
    """How many of so many pairs to work on at a time, and in how many threads each: more than cores only slow it."""
    wanted = jobs or pairs_at_a_time(backend, cores)
    at_a_time = min(wanted, max(1, pairs))
    return at_a_time, max(1, min(wanted, cores) // at_a_time)


def in_order(
    worker: Callable[[T], R],
    given: Iterable[T],
    jobs: int,
    stop: threading.Event,
) -> Iterator[R]:
    """Yields what a worker makes of each pair, or picture, in input order; ends early, in order, once `stop` is set."""
    waiting: deque[Future[R]] = deque()
    pool = ThreadPoolExecutor(jobs, thread_name_prefix="diffspot")
    try:
        for one in given:
            if stop.is_set():
                break
            waiting.append(pool.submit(worker, one))
            if len(waiting) >= jobs * QUEUED_PER_JOB and _ends(waiting[0], stop):
                yield waiting.popleft().result()
        while waiting and not stop.is_set() and _ends(waiting[0], stop):
            yield waiting.popleft().result()
        pool.shutdown(wait=False, cancel_futures=True)
        moment = time.monotonic() + GRACE
        while waiting and not waiting[0].cancelled() and _ends_by(waiting[0], moment):
            yield waiting.popleft().result()
    finally:
        # Threads cannot be interrupted: a pair that takes longer is left to itself, and ends with the process.
        pool.shutdown(wait=not stop.is_set(), cancel_futures=True)


def _ends(future: Future[R], stop: threading.Event) -> bool:
    """Waits for the end of a pair, or for `stop`; whether it ended."""
    while not stop.is_set():
        if _ends_by(future, time.monotonic() + LOOK_EVERY):
            return True
    return False


def _ends_by(future: Future[R], moment: float) -> bool:
    """Waits for the end of a pair until a moment of the monotonic clock; whether it ended."""
    try:
        future.exception(max(0.0, moment - time.monotonic()))
    except TimeoutError:
        return False
    return True
