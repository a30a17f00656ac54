"""Turns one pair of files into its results: one, or one for each frame."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Self

from msgspec.structs import replace

from diffspot.backends import CPU, get_backend
from diffspot.errors import DiffspotError, ImageReadError, lacks_memory
from diffspot.image_io import decode_first, decode_frames, open_picture, read_bytes, read_outline
from diffspot.image_io.digest import digest
from diffspot.model import PairResult, initial_result, printable
from diffspot.pipeline.comparison import unchanged
from diffspot.pipeline.deadline import check_deadline, deadline
from diffspot.runner.ahead import are_equal_unread
from diffspot.runner.ignored import find_ignored
from diffspot.runner.memory import Memory, compared_bytes
from diffspot.runner.status import with_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import TypeVar

    from diffspot.image_io import Opened, Outline
    from diffspot.model import Image, ImagePair, Status
    from diffspot.options.options import Options
    from diffspot.options.settings import Settings
    from diffspot.outputs.interface import Output
    from diffspot.pipeline.comparison import Comparison

    T = TypeVar("T")
    Done = tuple[PairResult, float]
    """A result, and the seconds it took."""


UNREAD = "not read: size and ETag are equal"
"""The note of a pair that was not read, so that nothing says whether its pictures can be decoded."""


class File(NamedTuple):
    """A picture file that was read."""

    data: bytes
    path: Path


class _Job(NamedTuple):
    """Two files of which the pixels have to be compared; where they are equal, both are the reference."""

    known: PairResult
    options: Options
    reference: Opened
    candidate: Opened

    @property
    def counts(self) -> tuple[int, int]:
        """Frames of both files."""
        return len(self.reference.headers), len(self.candidate.headers)

    def known_of(self, number: int) -> PairResult:
        """What is known of a frame, from 1, before it is compared; one that only one file has is added or removed."""
        if max(self.counts) == 1:
            return self.known
        status: Status = "added" if number > self.counts[0] else "removed"
        name = self.known.name if number == 1 else f"{self.known.name}#{number}"
        return replace(self.known, name=name, status=status, frame=number, frames=max(self.counts))


class PairWorker:
    """Turns one pair into its results; safe to call from many threads within its `with` block.

    Args:
        settings: how to compare each pair.
        output: what draws pairs that differ.
        backend: what does the array work, a key of `BACKENDS`.
        threads: that a pair may use.
        debug: let a fault in diffspot through with its traceback.
    """

    def __init__(self, settings: Settings, output: Output, *, backend: str = CPU, threads: int, debug: bool) -> None:
        self._settings = settings
        self._output = output
        self._backend = backend
        self._threads = threads
        self._debug = debug
        self._memory = Memory(settings.base.max_memory)
        self._lock = threading.Lock()
        self._compare_pair: Callable[[PairResult, Image, Image, Options], PairResult] | None = None
        self._held = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()
        self._compare_pair = None

    def __call__(self, pair: ImagePair) -> list[Done]:
        """The results of a pair, one for each frame, in order; what goes wrong becomes an `error` result."""
        started = time.perf_counter()
        known = replace(initial_result(pair), options=self._settings.overrides(pair.name))
        options = self._settings.for_pair(pair.name)
        found = self._guarded(partial(self._read, pair, known, options), known)
        if isinstance(found, PairResult):
            return [(found, _since(started))]
        return list(self._compare_frames(found, started))

    def _guarded(self, step: Callable[[], T], known: PairResult) -> T | PairResult:
        """The result of a step, or an `error` result that says what went wrong."""
        try:
            return step()
        except DiffspotError as error:
            reason = str(error)
        except Exception as error:  # one bad pair never stops a run
            if lacks_memory(error):
                reason = f"{known.name} needs more memory than there is; try --jobs 1, or a lower --max-memory."
            elif self._debug:
                raise
            else:
                reason = (
                    f"{known.name} met a fault in diffspot ({type(error).__name__}: {error}); run with "
                    "--debug and report what it prints."
                )
        return replace(known, status="error", error=printable(reason))

    def _read(self, pair: ImagePair, known: PairResult, options: Options) -> PairResult | _Job:
        """The result of a pair, where its files alone tell; else what is left to do."""
        if are_equal_unread(pair, options):
            return replace(known, status="same", notes=(UNREAD,))
        reference, candidate = (_read(path, self._memory.most) for path in (pair.reference, pair.candidate))
        known = replace(known, **_digests(reference, candidate))
        if reference is None or candidate is None or pair.renamed:
            return known
        return self._guarded(partial(self._open, known, options, reference, candidate), known)

    def _open(self, known: PairResult, options: Options, reference: File, candidate: File) -> PairResult | _Job:
        """The result of two files that are equal and provably whole; of others, what is left to do."""
        opened = open_picture(*reference, options.max_pixels)
        if known.reference_digest != known.candidate_digest:
            return _Job(known, options, opened, open_picture(*candidate, options.max_pixels))
        with self._memory.reserve(opened.headers[0].size.decoding_bytes, known.name):
            outline = read_outline(opened)
        if outline:
            return with_status(known, _undecoded(outline, options), options)
        return _Job(known, options, opened, opened)

    def _compare_frames(self, job: _Job, started: float) -> Iterator[Done]:
        """The results of two files, frame by frame."""
        read = decode_frames if job.options.frames == "all" else decode_first
        frames = [read(job.reference)]
        if job.candidate is not job.reference:
            frames.append(read(job.candidate))
        for number in range(1, 1 + (max(job.counts) if job.options.frames == "all" else 1)):
            known = job.known_of(number)
            yield self._guarded(partial(self._compare_frame, job, known, frames), known), _since(started)
            started = time.perf_counter()

    def _compare_frame(self, job: _Job, known: PairResult, frames: Sequence[Iterator[Image]]) -> PairResult:
        """The result of one frame."""
        index = (known.frame or 1) - 1
        if index >= min(job.counts):
            return known
        sizes = job.reference.headers[index].size, job.candidate.headers[index].size
        most = None if job.options.timeout == "none" else job.options.timeout
        amount = compared_bytes(*sizes) + len(job.reference.data) + len(job.candidate.data)
        with self._memory.reserve(amount, known.name), deadline(most, known.name):
            pictures = self._decode(frames)
            check_deadline()
            return self._comparer()(known, *pictures, job.options)

    def _decode(self, frames: Sequence[Iterator[Image]]) -> tuple[Image, Image]:
        """The next frame of both files; with threads to spare, decoded side by side."""
        if len(frames) == 1:
            picture = _next(frames[0])
            return picture, picture
        if self._threads == 1:
            return _next(frames[0]), _next(frames[1])
        with ThreadPoolExecutor(2) as pool:
            first, second = (pool.submit(_next, one) for one in frames)
            self._comparer()  # meanwhile
            return first.result(), second.result()

    def _comparer(self) -> Callable[[PairResult, Image, Image, Options], PairResult]:
        """What compares decoded pictures, made when a pair first needs it: OpenCV is slow to import."""
        with self._lock:
            if self._compare_pair is None:
                from diffspot.runner.pair import compare_pair  # noqa: PLC0415

                backend = get_backend(self._backend)
                self._held.enter_context(backend.threads(self._threads))
                self._compare_pair = partial(compare_pair, backend=backend, output=self._output)
            return self._compare_pair


def most_telling(results: Sequence[Done]) -> Done:
    """The first result of a pair that is not the same, where one has to stand for all its frames."""
    return next((done for done in results if done[0].status != "same"), results[0])


def _read(path: Path | None, most: int) -> File | None:
    return None if path is None else File(read_bytes(path, most), path)


def _next(frames: Iterator[Image]) -> Image:
    image = next(frames, None)
    if image is None:
        raise ImageReadError("A frame before this one is damaged, so it was not decoded; save the file again.")
    return image


def _digests(reference: File | None, candidate: File | None) -> dict[str, str | None]:
    first = None if reference is None else digest(reference.data)
    if candidate is None:
        return {"reference_digest": first, "candidate_digest": None}
    equal = reference is not None and reference.data == candidate.data
    return {"reference_digest": first, "candidate_digest": first if equal else digest(candidate.data)}


def _since(started: float) -> float:
    return time.perf_counter() - started


def _undecoded(outline: Outline, options: Options) -> Comparison:
    """What the pipeline would find in two equal files."""
    notes = tuple(f"{side}: {note}" for side in ("reference", "candidate") for note in outline.notes)
    return unchanged(outline.size, notes, find_ignored(outline.size[::-1], options))
