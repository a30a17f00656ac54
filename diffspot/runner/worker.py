"""Turns one pair into its result."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Self

from msgspec.structs import replace

from diffspot.backends import CPU, get_backend
from diffspot.backends.limit import ByteLimit
from diffspot.errors import DiffspotError
from diffspot.image_io import decode, peek_size, read_bytes, read_outline
from diffspot.image_io.digest import digest
from diffspot.model import initial_result, printable
from diffspot.pipeline.comparison import unchanged
from diffspot.runner.ignored import find_ignored
from diffspot.runner.machine import bytes_in_flight, usable_memory, work_bytes
from diffspot.runner.status import with_status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from diffspot.image_io import Outline
    from diffspot.model import Image, ImagePair, PairResult
    from diffspot.options.options import Options
    from diffspot.options.settings import Settings
    from diffspot.outputs.interface import Output
    from diffspot.pipeline.comparison import Comparison

    Done = tuple[PairResult, float]


class File(NamedTuple):
    """A picture file that was read."""

    data: bytes
    path: Path


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
        self._limit = ByteLimit(bytes_in_flight(usable_memory()))
        self._lock = threading.Lock()
        self._compare_pair: Callable[[PairResult, Image, Image, Options], PairResult] | None = None
        self._held = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()
        self._compare_pair = None

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
        options = self._settings.for_pair(pair.name)
        reference, candidate = _read(pair.reference), _read(pair.candidate)
        known = replace(self._known(pair), **_digests(reference, candidate))
        if reference is None or candidate is None or pair.renamed:
            return known
        with self._limit.reserve(work_bytes([peek_size(*file) for file in (reference, candidate)])):
            outline = read_outline(*reference) if reference.data == candidate.data else None
            if outline:  # equal and provably whole
                return with_status(known, _undecoded(outline, options), options)
            pictures = self._decode(reference, candidate)
            return self._comparer()(known, *pictures, options)

    def _known(self, pair: ImagePair) -> PairResult:
        """What is known of a pair before its files are read."""
        return replace(initial_result(pair), options=self._settings.overrides(pair.name))

    def _decode(self, one: File, other: File) -> tuple[Image, Image]:
        """Both pictures; with threads to spare, decoded side by side."""
        if one.data == other.data:
            picture = decode(*one)
            return picture, picture
        if self._threads == 1:
            return decode(*one), decode(*other)
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.submit(decode, *one), pool.submit(decode, *other)
            self._comparer()  # meanwhile
            return first.result(), second.result()

    def _comparer(self) -> Callable[[PairResult, Image, Image, Options], PairResult]:
        """What compares decoded pictures, made when a pair first needs it: OpenCV is slow to import."""
        with self._lock:
            if self._compare_pair is None:
                from diffspot.runner.pair import compare_pair  # noqa: PLC0415

                backend = get_backend(self._backend)
                self._held.enter_context(backend.threads(self._threads))
                self._compare_pair = partial(compare_pair, backend=backend, outputs=self._outputs)
            return self._compare_pair


def _read(path: Path | None) -> File | None:
    return None if path is None else File(read_bytes(path), path)


def _digests(reference: File | None, candidate: File | None) -> dict[str, str | None]:
    first = None if reference is None else digest(reference.data)
    if candidate is None:
        return {"reference_digest": first, "candidate_digest": None}
    equal = reference is not None and reference.data == candidate.data
    return {"reference_digest": first, "candidate_digest": first if equal else digest(candidate.data)}


def _undecoded(outline: Outline, options: Options) -> Comparison:
    """What the pipeline would find in two equal files."""
    notes = tuple(f"{side}: {note}" for side in ("reference", "candidate") for note in outline.notes)
    return unchanged(outline.size, notes, find_ignored(outline.size[::-1], options))
