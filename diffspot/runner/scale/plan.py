"""A plan: what is compared and how, written once, so that any machine can take a shard of it without listing anything.

`plan.json` says how, and is there as soon as all else is; `plan/00003-of-00008.jsonl` lists the pairs of a shard.
"""

from __future__ import annotations

import math
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

import msgspec
from msgspec import Struct

from diffspot.errors import OptionError
from diffspot.image_io.storage import Known, StoredPath, text_path  # noqa: TC001  msgspec reads the annotations
from diffspot.model import ImagePair, path_text, printable
from diffspot.options.settings import Layer, Settings
from diffspot.outputs import WRITTEN
from diffspot.outputs.atomic import write_atomically, write_new
from diffspot.outputs.kept import keep_apart
from diffspot.runner.scale.shards import Placed, Run, Shard, describe_run, shard_number  # noqa: TC001  msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

PLAN_NAME = "plan.json"
MOST_PAIRS, LEAST_SHARDS = 1000, 16
"""Pairs of a shard where nobody said how many: what a lost worker costs at most. Few pairs make as many shards, so that
workers end at about the same time."""


class Values(Struct, frozen=True, kw_only=True):
    """A layer of the settings; see `Layer`."""

    source: str
    values: dict[str, Any]
    match: tuple[str, ...] | None


class Plan(Struct, frozen=True, kw_only=True):
    """What a plan's file says.

    Attributes:
        run: what all shards have in common.
        layers: the settings.
        files: digest of the size and time of each file on a disk: results are taken as long as the plan is the same.
    """

    schema: Literal["diffspot.plan/1"] = "diffspot.plan/1"
    run: Run
    layers: tuple[Values, ...]
    files: str

    @property
    def settings(self) -> Settings:
        """How to compare each pair."""
        return Settings([Layer(one.source, one.values, one.match) for one in self.layers])

    @property
    def inputs(self) -> list[Path]:
        """The directories that the pairs were found in."""
        return [text_path(path) for path in (self.run.inputs.reference, self.run.inputs.candidate) if path]


class Listed(Struct, frozen=True, array_like=True):
    """A pair in the list of a shard: its place among all, its name, its files and what is known of each of these."""

    place: int
    name: str
    reference: str | None
    candidate: str | None
    known: tuple[Known | None, ...]
    also: tuple[str, ...] = ()


def make_plan(
    pairs: Sequence[ImagePair], settings: Settings, inputs: Sequence[Path], per_shard: int | None = None
) -> Plan:
    """A plan for so many pairs a shard, about.

    Raises:
        OptionError: a picture's address has a secret in it.
    """
    for path in (path for pair in pairs for path in pair.pictures):
        if isinstance(path, StoredPath) and path.secret:
            raise OptionError(f"{path} has a password or a signature, which no plan holds; name it without.")
    most = per_shard or max(1, min(MOST_PAIRS, math.ceil(len(pairs) / LEAST_SHARDS)))
    layers = [Values(source=one.source, values=dict(one.values), match=one.match) for one in settings.layers]
    run = describe_run(pairs, settings, inputs, max(1, math.ceil(len(pairs) / most)))
    # As it is read again, so that the two are equal.
    return msgspec.json.decode(
        msgspec.json.encode(Plan(run=run, layers=tuple(layers), files=_files_digest(pairs))), type=Plan
    )


def write_plan(plan: Plan, pairs: Iterable[ImagePair], folder: Path, *, apart: Iterable[Path] = ()) -> None:
    """Writes a plan, where it is not there already.

    Args:
        plan: what to write.
        pairs: all of it.
        folder: where; results will lie there, too.
        apart: directories of pictures, which must not hold it.

    Raises:
        OptionError: another plan is there.
        OutputError: it cannot be written, or lies among pictures.
    """
    for directory in apart:
        keep_apart(folder, directory, WRITTEN)
    if (folder / PLAN_NAME).exists():
        _refuse_other(plan, folder)
        return
    lists: list[list[Listed]] = [[] for _ in range(plan.run.shards)]
    shards = [Shard(number, plan.run.shards) for number in range(1, plan.run.shards + 1)]
    for place, pair in enumerate(pairs):
        lists[shard_number(pair.name, plan.run.shards) - 1].append(_listed(place, pair))
    for shard, listed in zip(shards, lists, strict=True):
        write_atomically(_list_of(folder, shard), (msgspec.json.encode(one) + b"\n" for one in listed))
    if not write_new(folder / PLAN_NAME, [msgspec.json.format(msgspec.json.encode(plan), indent=1), b"\n"]):
        _refuse_other(plan, folder)


def read_plan(folder: Path) -> Plan:
    """The plan in a folder.

    Raises:
        OptionError: there is none, or it is of another version.
    """
    file = folder / PLAN_NAME
    plan: Plan = _decode(_content(file), Plan, file)
    return plan


def read_pairs(plan: Plan, folder: Path, shard: Shard) -> list[Placed]:
    """The pairs of a shard.

    Raises:
        OptionError: the plan has other shards, or lacks this one.
    """
    if shard.of != plan.run.shards:
        raise OptionError(f"--shard {shard} is none of this plan, which has {plan.run.shards}; name one of those.")
    lines = _content(_list_of(folder, shard)).splitlines()
    return [_placed(_decode(line, Listed, folder)) for line in lines]


def _files_digest(pairs: Iterable[ImagePair]) -> str:
    told = sha256()
    for path in (path for pair in pairs for path in (pair.reference, pair.candidate, *pair.also)):
        if path and not isinstance(path, StoredPath):  # of objects the listing says it
            try:
                status = path.stat()
            except OSError:
                told.update(b"-")
            else:
                told.update(b"%d %d " % (status.st_size, status.st_mtime_ns))
    return told.hexdigest()


def _refuse_other(plan: Plan, folder: Path) -> None:
    if read_plan(folder) != plan:
        raise OptionError(
            f"{printable(folder)} holds another plan: pictures, options or diffspot changed since; name another place."
        )


def _list_of(folder: Path, shard: Shard) -> Path:
    return folder / "plan" / f"{shard.number:05}-of-{shard.of:05}.jsonl"


def _listed(place: int, pair: ImagePair) -> Listed:
    reference, candidate = (path_text(path) if path else None for path in (pair.reference, pair.candidate))
    files = pair.reference, pair.candidate, *pair.also
    known = tuple(path.known if isinstance(path, StoredPath) else None for path in files)
    return Listed(place, pair.name, reference, candidate, known, tuple(map(path_text, pair.also)))


def _placed(listed: Listed) -> Placed:
    reference, candidate = (text_path(text) if text else None for text in (listed.reference, listed.candidate))
    also = tuple(map(text_path, listed.also))
    for path, known in zip((reference, candidate, *also), listed.known, strict=True):
        if isinstance(path, StoredPath):
            path.known = known
    return Placed(listed.place, ImagePair(listed.name, reference, candidate, also=also))


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise OptionError(
            f"Cannot read {printable(file)}: {error.strerror}; name the place of diffspot plan."
        ) from error


def _decode(data: bytes, kind: Any, file: Path) -> Any:  # noqa: ANN401  what kind says
    try:
        return msgspec.json.decode(data, type=kind)
    except (ValueError, RecursionError) as error:
        raise OptionError(f"{printable(file)} is no plan of this version ({error}); plan again.") from error
