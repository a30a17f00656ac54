"""Turns one pair into its result."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Self

from msgspec.structs import replace

from diffspot.backends import CPU
from diffspot.backends.limit import ByteLimit
from diffspot.errors import DiffspotError
from diffspot.image_io import decode, peek_size, read_bytes, read_outline
from diffspot.image_io.digest import digest
from diffspot.model import printable, unseen
from diffspot.pipeline.comparison import unchanged
from diffspot.runner.ignored import find_ignored
from diffspot.runner.memory import bytes_in_flight, work_bytes
from diffspot.runner.verdict import verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from diffspot.image_io import Outline
    from diffspot.model import ImagePair, PairResult
    from diffspot.options.options import Options
    from diffspot.options.settings import Settings
    from diffspot.outputs.interface import Output
    from diffspot.pipeline.comparison import Comparison
    from diffspot.runner.comparer import Comparer

    Done = tuple[PairResult, float]
    File = tuple[bytes, Path]


class PairWorker:
    """Turns one pair into its result; safe to call from many threads within its `with` block.

    Args:
        settings: how to compare each pair.
        outputs: what draws pairs that differ.
        backend: what does the array work, a key of `BACKENDS`.
        threads: that a pair may use.
        debug: let a fault in diffspot through with its traceback.
    """

    def __init__(
        self, settings: Settings, outputs: Sequence[Output], *, backend: str = CPU, threads: int, debug: bool
    ) -> None:
        self._settings = settings
        self._outputs = outputs
        self._backend = backend
        self._threads = threads
        self._debug = debug
        self._limit = ByteLimit(bytes_in_flight())
        self._lock = threading.Lock()
        self._comparer: Comparer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._comparer:
            self._comparer.close()
            self._comparer = None

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
        return replace(self._known(pair), status="error", error=printable(reason))

    def _compare(self, pair: ImagePair) -> PairResult:
        options, known = self._settings.for_pair(pair.name), self._known(pair)
        if pair.reference is None or pair.candidate is None or pair.renamed:
            return replace(known, **_digests(pair))
        data = read_bytes(pair.reference), read_bytes(pair.candidate)
        equal = data[0] == data[1]
        first = digest(data[0])
        known = replace(known, reference_digest=first, candidate_digest=first if equal else digest(data[1]))
        sizes = peek_size(data[0], pair.reference), peek_size(data[1], pair.candidate)
        with self._limit.reserve(work_bytes(sizes)):
            outline = read_outline(data[0], pair.reference) if equal else None
            if outline:
                return verdict(known, _undecoded(outline, options), options)
            return self._decoded(known, (data[0], pair.reference), (data[1], pair.candidate), options)

    def _known(self, pair: ImagePair) -> PairResult:
        """What is known of a pair before its files are read."""
        return replace(unseen(pair), options=self._settings.overrides(pair.name))

    def _decoded(self, known: PairResult, one: File, other: File, options: Options) -> PairResult:
        """The result of a pair of files that have to be decoded; with threads to spare, side by side."""
        if one[0] == other[0]:
            reference = candidate = decode(*one)
        elif self._threads == 1:
            reference, candidate = decode(*one), decode(*other)
        else:
            with ThreadPoolExecutor(2) as pool:
                first, second = pool.submit(decode, *one), pool.submit(decode, *other)
                self._pixels()  # meanwhile
                reference, candidate = first.result(), second.result()
        return self._pixels().compare(known, reference, candidate, options)

    def _pixels(self) -> Comparer:
        """What compares pixels, made when the first pair needs it: OpenCV is slow to import, equal files do without."""
        with self._lock:
            if self._comparer is None:
                from diffspot.runner.comparer import Comparer  # noqa: PLC0415

                self._comparer = Comparer(self._outputs, self._backend, self._threads)
            return self._comparer


def _undecoded(outline: Outline, options: Options) -> Comparison:
    """What the pipeline would find out about two equal files."""
    ignored = find_ignored(outline.size[::-1], options)
    notes = tuple(f"{side}: {note}" for side in ("reference", "candidate") for note in outline.notes)
    return unchanged(outline.size, notes, ignored)


def _digests(pair: ImagePair) -> dict[str, str | None]:
    """The digests of a pair whose files, mostly one, are read but not compared."""
    first, second = (None if path is None else digest(read_bytes(path)) for path in (pair.reference, pair.candidate))
    return {"reference_digest": first, "candidate_digest": second}
