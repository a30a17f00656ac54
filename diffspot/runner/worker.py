"""Turns one pair of files into its results: one, or one for each frame."""

from __future__ import annotations

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Self

from msgspec.structs import replace

from diffspot.backends import CPU, get_backend
from diffspot.errors import ImageReadError, told
from diffspot.image_io import decode_both, first_of, read_outline
from diffspot.model import PairResult, initial_result, printable
from diffspot.options.fields import NOTHING
from diffspot.options.options import measured
from diffspot.outputs.interface import Output
from diffspot.pipeline.comparison import unchanged
from diffspot.pipeline.deadline import check_deadline, deadline
from diffspot.runner.ahead import are_equal_unread
from diffspot.runner.files import Files, SharedFile
from diffspot.runner.ignored import find_ignored
from diffspot.runner.memory import Memory, compared_bytes, whole_bytes
from diffspot.runner.sheets import cut_sheet
from diffspot.runner.status import with_status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from typing import TypeVar

    from diffspot.image_io import Opened, Outline
    from diffspot.image_io.read import Decode
    from diffspot.model import Image, ImagePair, Status
    from diffspot.options.options import Options
    from diffspot.options.settings import Settings
    from diffspot.pipeline.comparison import Comparison
    from diffspot.runner.files import File

    T = TypeVar("T")
    Done = tuple[PairResult, float]
    """A result, and the seconds it took."""


UNREAD = "not read: size and ETag are equal"
"""The note of a pair that was not read, so that nothing says whether its pictures can be decoded."""


class _Job(NamedTuple):
    """Two files of which the pixels have to be compared; where they are equal, both are the reference."""

    known: PairResult
    options: Options
    output: Output
    files: tuple[File, File]
    reference: Opened
    candidate: Opened

    @property
    def counts(self) -> tuple[int, int]:
        """Frames of both files."""
        return len(self.reference.headers), len(self.candidate.headers)

    @property
    def alone(self) -> bool:
        """Whether two pictures are decoded that have no further frames, and of which no other pair has one."""
        shared = any(isinstance(file, SharedFile) for file in self.files)  # which is decoded once for all pairs
        return self.candidate is not self.reference and max(self.counts) == 1 and not shared

    def frames(self, *, in_turn: bool) -> list[Iterator[Decode]]:
        """What decodes the frames of both files, or of the one where they are equal.

        Args:
            in_turn: whether the candidate is decoded after the reference and not beside it.
        """
        if in_turn and self.alone:
            return [iter((decode,)) for decode in decode_both(self.reference, self.candidate)]
        opened = [self.reference] if self.candidate is self.reference else [self.reference, self.candidate]
        found = [file.frames(picture) for file, picture in zip(self.files, opened, strict=False)]
        if self.options.frames == "all":
            return found
        return [first_of(frames, picture) for frames, picture in zip(found, opened, strict=True)]

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
        pairs: that will come, so that the files that several of them name are decoded once.
    """

    def __init__(
        self,
        settings: Settings,
        output: Output,
        *,
        backend: str = CPU,
        threads: int,
        debug: bool,
        pairs: Sequence[ImagePair] = (),
    ) -> None:
        self._settings = settings
        self._output = output
        self._backend = backend
        self._threads = threads
        self._debug = debug
        self._memory = Memory(settings.base.max_memory)
        self._files = Files(pairs, self._memory)
        self._lock = threading.Lock()
        self._compare_pair: Callable[..., PairResult] | None = None
        self._held = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()
        self._files.close()
        self._compare_pair = None

    def __call__(self, pair: ImagePair) -> list[Done]:
        """The results of a pair, one for each frame, in order; what goes wrong becomes an `error` result."""
        done = self._compare_any(pair) if pair.also else self._compare(pair, self._output)
        self._files.done(pair)
        return done

    @property
    def memory(self) -> int:
        """The bytes that pairs may take."""
        return self._memory.most

    def is_shared(self, path: Path) -> bool:
        """Whether several pairs name a file, which is then read when the first of them comes."""
        return self._files.is_shared(path)

    def _compare_any(self, pair: ImagePair) -> list[Done]:
        """The results of a candidate and the reference that it is the same as; of none, those of its first."""
        count = len(pair.references)
        for reference in pair.references:
            one = dataclasses.replace(pair, reference=reference)
            done = self._compare(one, Output())
            if _all_same(done):
                # Only now it is known which comparison counts, and outputs that want maps want it, too.
                done = self._compare(one, self._output) if self._output.maps else done
                note = f"the same as one of {count} references"
                return done if reference == pair.reference else _all_noted(done, note)
        return _all_noted(self._compare(pair, self._output), f"the same as none of {count} references")

    def _compare(self, pair: ImagePair, output: Output) -> list[Done]:
        """The results of a candidate and its first reference."""
        started = time.perf_counter()
        known = replace(initial_result(pair), options=self._settings.overrides(pair.name))
        options = self._settings.for_pair(pair.name)
        found = self._guarded(partial(self._read, pair, known, options, output), known)
        if isinstance(found, PairResult):
            return [(found, _since(started))]
        return list(self._compare_frames(found, started))

    def _guarded(self, step: Callable[[], T], known: PairResult) -> T | PairResult:
        """The result of a step, or an `error` result that says what went wrong."""
        try:
            return step()
        except Exception as error:  # noqa: BLE001  one bad pair never stops a run
            reason = told(error, known.name, debug=self._debug)
        return replace(known, status="error", error=printable(reason))

    def _read(self, pair: ImagePair, known: PairResult, options: Options, output: Output) -> PairResult | _Job:
        """The result of a pair, where its files alone tell; else what is left to do."""
        if are_equal_unread(pair, options):
            return replace(known, status="same", notes=(UNREAD,))
        reference, candidate = (
            None if path is None else self._files.read(path) for path in (pair.reference, pair.candidate)
        )
        known = replace(known, **_digests(reference, candidate))
        if reference is None or candidate is None or pair.renamed:
            return known
        return self._guarded(partial(self._open, known, options, output, (reference, candidate)), known)

    def _open(self, known: PairResult, options: Options, output: Output, files: tuple[File, File]) -> PairResult | _Job:
        """The result of two files that are equal and provably whole; of others, what is left to do."""
        opened = files[0].open(options.max_pixels, options.dpi)
        if known.reference_digest != known.candidate_digest or options.split != NOTHING:
            return _Job(known, options, output, files, opened, files[1].open(options.max_pixels, options.dpi))
        if output.maps:
            return _Job(known, options, output, files, opened, opened)
        with self._memory.reserve(opened.headers[0].size.decoding_bytes, known.name):
            outline = read_outline(opened)
        if outline:
            return with_status(known, _undecoded(outline, options), options)
        return _Job(known, options, output, files, opened, opened)

    def _compare_frames(self, job: _Job, started: float) -> Iterator[Done]:
        """The results of two files, frame by frame."""
        frames = job.frames(in_turn=self._threads == 1)
        for number in range(1, 1 + (max(job.counts) if job.options.frames == "all" else 1)):
            known = job.known_of(number)
            yield self._guarded(partial(self._compare_frame, job, known, frames), known), _since(started)
            started = time.perf_counter()

    def _compare_frame(self, job: _Job, known: PairResult, frames: Sequence[Iterator[Decode]]) -> PairResult:
        """The result of one frame."""
        index = (known.frame or 1) - 1
        if index >= min(job.counts):
            return known
        # before anything may refuse the frame, so that the next one comes next
        decode = [_next(one) for one in frames]
        sizes = job.reference.headers[index].size, job.candidate.headers[index].size
        most = None if job.options.timeout == "none" else job.options.timeout
        amount = (
            compared_bytes(*sizes)
            + whole_bytes(sizes[0], job.options)
            + len(job.reference.data)
            + len(job.candidate.data)
        )
        with self._memory.reserve(amount, known.name), deadline(most, known.name):
            pictures = self._decode(decode)
            check_deadline()
            known, pictures = cut_sheet(known, pictures, job.options)
            return self._comparer()(known, *pictures, job.options, output=job.output)

    def _decode(self, decode: Sequence[Decode]) -> tuple[Image, Image]:
        """Both pictures; with threads to spare, decoded side by side."""
        if len(decode) == 1:  # equal files
            picture = decode[0]()
            return picture, picture
        if self._threads == 1:
            return decode[0](), decode[1]()
        with ThreadPoolExecutor(2) as pool:
            first, second = map(pool.submit, decode)
            self._comparer()  # meanwhile
            return first.result(), second.result()

    def _comparer(self) -> Callable[..., PairResult]:
        """What compares decoded pictures, made when a pair first needs it: OpenCV is slow to import."""
        with self._lock:
            if self._compare_pair is None:
                from diffspot.runner.pair import compare_pair  # noqa: PLC0415

                backend = get_backend(self._backend)
                self._held.enter_context(backend.threads(self._threads))
                self._compare_pair = partial(compare_pair, backend=backend)
            return self._compare_pair


def noted(result: PairResult, note: str) -> PairResult:
    """A result with one more note."""
    return replace(result, notes=(*result.notes, note))


def _all_noted(done: Sequence[Done], note: str) -> list[Done]:
    return [(noted(result, note), taken) for result, taken in done]


def _all_same(done: Sequence[Done]) -> bool:
    return all(result.status == "same" for result, _ in done)


def most_telling(results: Sequence[Done]) -> Done:
    """The first result of a pair that is not the same, where one has to stand for all its frames."""
    return next((done for done in results if done[0].status != "same"), results[0])


def _next(frames: Iterator[Decode]) -> Decode:
    decode = next(frames, None)
    if decode is None:
        raise ImageReadError("Its file has fewer frames than it says; save it again.")
    return decode


def _digests(reference: File | None, candidate: File | None) -> dict[str, str | None]:
    first = None if reference is None else reference.digest
    if candidate is None:
        return {"reference_digest": first, "candidate_digest": None}
    equal = reference is not None and reference.equals(candidate)
    return {"reference_digest": first, "candidate_digest": first if equal else candidate.digest}


def _since(started: float) -> float:
    return time.perf_counter() - started


def _undecoded(outline: Outline, options: Options) -> Comparison:
    """What the pipeline would find in two equal files."""
    notes = tuple(f"{side}: {note}" for side in ("reference", "candidate") for note in outline.notes)
    return unchanged(outline.size, notes, find_ignored(outline.size[::-1], options), measured(options))
