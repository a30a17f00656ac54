"""Which pairs belong to which shard, and what a shard leaves behind.

A shard's folder `shard-00003-of-00008` holds the annotated pictures of its pairs and, once all of them are compared,
`results.jsonl`: a line about the run and the shard, then a line for each pair. Where that file is, the shard is done.
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import msgspec
from msgspec import Struct

from diffspot.errors import MergeError, OptionError
from diffspot.image_io.digest import digest
from diffspot.image_io.storage import StoredPath
from diffspot.model import (  # noqa: TC001  msgspec reads the annotations
    BackendUsed,
    Inputs,
    PairResult,
    __version__,
    path_text,
    printable,
)
from diffspot.options.options import OUTPUTS, option_fields, result_options
from diffspot.outputs.report_json import check_names
from diffspot.runner.report import report_inputs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path
    from typing import TypeVar

    from diffspot.model import ImagePair
    from diffspot.options.settings import Settings

    T = TypeVar("T")

RESULTS = "results.jsonl"
SHARD_FOLDERS = "shard-*-of-*"
FORM = "K/N, both from 1 on and K at most N, such as 3/8"
_SHARD = re.compile(r"([0-9]{1,9})/([0-9]{1,9})", re.ASCII)


class Shard(NamedTuple):
    """One of the parts that the pairs of a run are taken in, from 1."""

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def folder(self) -> str:
        """What its folder is called."""
        return f"shard-{self.number:05}-of-{self.of:05}"

    def has(self, name: str) -> bool:
        """Whether the pair of this name belongs to it."""
        return shard_number(name, self.of) == self.number

    def take(self, pairs: Iterable[ImagePair]) -> Iterator[Placed]:
        """Its pairs, each with its place among all."""
        return (Placed(place, pair) for place, pair in enumerate(pairs) if self.has(pair.name))


class Placed(NamedTuple):
    """A pair and its place among all pairs of the run, from 0."""

    place: int
    pair: ImagePair


class Run(Struct, frozen=True, kw_only=True):
    """What all shards of a run have in common; where it is not equal, they do not merge.

    Attributes:
        version: of diffspot.
        options: as in the report.
        settings: digest of all options, rules included, that decide what a run gives.
        inputs: as in the report.
        listing: digest of the names and files of all pairs, in order, with size and ETag of objects.
        pairs: how many there are.
        shards: how many they are taken in.
        unpaired: whether pictures are missing on both sides, so that some may be renamed.
    """

    version: str = __version__
    options: dict[str, Any]
    settings: str
    inputs: Inputs
    listing: str
    pairs: int
    shards: int
    unpaired: bool


class Header(Struct, frozen=True, kw_only=True):
    """The first line of a shard's results.

    Attributes:
        run: what it is a part of.
        backend: what worked on the pixels.
        shard: its number, from 1.
        pairs: how many lines follow.
        started: ISO 8601, UTC.
        seconds: that the shard took.
    """

    schema: Literal["diffspot.shard/1"] = "diffspot.shard/1"
    run: Run
    backend: BackendUsed
    shard: int
    pairs: int
    started: str
    seconds: float


class Entry(Struct, frozen=True, kw_only=True):
    """What came of a pair.

    Attributes:
        index: its place among all pairs, from 0.
        results: as in the report, one for each frame.
        seconds: that each took.
        pixels: of a picture without a partner what tells its pixels, for renames.
    """

    index: int
    results: tuple[PairResult, ...]
    seconds: tuple[float, ...]
    pixels: str | None = None


def shard_number(name: str, count: int) -> int:
    """Which of so many shards the pair of this name belongs to, from 1; other pairs have no part in it."""
    return int.from_bytes(sha256(name.encode()).digest()) % count + 1


def read_shard(text: str) -> Shard:
    """What `--shard` means.

    Raises:
        OptionError: it is no shard.
    """
    match = _SHARD.fullmatch(text)
    shard = Shard(int(match[1]), int(match[2])) if match else Shard(0, 0)
    if not 1 <= shard.number <= shard.of:
        raise OptionError(f"--shard cannot be {text!r}: expected {FORM}.")
    return shard


def describe_run(pairs: Sequence[ImagePair], settings: Settings, inputs: Sequence[Path], count: int) -> Run:
    """What all shards of a run have in common."""
    return Run(
        options=result_options(settings.base),
        settings=_settings_digest(settings),
        inputs=report_inputs(inputs),
        listing=_listing_digest(pairs),
        pairs=len(pairs),
        shards=count,
        unpaired=any(pair.candidate is None for pair in pairs) and any(pair.reference is None for pair in pairs),
    )


def encode_lines(header: Header, entries: Iterable[Entry]) -> Iterator[bytes]:
    """The content of a shard's results."""
    return (msgspec.json.encode(one) + b"\n" for one in (header, *entries))


def read_results(file: Path) -> tuple[Header, Iterator[tuple[Entry, bytes]]]:
    """What a shard's results say of it, and what came of each pair, with its line.

    Raises:
        MergeError: they cannot be read, or are none.
    """
    lines = _lines(file)
    header = _decode(next(lines, b""), Header, file)
    return header, ((_decode(line, Entry, file), line) for line in lines)


def _settings_digest(settings: Settings) -> str:
    fields = option_fields()
    layers = [
        (layer.match, {name: value for name, value in layer.values.items() if fields[name].stage != OUTPUTS})
        for layer in settings.layers
    ]
    return digest(msgspec.json.encode(layers))


def _listing_digest(pairs: Iterable[ImagePair]) -> str:
    told = sha256()
    for pair in pairs:
        files = pair.reference, pair.candidate, *pair.also
        places = [path and path_text(path) for path in files]
        known = [path.known for path in files if isinstance(path, StoredPath)]
        told.update(msgspec.json.encode((pair.name, *places, *known)) + b"\n")
    return told.hexdigest()


def _lines(file: Path) -> Iterator[bytes]:
    """The lines of a file that is no pipe and no device, which may never end."""
    try:
        if not file.is_file():
            raise MergeError(f"{printable(file)} is not a file; name the --out folder of a shard.")
        with file.open("rb") as lines:
            yield from lines
    except OSError as error:
        raise MergeError(f"Cannot read {printable(file)}: {error.strerror}; check its rights.") from error


def _decode(line: bytes, kind: type[T], file: Path) -> T:
    """A line of the results of a shard.

    Raises:
        MergeError: it is none, or holds what no run writes.
    """
    try:
        found = msgspec.json.decode(line, type=kind)
        for result in found.results if isinstance(found, Entry) else ():
            check_names(result)
    except (ValueError, RecursionError) as error:
        raise MergeError(
            f"{printable(file)} holds no results of a shard of this version ({error}); compare the shard again."
        ) from error
    return found
