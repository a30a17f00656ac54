"""Runs many pairs: decode and compare in threads, hand results on in input order.

Decoders and OpenCV release the GIL, so threads are enough. What bounds memory is the number of
decoded bytes in flight, not the number of pairs.
"""

from __future__ import annotations

import math
import os
import threading
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from diffspot import __version__
from diffspot.backends import get_backend
from diffspot.change import fingerprint
from diffspot.comparison import Comparison
from diffspot.digest import digest
from diffspot.errors import DiffspotError
from diffspot.ignored import find_ignored
from diffspot.image_io import decode, peek_size, read_bytes, read_outline
from diffspot.memory import BYTES_IN_FLIGHT, ByteLimit, work_bytes
from diffspot.model import Inputs, Registration, RunReport, Summary, Times, Tool, printable, unseen
from diffspot.options import deciding
from diffspot.outputs.interface import Pictures
from diffspot.pipeline import compare_images

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from diffspot.backends.interface import Backend
    from diffspot.image_io import Outline
    from diffspot.model import ImagePair, PairResult
    from diffspot.options import Options
    from diffspot.outputs.interface import Output
    from diffspot.settings import Settings

    Done = tuple[PairResult, float]

QUEUED_PER_JOB = 4
"""Pairs handed to the pool ahead of the oldest unfinished one; their results are small."""

CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")


class PairWorker:
    """Turns one pair into its result; safe to call from many threads."""

    def __init__(self, settings: Settings, backend: Backend, outputs: Sequence[Output], *, debug: bool) -> None:
        self._settings = settings
        self._backend = backend
        self._outputs = outputs
        self._debug = debug
        self._limit = ByteLimit(BYTES_IN_FLIGHT)

    def __call__(self, pair: ImagePair) -> Done:
        """The result of a pair, and the seconds it took."""
        started = time.perf_counter()
        return self._result(pair), time.perf_counter() - started

    def _result(self, pair: ImagePair) -> PairResult:
        """The result of a pair; what goes wrong becomes an `error` result."""
        try:
            return self._compare(pair)
        except DiffspotError as error:
            reason = str(error)
        except MemoryError:
            reason = f"{pair.name} needs more memory than there is; try --jobs 1."
        except Exception as error:  # one bad pair never stops a run
            if self._debug:
                raise
            reason = (
                f"{pair.name} met a fault in diffspot ({type(error).__name__}: {error}); run with "
                "--debug and report what it prints."
            )
        overrides = self._settings.overrides(pair.name)
        return replace(unseen(pair), status="error", error=printable(reason), options=overrides)

    def _compare(self, pair: ImagePair) -> PairResult:
        options, overrides = self._settings.for_pair(pair.name), self._settings.overrides(pair.name)
        if pair.reference is None or pair.candidate is None or pair.renamed:
            return replace(_uncompared(pair), options=overrides)
        data = read_bytes(pair.reference), read_bytes(pair.candidate)
        equal = data[0] == data[1]
        first = digest(data[0])
        digests = {"reference_digest": first, "candidate_digest": first if equal else digest(data[1])}
        sizes = peek_size(data[0], pair.reference), peek_size(data[1], pair.candidate)
        with self._limit.reserve(work_bytes(sizes, options.metric)):
            outline = read_outline(data[0], pair.reference) if equal else None
            if outline:
                return replace(_undecoded(outline, options).result(pair, options), options=overrides, **digests)
            reference = decode(data[0], pair.reference)
            candidate = reference if equal else decode(data[1], pair.candidate)
            ignored = find_ignored(reference.pixels.shape[:2], options)
            comparison = compare_images(reference, candidate, options, self._backend, ignored)
            result = replace(comparison.result(pair, options), options=overrides, **digests)
            if result.status == "different":
                result = replace(result, change=fingerprint(reference, candidate, result.regions))
                for output in self._outputs:
                    result = output.draw(result, Pictures(reference, candidate, comparison.hidden))
            return result


def _undecoded(outline: Outline, options: Options) -> Comparison:
    """What the pipeline would find out about two equal files."""
    ignored = find_ignored(outline.size[::-1], options)
    share = None if ignored is None else round(float(ignored.mean()), 6)
    notes = tuple(f"{side}: {note}" for side in ("reference", "candidate") for note in outline.notes)
    return Comparison(outline.size, Registration(), notes, ignored=share)


def _uncompared(pair: ImagePair) -> PairResult:
    """The result of a pair whose files, mostly one, are read but not compared."""
    first, second = (None if path is None else digest(read_bytes(path)) for path in (pair.reference, pair.candidate))
    return replace(unseen(pair), reference_digest=first, candidate_digest=second)


def run(
    pairs: Sequence[ImagePair],
    settings: Settings,
    *,
    inputs: Sequence[Path] = (),
    outputs: Sequence[Output] = (),
    jobs: int | None = None,
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
        jobs: pairs compared at a time; None is one for each core this process may use.
        on_result: called with each result, in input order, on the calling thread.
        stop: once set, no further pair is begun and what is done is reported.
        debug: let a fault in diffspot end the run with its traceback.

    Raises:
        OptionError: where rules give a pair values that do not go together.
        OutputError: where an output cannot be written.
    """
    for pair in pairs:
        settings.for_pair(pair.name)
    started, clock = datetime.now(UTC), time.perf_counter()
    stop = stop or threading.Event()
    jobs = min(jobs or usable_cores(), max(1, len(pairs)))
    backend = get_backend("numpy")
    worker = PairWorker(settings, backend, outputs, debug=debug)
    results: list[PairResult] = []
    seconds: list[float] = []
    with backend.one_thread() if jobs > 1 else nullcontext():
        for result, taken in _in_order(worker, pairs, jobs, stop):
            results.append(result)
            seconds.append(round(taken, 3))
            for output in outputs:
                output.add(result)
            on_result(result)
    report = RunReport(
        tool=Tool(name="diffspot", version=__version__),
        options=deciding(settings.base),
        inputs=_inputs(inputs),
        summary=summarize(results),
        interrupted=len(results) < len(pairs),
        pairs=tuple(results),
        times=Times(
            started=started.isoformat(timespec="seconds"),
            seconds=round(time.perf_counter() - clock, 3),
            pairs=tuple(seconds),
        ),
    )
    for output in outputs:
        output.finish(report)
    return report


def _inputs(directories: Sequence[Path]) -> Inputs:
    if len(directories) != 2:  # noqa: PLR2004
        return Inputs()
    reference, candidate = (printable(directory.as_posix()) for directory in directories)
    return Inputs(reference=reference, candidate=candidate)


def summarize(results: Sequence[PairResult]) -> Summary:
    """How many of the results have which status."""
    counts: Counter[str] = Counter(result.status for result in results)
    return Summary(pairs=len(results), **counts)


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


def usable_cores() -> int:
    """Cores this process may use: its affinity, held down by a container's CPU quota."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        quota, period = CGROUP_QUOTA.read_text().split()
        limit = math.ceil(int(quota) / int(period))
    except (OSError, ValueError):  # no such file, or "max"
        limit = cores or 1
    return max(1, min(cores or 1, limit))
