"""Results kept on the disk as they come, so that a run that was killed can go on where it stopped."""

from __future__ import annotations

import dataclasses
import errno
import os
import threading
import time
from contextlib import suppress
from dataclasses import astuple
from itertools import chain
from pathlib import PurePath
from typing import TYPE_CHECKING, Self

import msgspec
from msgspec import Struct

from diffspot.errors import DiffspotError, OutputError
from diffspot.image_io import read_bytes
from diffspot.image_io.digest import digest, picture_digest
from diffspot.image_io.storage import to_path
from diffspot.model import (
    PairResult,  # noqa: TC001  msgspec reads the annotation
    path_text,
    printable,
)
from diffspot.options.comparison import LIMITS
from diffspot.options.fields import NOTHING
from diffspot.options.options import option_fields, result_options
from diffspot.outputs.report_json import check_names, read_regular
from diffspot.outputs.stages import COMPARED
from diffspot.outputs.stale import remove_all_stale
from diffspot.runner.memory import Memory
from diffspot.runner.spread import spread_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from diffspot.model import BackendUsed, ImagePair
    from diffspot.options.options import Options
    from diffspot.options.settings import Settings
    from diffspot.outputs.interface import Output
    from diffspot.runner.worker import Done

JOURNAL = ".diffspot-results.jsonl"
APPENDING = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
"""A link in its place may lead anywhere, and a pipe be waited for."""
BREAK = b"\n"
"""What a run begins its lines with; a journal of no more holds nothing to go on with."""
SYNC_EVERY = 1.0
"""Seconds of work that a power cut may cost."""


class Entry(Struct, frozen=True, kw_only=True):
    """What came of one pair, a line of the journal.

    Attributes:
        key: what it depends on beside the contents of the two files, see `Journal`.
        name: of the pair.
        results: as in the report, one for each frame.
        seconds: that each took.
        pictures: the digests of what was written for the pair, in order.
    """

    key: str
    name: str
    results: tuple[PairResult, ...]
    seconds: tuple[float, ...]
    pictures: tuple[str | None, ...]

    @property
    def annotated(self) -> list[str]:
        """The annotated pictures, maps and whatever else was written."""
        return [place for result in self.results for place in result.written]


class Journal:
    """Keeps results in a folder as they come; in a run that goes on, takes those that still hold.

    A result holds while the files, the options of its pair, diffspot's version and the backend are what they were. What
    could not be compared, or drawn, is tried again. A line that is not as it was written counts for nothing.

    Args:
        out: the folder.
        outputs: what is written there and elsewhere.
        settings: of the run.
        made_by: what every result depends on, whatever its files and options: diffspot's version, the backend.
        resume: whether the run goes on; otherwise what an earlier one left is removed.

    Attributes:
        taken: of how many pairs the results were taken.
        failure: why results are no longer kept.
    """

    def __init__(
        self,
        out: Path,
        outputs: Output,
        settings: Settings,
        made_by: tuple[str, BackendUsed],
        *,
        resume: bool,
    ) -> None:
        self._out = out
        self._outputs = outputs
        self._path = out / JOURNAL
        self._settings = settings
        self._most_bytes = Memory(settings.base.max_memory).most
        self._common = msgspec.to_builtins(made_by)
        self._lock = threading.Lock()
        self._contents: dict[str, str | None] = {}
        self._kept = self._read()
        if not resume:
            self._forget()
        self._handle: int | None = None
        self._synced = time.monotonic()
        self.taken = 0
        self.failure: str | None = None

    def __enter__(self) -> Self:
        try:
            self._handle = os.open(self._path, APPENDING, 0o666)
            os.write(self._handle, BREAK)  # what was cut short does not run into what comes
        except OSError as error:
            self._fail(error)
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._close()
        with suppress(OSError):
            if self._path.lstat().st_size <= len(BREAK):
                self.remove()

    def work(self, compare: Callable[[ImagePair], list[Done]]) -> Callable[[ImagePair], list[Done]]:
        """What takes the results of a pair from the journal, or else compares it and keeps what comes of it."""

        def take_or_compare(pair: ImagePair) -> list[Done]:
            key = self._key(pair)
            entry = self._kept.get(pair.name)
            if entry and entry.key == key and self._holds(entry, pair):
                self.taken += 1
                return list(zip(entry.results, entry.seconds, strict=True))
            done = compare(pair)
            self._keep(pair.name, done, key)
            return done

        return take_or_compare

    def remove(self) -> None:
        """Removes the journal once the report holds all that it held."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _read(self) -> dict[str, Entry]:
        """The entries of an earlier run by the names of their pairs; the last of a pair counts."""
        try:
            lines = read_regular(self._path).split(b"\n")
        except OSError:
            return {}
        return {entry.name: entry for entry in map(_entry, lines) if entry}

    def _forget(self) -> None:
        """Removes the journal, and the annotated pictures that it lists: no report lists them."""
        pictures = [self._out / place for entry in self._kept.values() for place in entry.annotated]
        with suppress(OutputError):
            remove_all_stale(pictures, self._out)
        self._kept = {}
        self.remove()

    def _key(self, pair: ImagePair) -> str:
        options = self._settings.for_pair(pair.name)
        fields = option_fields()
        values = {name: value for name, value in result_options(options).items() if fields[name].stage != LIMITS}
        places = [
            path_text(value) if isinstance(value, PurePath) else value
            for value in astuple(dataclasses.replace(pair, also=()))
        ]
        beside = map(spread_path, pair.references)
        others = [(path_text(path), self._digest_of(path)) for path in (*pair.also, *beside)]
        overrides = self._settings.overrides(pair.name)
        contents = [self._content(file) for file in options.files]
        written = [options.annotate, options.map, options.save, options.stages]
        depends = [self._common, values, written, overrides, places, others, contents]
        return digest(msgspec.json.encode(depends))

    def _content(self, file: str) -> str | None:
        """The digest of what is in a file that an option names."""
        if file not in self._contents:
            self._contents[file] = self._digest_of(file)
        return self._contents[file]

    def _digest_of(self, path: Path | str) -> str | None:
        """The digest of a file; None of one that cannot be read, or that is larger than memory."""
        file = to_path(path) if isinstance(path, str) else path
        try:
            return picture_digest(read_bytes(file, self._most_bytes), file)
        except DiffspotError:
            return None

    def _holds(self, entry: Entry, pair: ImagePair) -> bool:
        """Whether the files of a pair are what they were."""
        first, now = (path and self._digest_of(path) for path in (pair.reference, pair.candidate))
        others = {self._digest_of(path) for path in pair.also}
        wanted = {result.reference_digest for result in entry.results}
        same = {result.candidate_digest for result in entry.results} == {now}
        return same and wanted <= {first, *others} and self._pictures(entry.results) == entry.pictures

    def _pictures(self, results: Iterable[PairResult]) -> tuple[str | None, ...]:
        """The digests of the annotated pictures and all else that was written, as they are."""
        files = ((*(self._out / place for place in one.written), *self._outputs.unnamed(one)) for one in results)
        return tuple(map(self._digest_of, chain.from_iterable(files)))

    def _keep(self, name: str, done: list[Done], key: str) -> None:
        results, seconds = zip(*done, strict=True)
        options = self._settings.for_pair(name)
        pictures = self._pictures(results)
        if None in pictures or any(result.status == "error" or _is_undrawn(result, options) for result in results):
            return
        line = _line(Entry(key=key, name=name, results=results, seconds=seconds, pictures=pictures))
        with self._lock:
            if self._handle is not None:
                try:
                    self._append(self._handle, line)
                except OSError as error:
                    self._fail(error)

    def _append(self, handle: int, line: bytes) -> None:
        if os.write(handle, line) < len(line):
            raise OSError(errno.ENOSPC, "No space left on device")
        if time.monotonic() - self._synced > SYNC_EVERY:
            os.fsync(handle)
            self._synced = time.monotonic()

    def _fail(self, error: OSError) -> None:
        self.failure = f"Cannot keep results for --resume in {printable(self._path)}: {error.strerror}."
        self._close()

    def _close(self) -> None:
        if self._handle is not None:
            with suppress(OSError):
                os.fsync(self._handle)
            os.close(self._handle)
            self._handle = None


def _line(entry: Entry) -> bytes:
    """A line of the journal: the digest of what follows, so that no other line counts, and the entry."""
    data = msgspec.json.encode(entry)
    return digest(data).encode() + b" " + data + b"\n"


def _entry(line: bytes) -> Entry | None:
    """An entry; None where a line is none, or not as it was written."""
    checksum, _, data = line.partition(b" ")
    try:
        if checksum != digest(data).encode():
            return None
        entry = msgspec.json.decode(data, type=Entry)
        for result in entry.results:
            check_names(result)
    except (ValueError, RecursionError):
        return None
    return entry


def _is_undrawn(result: PairResult, options: Options) -> bool:
    """Whether a picture is missing that the options ask for."""
    wanted = [result.annotated] if options.annotate != NOTHING and result.status == "different" else []
    if result.status in COMPARED:
        wanted += [result.map_file] if options.map != NOTHING else []
        wanted += [getattr(result, f"{picture}_file") for picture in options.save]
    return None in wanted
