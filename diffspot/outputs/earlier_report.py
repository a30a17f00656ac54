"""What an earlier run left in the folder of --out: its report, which may be larger than memory, and its other files."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from diffspot.image_io.storage import text_path
from diffspot.outputs.bounds import real
from diffspot.outputs.html import INDEX_NAME, find_parts
from diffspot.outputs.html.copies import find_copies
from diffspot.outputs.interface import Output
from diffspot.outputs.report_json import REPORT_NAME, EarlierPair, check_places, is_below, read_regular
from diffspot.outputs.stale import MARKS, remove_all_stale, remove_written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path
    from typing import BinaryIO

    from diffspot.model import RunReport

CHUNK = 1 << 20
"""Bytes that are read at a time; all that stands before the pairs fits in."""
OPENING, BETWEEN, CLOSING = b'\n "pairs": [\n  {', b"\n  },\n  {", b"\n  }\n ]"
"""What stands before, between and after the pairs of a report as runs write it. They stand nowhere else: text in JSON
holds no line break, and the lines of a pair are indented by three spaces or more."""

UNREADABLE = (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)
"""What reading a file that anybody may have written comes to."""


class _Read(Struct, frozen=True):
    """What is wanted of a report, or of the part of it that stands before the pairs."""

    outputs: tuple[str, ...] = ()
    pairs: tuple[EarlierPair, ...] = ()


class EarlierReport:
    """The report that an earlier run left in a folder; an empty one if none did, or if it cannot be read.

    Args:
        folder: of --out.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / REPORT_NAME

    @property
    def pairs(self) -> Iterator[EarlierPair]:
        """Its pairs, read anew each time they are asked for; they end where one is not as a run writes it."""
        with suppress(*UNREADABLE):
            for pair in self._pairs():
                check_places(pair)
                yield pair

    @property
    def outputs(self) -> tuple[str, ...]:
        """The files that it names as written beside it."""
        return tuple(filter(is_below, (self._head or self._whole).outputs))

    def _pairs(self) -> Iterator[EarlierPair]:
        if self._head is None:
            yield from self._whole.pairs
            return
        with self._path.open("rb") as file:
            for data in _items(file):
                yield msgspec.json.decode(data, type=EarlierPair)

    @cached_property
    def _head(self) -> _Read | None:
        """What stands before the pairs; None where the report is not laid out as runs write it, or there is none."""
        with suppress(*UNREADABLE):
            head, opening, _ = read_regular(self._path, CHUNK).partition(OPENING)
            return msgspec.json.decode(head.rstrip(b",") + b"}", type=_Read) if opening else None
        return None

    @cached_property
    def _whole(self) -> _Read:
        """A report that is laid out in another way, or has no pairs."""
        with suppress(*UNREADABLE):
            return msgspec.json.decode(read_regular(self._path), type=_Read)
        return _Read()


def _items(file: BinaryIO) -> Iterator[bytes]:
    """The pairs of a report, each as JSON, in the memory of some of them."""
    _, opening, rest = file.read(CHUNK).partition(OPENING)
    while opening:
        before, closing, _ = rest.partition(CLOSING)
        *whole, rest = before.split(BETWEEN)
        yield from (b"{" + pair + b"}" for pair in (*whole, *([rest] if closing else [])))
        # By as much again, so that a report without the end of a pair is not searched from its start for each part.
        more = b"" if closing else file.read(max(CHUNK, len(rest)))
        if not more:
            return
        rest += more


class EarlierOutputs(Output):
    """Removes the files that an earlier run wrote and this one does not.

    They are those that its report names and those with the usual names, and only files in which stands that diffspot
    wrote them: the report is not believed.

    Args:
        folder: of --out.
        earlier: what the earlier run left there.
        renewed: the files that this run writes, links followed.
    """

    def __init__(self, folder: Path, earlier: EarlierReport, renewed: Collection[Path]) -> None:
        self._folder = folder
        self._earlier = earlier
        self._renewed = frozenset(renewed)

    def finish(self, report: RunReport) -> None:
        """See `Output.finish`; reads the earlier report, so it runs before that is replaced."""
        del report
        for name in sorted({*MARKS, *self._earlier.outputs}):
            path = real(self._folder / text_path(name))
            if path not in self._renewed and path.is_relative_to(real(self._folder)):
                remove_written(path)
        if real(self._folder / INDEX_NAME) not in self._renewed:
            for part in find_parts(self._folder):
                remove_written(part)
            remove_all_stale(find_copies(self._folder), self._folder)
