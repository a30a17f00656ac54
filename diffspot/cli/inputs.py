"""What the commands that compare are given: pairs by two arguments or by a list, and other right answers."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

from diffspot.cli.flags import taking
from diffspot.cli.streams import say
from diffspot.errors import OptionError, PairingError
from diffspot.image_io.storage import to_path
from diffspot.model import printable
from diffspot.options.fields import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from diffspot.model import ImagePair
    from diffspot.options.options import Options

STANDARD_INPUT = Path("-")

PairList = Annotated[
    Path | None,
    taking(
        takes="FILE|-",
        text="Take the pairs from a CSV with columns name,reference,candidate (name may be "
        "left out) or from JSON lines; - is standard input. Relative paths start from the file's folder, those of - "
        "from the working directory.",
        panel="Input",
    ),
]
PathList = Annotated[
    Path | None,
    taking(
        "--pairs0",
        takes="FILE|-",
        text="Take the pairs from paths that end in NUL, alternately reference and candidate; - is standard input.",
        panel="Input",
    ),
]
Also = Annotated[
    list[str] | None,
    taking(
        takes="PATH",
        text="Other right answers: a directory of more references by the same names, or a picture for every pair. "
        "A candidate that is the same as any is the same; may be repeated.",
        panel="Input",
    ),
]


class Found(NamedTuple):
    """The pairs that were named, the directories that they were found in, and those of other right answers."""

    pairs: Sequence[ImagePair]
    inputs: Sequence[Path]
    answers: Sequence[Path]


class _List(NamedTuple):
    """A list of pairs that was given: the flag, the file and what reads it."""

    flag: str
    file: Path
    read: Callable[[str, Path, str], list[ImagePair]]


def find_pairs(  # noqa: PLR0917  each is another argument
    reference: Path | None,
    candidate: Path | None,
    pairs: Path | None,
    pairs0: Path | None,
    also: Sequence[str] | None,
    options: Options,
) -> Found:
    """The pairs that the arguments name.

    Raises:
        OptionError: the arguments do not go together.
        PairingError: they do not say which picture belongs to which.
    """
    listed = _list_given(pairs, pairs0)
    found, inputs = _listed(listed, reference, options) if listed else _paired(reference, candidate, options)
    return Found(*_with_answers(found, inputs, [to_path(path) for path in also or ()], options))


def _list_given(pairs: Path | None, pairs0: Path | None) -> _List | None:
    from diffspot.pairing.pairs import pair_manifest, pair_paths  # noqa: PLC0415  nor are they needed for help

    if pairs and pairs0:
        raise OptionError("--pairs and --pairs0 exclude each other; choose one.")
    if pairs:
        return _List("--pairs", pairs, pair_manifest)
    return _List("--pairs0", pairs0, pair_paths) if pairs0 else None


def _listed(listed: _List, reference: Path | None, options: Options) -> tuple[Sequence[ImagePair], Sequence[Path]]:
    from diffspot.pairing.selection import selector  # noqa: PLC0415

    if reference is not None:
        raise OptionError(f"{listed.flag} takes the place of REFERENCE and CANDIDATE; give one.")
    if options.split != NOTHING:
        raise OptionError(f"--split cuts single sheets, which {listed.flag} does not list; give one of the two.")
    base = Path() if listed.file == STANDARD_INPUT else listed.file.parent
    found = listed.read(_list_text(listed), base, str(listed.file))
    takes = selector(options.include, options.exclude)
    return [pair for pair in found if takes(pair.name)], ()


def _paired(
    reference: Path | None, candidate: Path | None, options: Options
) -> tuple[Sequence[ImagePair], Sequence[Path]]:
    from diffspot.pairing.pairs import pair_inputs  # noqa: PLC0415
    from diffspot.pairing.selection import resolve_inputs, selector  # noqa: PLC0415

    if reference is None:
        raise OptionError("Nothing to compare: give REFERENCE and CANDIDATE, or --pairs.")
    reference, candidate = resolve_inputs(reference, candidate)
    given = [path for path in (reference, candidate) if path is not None]
    takes = selector(options.include, options.exclude)
    found = pair_inputs(reference, candidate, takes, by=options.pair_by, split=options.split != NOTHING)
    return found, [path for path in given if path.is_dir()]


def _with_answers(
    pairs: Sequence[ImagePair], inputs: Sequence[Path], places: Sequence[Path], options: Options
) -> tuple[Sequence[ImagePair], Sequence[Path], Sequence[Path]]:
    """The pairs with the references of other places, the inputs, and the directories among these places."""
    if not places:
        return pairs, inputs, ()
    from diffspot.pairing.alternatives import with_alternatives  # noqa: PLC0415  few runs have any

    found = with_alternatives(pairs, places, split=options.split != NOTHING)
    if found == list(pairs):
        say(f"nothing in {', '.join(map(str, places))} has the name of a pair; see --also")
    return found, inputs, [place for place in places if place.is_dir()]


def _list_text(listed: _List) -> str:
    if listed.flag == "--pairs0":
        return os.fsdecode(_content(listed.file, "the list of pairs ", listed.flag))
    return read_text(listed.file, "the list of pairs ", listed.flag)


def read_text(path: Path, what: str = "", check: str = "the name") -> str:
    """The text of a file, or of standard input.

    Args:
        path: the file.
        what: that it is, with a space behind it.
        check: what to check where it cannot be read.

    Raises:
        PairingError: it cannot be read, or is not UTF-8.
    """
    try:
        return _content(path, what, check).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise PairingError(f"Cannot read {what}{printable(path)}, which is not UTF-8; save it as UTF-8.") from error


def _content(path: Path, what: str, check: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == STANDARD_INPUT else path.read_bytes()
    except OSError as error:
        raise PairingError(f"Cannot read {what}{printable(path)}: {error.strerror}; check {check}.") from error
