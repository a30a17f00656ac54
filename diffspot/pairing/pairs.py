"""From what the user names to an ordered list of pairs; no picture is opened."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from diffspot.errors import PairingError
from diffspot.image_io.suffixes import PICTURE_SUFFIXES
from diffspot.model import ImagePair, annotated_name, path_text, printable
from diffspot.pairing.files import find_pictures, is_directory
from diffspot.pairing.manifest import COLUMNS, read_rows, safe_name
from diffspot.storage import is_url, to_path

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from pathlib import Path

    Key = Callable[[str], Hashable]

FAMILIES = (
    ("a", "b"),
    ("expected", "actual"),
    ("before", "after"),
    ("ref", "test"),
    ("temp", "test"),
    ("reference", "candidate"),
)
"""Last words of file names, (reference, candidate), that pair the pictures of one directory."""

LEFTOVER = "diff"
"""Last word of the pictures that other tools leave beside a pair."""

_PARTNERS = dict(FAMILIES)
_STRAYS_SHOWN = 3
_LAST_SEPARATOR = re.compile(r"[_-](?=[^_-]*\Z)")


def pair_inputs(reference: Path, candidate: Path | None) -> list[ImagePair]:
    """Pairs two files, two directories, or the pictures of one directory.

    Raises:
        PairingError: for every other combination, and as the function chosen does.
    """
    if candidate is None:
        if is_directory(reference):
            return pair_suffixes(reference)
        raise PairingError(
            f"{printable(reference)} is a single file; give a second file to compare it with, "
            "a directory of paired pictures, or a list of pairs with --pairs."
        )
    match is_directory(reference), is_directory(candidate):
        case True, True:
            return pair_directories(reference, candidate)
        case False, False:
            return pair_files(reference, candidate)
    raise PairingError(
        f"Only one of {printable(reference)} and {printable(candidate)} is a directory; "
        "give two files or two directories."
    )


def pair_files(reference: Path, candidate: Path) -> list[ImagePair]:
    """Pairs two files, called after the reference; raises PairingError for what is missing or a directory."""
    for path in (reference, candidate):
        if is_directory(path):
            raise PairingError(f"{printable(path)} is a directory; name a picture file.")
    return [ImagePair(path_text(reference.name), reference, candidate)]


def pair_directories(reference: Path, candidate: Path) -> list[ImagePair]:
    """Pairs the pictures of two directories by relative path, sorted by name.

    An equal path wins; then one that differs only in the case of its extension; then one that
    differs only in its extension. What has no partner is removed or added.

    Raises:
        PairingError: a directory cannot be listed, one lies inside the other, neither has a
            picture, or a picture could be paired with several others.
    """
    left, right = find_pictures(reference), find_pictures(candidate)
    _refuse_nesting(reference, candidate)
    if not left and not right:
        raise PairingError(_no_pictures(f"{printable(reference)} or {printable(candidate)}"))
    return _pair(left, right, (str, _with_lower_extension, _without_extension))


def pair_suffixes(directory: Path) -> list[ImagePair]:
    """Pairs the pictures of one directory by the last word of their names, sorted by name.

    `home_a.png` goes with `home_b.jpg` of the same folder, and so on for all `FAMILIES`; the word
    stands after `_` or `-` or alone, in any case. What has no partner is removed or added;
    pictures that end in `LEFTOVER` are passed over.

    Raises:
        PairingError: a directory cannot be listed, there is no picture to pair, a picture ends in
            none of the words, or a picture could be paired with several others.
    """
    left: dict[str, Path] = {}
    right: dict[str, Path] = {}
    strays: list[Path] = []
    for name, path in find_pictures(directory).items():
        _, word = _last_word(name)
        if word in _PARTNERS:
            left[name] = path
        elif word in _PARTNERS.values():
            right[name] = path
        elif word != LEFTOVER:
            strays.append(path)
    _refuse_strays(strays)
    if not left and not right:
        raise PairingError(_no_pictures(printable(directory)))
    return _pair(left, right, (_family,))


def pair_manifest(text: str, base: Path, source: str) -> list[ImagePair]:
    """Pairs as a list of them says, in its order; the files need not exist.

    Args:
        text: CSV with a header of `COLUMNS`, or JSON lines with those keys (it starts with `{`).
            An empty reference or candidate means added or removed. Without a name a pair is
            called after its reference as written.
        base: Directory that relative paths start from.
        source: File name of the list for error messages; `-` for standard input.

    Raises:
        PairingError: the list is empty or malformed, or two of its pairs have the same name.
    """
    source = "standard input" if source == "-" else printable(source)
    rows = list(read_rows(text, source))
    if not rows:
        raise PairingError(
            f"{source} lists no pairs; write CSV with the columns {', '.join(COLUMNS)}, or JSON lines with those keys."
        )
    pairs = [_listed_pair(row, base, place) for place, row in rows]
    _refuse_clashes(pairs, [place for place, _ in rows])
    return pairs


def _no_pictures(where: str) -> str:
    formats = ", ".join(sorted(PICTURE_SUFFIXES))
    return f"Nothing to compare in {where}; looked for files that end in {formats}."


def _refuse_nesting(reference: Path, candidate: Path) -> None:
    for inner, outer in ((reference, candidate), (candidate, reference)):
        if outer.resolve() in inner.resolve().parents:
            raise PairingError(
                f"{printable(inner)} lies inside {printable(outer)}, so its pictures would count "
                "for both sides; give two directories of which neither holds the other."
            )


def _refuse_strays(strays: Sequence[Path]) -> None:
    if not strays:
        return
    names = ", ".join(map(printable, strays[:_STRAYS_SHOWN]))
    if len(strays) > _STRAYS_SHOWN:
        names += f" and {len(strays) - _STRAYS_SHOWN} more"
    known = ", ".join(f"_{reference}/_{candidate}" for reference, candidate in FAMILIES)
    raise PairingError(
        f"Nothing says what to compare {names} with; in one directory end the names in {known}, "
        "or give two directories."
    )


def _with_lower_extension(name: str) -> str:
    stem, _, extension = name.rpartition(".")
    return f"{stem}.{extension.lower()}"


def _without_extension(name: str) -> str:
    return name.rpartition(".")[0]


def _last_word(name: str) -> tuple[str, str]:
    """Splits a picture's path into what comes before the last word of its name, and that word."""
    folder, _, file = _without_extension(name).rpartition("/")
    *start, word = _LAST_SEPARATOR.split(file.lower())
    return f"{folder}/{''.join(start)}", word


def _family(name: str) -> tuple[str, str]:
    start, word = _last_word(name)
    return start, _PARTNERS.get(word, word)


def _pair(left: dict[str, Path], right: dict[str, Path], keys: Sequence[Key]) -> list[ImagePair]:
    """Pairs files whose names have an equal key, key by key; the rest is removed or added."""
    pairs = []
    for key in keys:
        for reference, candidate in _matches(left, right, key):
            pairs.append(ImagePair(path_text(reference), left.pop(reference), right.pop(candidate)))
    pairs += [ImagePair(path_text(name), path, None) for name, path in left.items()]
    pairs += [ImagePair(path_text(name), None, path) for name, path in right.items()]
    pairs.sort(key=lambda pair: pair.name)
    _refuse_clashes(pairs, [printable(pair.reference or pair.candidate) for pair in pairs])
    return pairs


def _matches(left: Mapping[str, Path], right: Mapping[str, Path], key: Key) -> list[tuple[str, str]]:
    references, candidates = _grouped(left, key), _grouped(right, key)
    shared = [group for group in references if group in candidates]
    for group in shared:
        if len(references[group]) > 1 or len(candidates[group]) > 1:
            files = [left[name] for name in references[group]]
            files += [right[name] for name in candidates[group]]
            raise PairingError(
                f"{', '.join(map(printable, files))} could be paired in several ways; "
                "leave one file a side, or list the pairs with --pairs."
            )
    return [(references[group][0], candidates[group][0]) for group in shared]


def _grouped(names: Mapping[str, Path], key: Key) -> dict[Hashable, list[str]]:
    groups: dict[Hashable, list[str]] = defaultdict(list)
    for name in names:
        groups[key(name)].append(name)
    return groups


def _listed_pair(row: Mapping[str, str], base: Path, place: str) -> ImagePair:
    reference, candidate = row["reference"], row["candidate"]
    if not reference and not candidate:
        raise PairingError(f"{place} names no picture; fill in reference, candidate or both.")
    written = row.get("name") or reference or candidate
    name = safe_name(written)
    if not name:
        raise PairingError(f"{place} cannot be called {written!r}; give it a name of letters.")
    return ImagePair(
        name, _listed(reference, base) if reference else None, _listed(candidate, base) if candidate else None
    )


def _listed(place: str, base: Path) -> Path:
    return to_path(place) if is_url(place) else base / place


def _refuse_clashes(pairs: Sequence[ImagePair], places: Sequence[str]) -> None:
    """Refuses pairs whose annotated pictures would be one file; `places` say where they stand."""
    taken: dict[str, str] = {}
    for pair, place in zip(pairs, places, strict=True):
        file = annotated_name(pair.name)
        if file in taken:
            raise PairingError(
                f"{taken[file]} and {place} would both be annotated in {file}; give each a name "
                "of its own in the name column of a list for --pairs."
            )
        taken[file] = place
