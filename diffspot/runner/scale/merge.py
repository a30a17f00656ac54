"""Puts the results of shards together as the report that one run would have given.

A million results do not fit in memory, so they are read shard by shard into a file that is no longer there when the
process ends, and from there in the order of the report, as often as an output goes through them.
"""

from __future__ import annotations

import os
import tempfile
from array import array
from bisect import bisect_left
from collections import Counter, defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple, cast

import msgspec
from msgspec.structs import replace

from diffspot.errors import MergeError
from diffspot.model import RunReport, Summary, Times, Tool, printable
from diffspot.outputs.words import count
from diffspot.runner.scale.shards import RESULTS, SHARD_FOLDERS, Entry, Shard, read_results, shard_number

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import IO

    from diffspot.model import PairResult
    from diffspot.runner.scale.shards import Header, Run

MOST_NAMED = 20
"""Missing shards that a message names; of the rest it gives the number."""
UNLIKE = {
    "version": "was made by another version of diffspot",
    "options": "has other options",
    "settings": "has other options or rules",
    "inputs": "compares other directories",
    "listing": "compares other files",
    "pairs": "compares other files",
    "unpaired": "compares other files",
    "shards": "is one of another number of shards",
}
"""What is said of a shard of which a field of its Run is not that of the others."""


class _Alone(NamedTuple):
    """A picture without a partner: its place, and what its pixels are recognised by."""

    place: int
    file: str | None
    pixels: str | None


class Merged:
    """The results of shards in the order of the report, renamed pictures joined.

    Args:
        spool: an empty file.
        files: the results of each shard, in any order.

    Attributes:
        run: what the shards have in common.
        offsets: where each pair is in the file, plus 1; 0 is nowhere.
        pictures: the folder of each shard, by its number.

    Raises:
        MergeError: a file is none of a shard, is cut short, or is not of the run of the first; a pair comes twice.
    """

    run: Run
    _summary: Summary
    _indexes: array[int]
    """Of each result the pair that it is of."""

    def __init__(self, spool: IO[bytes], files: Iterable[Path]) -> None:
        self._spool = spool
        self.offsets = array("Q")
        self._headers: dict[int, Header] = {}
        self.pictures: dict[int, Path] = {}
        self._removed: list[_Alone] = []
        self._added: list[_Alone] = []
        for file in files:
            self._take(file)
        moved = _find_moved(sorted(self._removed), sorted(self._added))
        self._moved = {removed.place: added.place for removed, added in moved.items()}
        self._gone = frozenset(self._moved.values())
        if self.run.options["unmatched"] == "ignore":
            alone = {one.place for one in (*self._removed, *self._added)}
            self._gone |= alone - self._moved.keys()

    def __iter__(self) -> Iterator[PairResult]:
        """The results; each time they are read anew."""
        return (result for entry in self._entries() for result in entry.results)

    def __getitem__(self, place: int) -> PairResult:
        """The result at a place of the report."""
        index = self._indexes[place]
        entry = self._joined(index) if index in self._moved else self._entry(index)
        return entry.results[place - bisect_left(self._indexes, index)]

    def __len__(self) -> int:
        """How many results there are."""
        return self._summary.pairs

    @property
    def missing(self) -> list[int]:
        """The numbers of the shards that are not there."""
        return [number for number in range(1, self.run.shards + 1) if number not in self._headers]

    def report(self) -> RunReport:
        """The report of the run; interrupted where shards are missing."""
        counts: Counter[str] = Counter()
        seconds = array("d")
        self._indexes = array("Q")
        for entry in self._entries():
            self._indexes.extend([entry.index] * len(entry.results))
            counts.update(result.status for result in entry.results)
            seconds.extend(round(taken, 3) for taken in entry.seconds)
        self._summary = Summary(pairs=counts.total(), **counts)
        headers = self._headers.values()
        return RunReport(
            tool=Tool(name="diffspot", version=self.run.version),
            options=self.run.options,
            backend=next(iter(headers)).backend,
            inputs=self.run.inputs,
            summary=self._summary,
            interrupted=bool(self.missing),
            pairs=cast("tuple[PairResult, ...]", self),
            times=Times(
                started=min(header.started for header in headers),
                seconds=round(sum(header.seconds for header in headers), 3),
                pairs=cast("tuple[float, ...]", seconds),
            ),
        )

    def _take(self, file: Path) -> None:
        """Reads the results of a shard."""
        header, entries = read_results(file)
        self._check(header, file)
        number = 0
        for number, (entry, line) in enumerate(entries, start=1):  # noqa: B007
            self._keep(entry, line, header, file)
        if number != header.pairs:
            raise MergeError(f"{printable(file)} has {number} of its {header.pairs} pairs; copy it again.")
        self._headers[header.shard] = header
        self.pictures[header.shard] = file.parent

    def _check(self, header: Header, file: Path) -> None:
        """Refuses a shard that cannot be one of those before it."""
        if not self._headers:
            self.run = header.run
            self.offsets.extend([0] * header.run.pairs)
            return
        unlike = next(
            (why for field, why in UNLIKE.items() if getattr(header.run, field) != getattr(self.run, field)), ""
        )
        if not unlike and header.backend != next(iter(self._headers.values())).backend:
            unlike = "has other options (--backend)"
        if unlike:
            first = next(iter(self.pictures.values())) / RESULTS
            raise MergeError(f"{printable(file)} {unlike} than {printable(first)}; merge the shards of one run.")

    def _keep(self, entry: Entry, line: bytes, header: Header, file: Path) -> None:
        """Appends the results of a pair to the spool and notes where they start."""
        name = entry.results[0].name if entry.results else ""
        if not 0 <= entry.index < len(self.offsets) or shard_number(name, header.run.shards) != header.shard:
            raise MergeError(f"{printable(file)} has the pair {name!r}, which is in another shard; compare it again.")
        if self.offsets[entry.index]:
            raise MergeError(f"{printable(file)} has the pair {name!r} for the second time; name each shard once.")
        self.offsets[entry.index] = 1 + self._spool.seek(0, os.SEEK_END)
        self._spool.write(line)
        result = entry.results[0]
        if result.status == "removed":
            self._removed.append(_Alone(entry.index, result.reference_digest, entry.pixels))
        if result.status == "added":
            self._added.append(_Alone(entry.index, result.candidate_digest, entry.pixels))

    def _entries(self) -> Iterator[Entry]:
        """What came of each pair, in order."""
        for index in range(len(self.offsets)):
            if self.offsets[index] and index not in self._gone:
                yield self._joined(index) if index in self._moved else self._entry(index)

    def _entry(self, index: int) -> Entry:
        self._spool.seek(self.offsets[index] - 1)
        return msgspec.json.decode(self._spool.readline(), type=Entry)

    def _joined(self, index: int) -> Entry:
        """What comes of a removed picture that was added under another name."""
        removed, added = self._entry(index), self._entry(self._moved[index])
        other = added.results[0]
        result = replace(
            removed.results[0], status="renamed", candidate=other.candidate, candidate_digest=other.candidate_digest
        )
        return replace(removed, results=(result,))


@contextmanager
def merged_shards(files: Iterable[Path]) -> Iterator[Merged]:
    """The results in these files, for the block; see `Merged`."""
    with tempfile.TemporaryFile() as spool:
        yield Merged(spool, files)


def find_shards(places: Iterable[Path]) -> list[Path]:
    """The results of the shards in some folders, each the --out of shards or the folder of one.

    Raises:
        MergeError: a folder holds none.
    """
    found = []
    for place in places:
        own = sorted(place.glob(f"{SHARD_FOLDERS}/{RESULTS}")) or list(place.glob(RESULTS))
        if not own:
            raise MergeError(
                f"{printable(place)} holds no results of a shard; name the --out folder of diffspot compare --shard."
            )
        found += own
    return found


def missing_shards(merged: Merged) -> str:
    """Which shards are missing, for people."""
    missing = merged.missing
    more = f" and {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    names = ", ".join(str(Shard(number, merged.run.shards)) for number in missing[:MOST_NAMED])
    pairs = merged.run.pairs - sum(map(bool, merged.offsets))
    return f"{count(len(missing), 'shard')} with {count(pairs, 'pair')} missing: {names}{more}"


def _find_moved(removed: Sequence[_Alone], added: Sequence[_Alone]) -> dict[_Alone, _Alone]:
    """Removed pictures with the first added one of the same file or else of the same pixels, as `find_renames` does."""
    found: dict[_Alone, _Alone] = {}
    for key in (lambda one: one.file), (lambda one: one.pixels):
        taken = set(found.values())
        left = _grouped((one for one in removed if one not in found), key)
        right = _grouped((one for one in added if one not in taken), key)
        for answer, group in left.items():
            found |= zip(group, right.get(answer, []), strict=False)
    return found


def _grouped(alone: Iterable[_Alone], key: Callable[[_Alone], str | None]) -> dict[Hashable, list[_Alone]]:
    groups: dict[Hashable, list[_Alone]] = defaultdict(list)
    for one in alone:
        if (answer := key(one)) is not None:
            groups[answer].append(one)
    return groups
