"""Makes the candidates of a run the references: all of them, or none where a file is not what the report says."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from diffspot.errors import AcceptError, ImageReadError
from diffspot.image_io import peek_size
from diffspot.image_io.digest import digest
from diffspot.image_io.storage import text_path
from diffspot.image_io.suffixes import PICTURE_SUFFIXES, split_page, suffix
from diffspot.model import or_nearest, path_text, printable
from diffspot.outputs.report_json import read_regular

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from diffspot.model import Inputs, PairResult, RunReport, Status
    from diffspot.outputs.bounds import Bounds

DELETING = frozenset({"removed", "renamed"})
"""Statuses of pairs whose reference is deleted, if that is asked for."""
WILD = frozenset("*?[")
"""What matches more than itself in a glob."""
WAY_OUT = "run diffspot compare again"
WHERE = "run diffspot accept in the directory in which compare was run"


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one reference file.

    Attributes:
        path: the reference file, as the report names it.
        place: where that is, links followed.
        before: its digest; None where it is not there yet.
        source: the candidate that takes its place; None where it is deleted.
        after: the digest of `source`.
    """

    path: Path
    place: Path
    before: str | None
    source: Path | None
    after: str | None

    @property
    def verb(self) -> Literal["replace", "add", "delete"]:
        """What is done to the file."""
        return "delete" if self.source is None else "add" if self.before is None else "replace"

    @property
    def is_linked(self) -> bool:
        """Whether the file that is replaced has other names, hard links, which go on naming the earlier picture."""
        return self.verb == "replace" and self.place.stat().st_nlink > 1


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, in the order of the report.

    Attributes:
        linked: the replaced files that have other names, which keep the earlier picture.
        left: how many pairs that were asked for are not touched, by the reason.
    """

    changes: list[Change] = field(default_factory=list)
    linked: list[Path] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)


def plan_changes(
    report: RunReport, bounds: Bounds, globs: Sequence[str], *, removed: bool, also: Path | None = None
) -> Plan:
    """Plans what accepting would change, and checks that nothing prevents it; changes nothing.

    The report is not trusted: only pictures within the bounds are read, and become references or make room.

    What was accepted before is left alone, so that pairs can be accepted a few at a time.

    Args:
        report: of the run, whose paths are relative to the current directory.
        bounds: of the report.
        globs: names of pairs; `*` and `?` match `/` too, a name matches itself. None are all pairs.
        removed: whether the references of removed and renamed pairs are deleted.
        also: the directory that candidates which differ go to, beside the references; None puts them in their place.

    Raises:
        OptionError: a picture lies out of bounds.
        AcceptError: a glob matches no pair, a file is missing, no picture or changed since the report, an added picture
            has no place to go to, or two candidates would go to one place.
    """
    _refuse_elsewhere(report.inputs)
    plan = Plan()
    for pair in _by_file(choose(report.pairs, globs)):
        if pair.status == "error":
            plan.left["could not be compared"] += 1
        elif part := _part_of_file(pair):
            if pair.status != "same":
                plan.left[part] += 1
            continue
        elif pair.status in DELETING and not removed:
            plan.left[f"{pair.status}; --removed deletes the reference"] += 1
        for change in _changes(pair, report.inputs, bounds, removed=removed, also=also):
            if _is_due(change, bounds):
                plan.changes.append(change)
            else:
                plan.left["accepted before"] += 1
    _refuse_clashes(plan.changes)
    plan.linked.extend(change.path for change in plan.changes if change.is_linked)
    return plan


def _part_of_file(pair: PairResult) -> str | None:
    """Why a pair has no file that takes the place of another; None where it has."""
    if pair.split:
        return "sheet that shows both pictures, so there is no reference to replace"
    paths = [text_path(path) for path in (pair.reference, pair.candidate) if path]
    if any(split_page(path)[1] is not None for path in paths):
        return "page of a PDF, which is replaced as a whole; copy the file by hand"
    return None


def choose(pairs: Sequence[PairResult], globs: Sequence[str]) -> list[PairResult]:
    """The pairs of the given names and those that globs match; all where nothing is given."""
    if not globs:
        return list(pairs)
    given = [path_text(glob) for glob in globs]
    names, patterns = frozenset(given), [glob for glob in given if not WILD.isdisjoint(glob)]
    chosen, matched = [], set[str]()
    for pair in pairs:
        by = {pair.name} & names | {glob for glob in patterns if fnmatchcase(pair.name, glob)}
        if by:
            chosen.append(pair)
            matched |= by
    for glob in given:
        if glob not in matched:
            way_out = or_nearest(glob, [pair.name for pair in pairs], "give names or globs of its pairs")
            raise AcceptError(f"No pair of the report is called {glob!r}; {way_out}")
    return chosen


def _by_file(pairs: Sequence[PairResult]) -> Iterator[PairResult]:
    """The pairs, with the frames of a file as one pair, which differs if one of them does: files are accepted whole."""
    statuses: defaultdict[tuple[str | None, str | None], set[str]] = defaultdict(set)
    for pair in pairs:
        statuses[pair.reference, pair.candidate].add(pair.status)
    for pair in pairs:
        found = statuses.pop((pair.reference, pair.candidate), None)
        if pair.frame is None:
            yield pair
        elif found:
            status: Status = "error" if "error" in found else "same" if found == {"same"} else "different"
            yield replace(pair, status=status)


def _changes(pair: PairResult, inputs: Inputs, bounds: Bounds, *, removed: bool, also: Path | None) -> Iterator[Change]:
    """What accepting a pair does to the references."""
    before, after = pair.reference_digest, pair.candidate_digest
    source, path = pair.candidate and text_path(pair.candidate), pair.reference and text_path(pair.reference)
    if pair.status == "different" and source and path:
        if also:
            path, before = _beside(also, pair, source), None
        else:
            _refuse_stray(path, inputs.reference)
        yield Change(path, bounds.place(path), before, source, after)
    if pair.status in {"added", "renamed"} and source:
        path_of_added = _place_of_added(source, inputs)
        yield Change(path_of_added, bounds.place(path_of_added), None, source, after)
    if pair.status in DELETING and path and removed:
        _refuse_stray(path, inputs.reference)
        yield Change(path, bounds.place(path, link=True), before, None, None)


def _beside(also: Path, pair: PairResult, source: Path) -> Path:
    """Where another right answer of a pair goes: by the name of the pair, whatever frame of it differs."""
    name = text_path(pair.name.removesuffix(f"#{pair.frame}") if pair.frame else pair.name)
    path = also / name.with_suffix(source.suffix)
    with suppress(OSError):
        if digest(read_regular(path)) != pair.candidate_digest:
            raise AcceptError(f"{printable(path)} is another right answer already; name another directory with --also.")
    return path


def _place_of_added(source: Path, inputs: Inputs) -> Path:
    """The same place below the reference directory."""
    if inputs.reference is None or inputs.candidate is None:
        raise AcceptError(
            f"{printable(source)} has no reference, and without a reference directory no place to go to; copy it by "
            "hand, or name the pairs to accept."
        )
    _refuse_stray(source, inputs.candidate)
    return text_path(inputs.reference) / source.relative_to(text_path(inputs.candidate))


def _refuse_stray(path: Path, directory: str | None) -> None:
    """Refuses what does not lie in the directory in which the report says that it was found."""
    root = text_path(directory or "")
    if directory and (not path.is_relative_to(root) or ".." in path.relative_to(root).parts):
        raise AcceptError(f"{printable(path)} is not in {directory}, where the report has it; {WAY_OUT}.")


def _is_due(change: Change, bounds: Bounds) -> bool:
    """Whether the change is still to be made.

    Raises:
        OptionError: the candidate lies out of bounds.
        AcceptError: the reference or the candidate is not what the report says, or no picture.
    """
    for path in filter(None, (change.path, change.source)):
        bounds.place(path)
    data = _content(change)
    now = None if data is None else digest(data)
    if now == change.after:
        return False
    source = candidate_content(change) if change.source else None
    if now != change.before:
        state = "is gone" if now is None else "is there" if change.before is None else "has changed"
        raise AcceptError(f"{printable(change.path)} {state} since the report was made; {WAY_OUT}.")
    refuse_others(change.path, data, source)
    return True


def _content(change: Change) -> bytes | None:
    """The content of the reference; None where there is none."""
    try:
        return read_regular(change.place)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AcceptError(f"{printable(change.path)} cannot be read ({error.strerror}); check its rights.") from error


def refuse_others(path: Path, before: bytes | None, after: bytes | None) -> None:
    """Refuses what is not a picture: whatever a report or a journal says, no other file comes or goes.

    Args:
        path: the reference.
        before: its content; None where it is not there yet.
        after: what takes its place; None where it is deleted.

    Raises:
        AcceptError: a file is no picture.
    """
    if before is None and suffix(path.name) not in PICTURE_SUFFIXES:
        raise AcceptError(f"{printable(path)} has not the name of a picture; copy it by hand.")
    for data in (before, after):
        try:
            if data is not None:
                peek_size(data, path)
        except ImageReadError as error:
            raise AcceptError(f"Only pictures take the place of pictures: {error}") from None


def candidate_content(change: Change) -> bytes:
    """The content of the candidate.

    Raises:
        AcceptError: it cannot be read, or has changed since the report.
    """
    source = change.source or change.path
    try:
        data = read_regular(source)
    except OSError as error:
        raise AcceptError(f"{printable(source)} cannot be read ({error.strerror}); {WHERE}, or {WAY_OUT}.") from error
    if digest(data) != change.after:
        raise AcceptError(f"{printable(source)} has changed since the report was made; {WAY_OUT}.")
    return data


def _refuse_elsewhere(inputs: Inputs) -> None:
    for directory in (inputs.reference, inputs.candidate):
        if directory is not None and not text_path(directory).is_dir():
            raise AcceptError(f"The directory {directory} is not here; {WHERE}.")


def _refuse_clashes(changes: Sequence[Change]) -> None:
    taken: dict[Path, Change] = {}
    for change in changes:
        other = taken.setdefault(change.place, change)
        if other is not change:
            raise AcceptError(
                f"{printable(other.source)} and {printable(change.source)} would both become {printable(change.path)}; "
                "name the pairs to accept."
            )
