"""Makes the candidates of a run the references: all of them, or none where a file is not what the report says."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import ExitStack
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from diffspot.errors import AcceptError
from diffspot.image_io.digest import digest
from diffspot.outputs.atomic import written_part
from diffspot.outputs.words import one_line

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator, Sequence

    from diffspot.model import Inputs, PairResult, RunReport, Status

WAY_OUT = "run diffspot compare again"
WHERE = "run diffspot accept in the directory in which compare was run"


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one reference file.

    Attributes:
        path: the reference file.
        before: its digest; None where it is not there yet.
        source: the candidate that takes its place; None where it is deleted.
        after: the digest of `source`.
    """

    path: Path
    before: str | None
    source: Path | None
    after: str | None

    @property
    def verb(self) -> Literal["replace", "add", "delete"]:
        """What is done to the file."""
        return "delete" if self.source is None else "add" if self.before is None else "replace"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, in the order of the report.

    Attributes:
        left: how many pairs that were asked for are not touched, by the reason.
    """

    changes: list[Change] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)


def plan_changes(report: RunReport, globs: Sequence[str] = (), *, removed: bool = False) -> Plan:
    """Finds out what accepting means and that nothing stands against it; changes nothing.

    What was accepted before is left alone, so that pairs can be accepted a few at a time.

    Args:
        report: of the run, whose paths are relative to the current directory.
        globs: names of pairs; `*` and `?` match `/` too, a name matches itself. None are all pairs.
        removed: whether the references of removed pairs are deleted.

    Raises:
        AcceptError: a glob matches no pair, a file is missing or changed since the report, there is no place for an
            added picture, or two candidates would go to one place.
    """
    _refuse_elsewhere(report.inputs)
    plan = Plan()
    for pair in _by_file(_chosen(report.pairs, globs)):
        if pair.status == "error":
            plan.left["could not be compared"] += 1
        elif pair.status == "removed" and not removed:
            plan.left["removed; --removed deletes the reference"] += 1
        for change in _changes(pair, report.inputs, removed=removed):
            if _is_due(change):
                plan.changes.append(change)
            else:
                plan.left["accepted before"] += 1
    _refuse_clashes(plan.changes)
    return plan


def apply_changes(changes: Sequence[Change], stop: threading.Event) -> None:
    """Writes every new reference beside its place, then renames them all, then deletes what is to go.

    Args:
        changes: of a plan.
        stop: once set before the first rename, nothing is changed.

    Raises:
        AcceptError: a file cannot be written or has changed since it was planned; unless the message says otherwise,
            nothing was changed.
    """
    with ExitStack() as stack:
        parts = [(_written(change, stack), change.path.resolve()) for change in changes if change.source]
        if stop.is_set():
            raise AcceptError("Stopped before anything was changed; run diffspot accept again.")
        done = 0
        try:
            for part, path in parts:
                part.replace(path)
                done += 1
            for change in changes:
                if change.source is None:
                    change.path.unlink()
                    done += 1
        except OSError as error:
            raise AcceptError(
                f"{error.filename} cannot be changed ({error.strerror}); {done} of {len(changes)} files were, run "
                "diffspot accept again for the rest."
            ) from error


def _written(change: Change, stack: ExitStack) -> Path:
    """The new content beside the reference, checked once more; it goes with the stack unless it was renamed."""
    data = _candidate(change)
    try:
        return stack.enter_context(written_part(change.path.resolve(), data))
    except OSError as error:
        raise AcceptError(
            f"Cannot write beside {_shown(change.path)} ({error.strerror}); nothing was changed, check the rights."
        ) from error


def _chosen(pairs: Sequence[PairResult], globs: Sequence[str]) -> list[PairResult]:
    for glob in globs:
        if not any(_matches(pair.name, glob) for pair in pairs):
            raise AcceptError(f"No pair of the report is called {glob!r}; give names or globs of its pairs.")
    return [pair for pair in pairs if not globs or any(_matches(pair.name, glob) for glob in globs)]


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


def _matches(name: str, glob: str) -> bool:
    return name == glob or fnmatchcase(name, glob)


def _changes(pair: PairResult, inputs: Inputs, *, removed: bool) -> Iterator[Change]:
    """What accepting a pair does to the references."""
    before, after = pair.reference_digest, pair.candidate_digest
    source, path = pair.candidate and Path(pair.candidate), pair.reference and Path(pair.reference)
    if pair.status == "different" and source and path:
        yield Change(path, before, source, after)
    if pair.status in {"added", "renamed"} and source:
        yield Change(_place_of_added(source, inputs), None, source, after)
    if path and (pair.status == "renamed" or (pair.status == "removed" and removed)):
        yield Change(path, before, None, None)


def _place_of_added(source: Path, inputs: Inputs) -> Path:
    """The same place below the reference directory."""
    if inputs.reference is None or inputs.candidate is None:
        raise AcceptError(
            f"{_shown(source)} has no reference, and without a reference directory no place to go to; copy it by hand, "
            "or name the pairs to accept."
        )
    if not source.is_relative_to(inputs.candidate) or ".." in source.relative_to(inputs.candidate).parts:
        raise AcceptError(f"{_shown(source)} is not in {inputs.candidate}, where the report has it; {WAY_OUT}.")
    return inputs.reference / source.relative_to(inputs.candidate)


def _is_due(change: Change) -> bool:
    """Whether the change is still to be made.

    Raises:
        AcceptError: the reference or the candidate is not what the report says.
    """
    try:
        now = digest(change.path.read_bytes())
    except FileNotFoundError:
        now = None
    except OSError as error:
        raise AcceptError(f"{_shown(change.path)} cannot be read ({error.strerror}); check its rights.") from error
    if now == change.after:
        return False
    if change.source:
        _candidate(change)
    if now != change.before:
        state = "is gone" if now is None else "is there" if change.before is None else "has changed"
        raise AcceptError(f"{_shown(change.path)} {state} since the report was made; {WAY_OUT}.")
    return True


def _candidate(change: Change) -> bytes:
    """The content of the candidate."""
    source = change.source or change.path
    try:
        data = source.read_bytes()
    except OSError as error:
        raise AcceptError(f"{_shown(source)} cannot be read ({error.strerror}); {WHERE}, or {WAY_OUT}.") from error
    if digest(data) != change.after:
        raise AcceptError(f"{_shown(source)} has changed since the report was made; {WAY_OUT}.")
    return data


def _refuse_elsewhere(inputs: Inputs) -> None:
    for directory in (inputs.reference, inputs.candidate):
        if directory is not None and not Path(directory).is_dir():
            raise AcceptError(f"The directory {directory} is not here; {WHERE}.")


def _refuse_clashes(changes: Sequence[Change]) -> None:
    taken: dict[Path, Change] = {}
    for change in changes:
        other = taken.setdefault(change.path.resolve(), change)
        if other is not change:
            raise AcceptError(
                f"{_shown(other.source)} and {_shown(change.source)} would both become {_shown(change.path)}; "
                "name the pairs to accept."
            )


def _shown(path: Path | None) -> str:
    return one_line(str(path))
