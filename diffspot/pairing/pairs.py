"""From what the user names to an ordered list of pairs; no picture is opened."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Literal

from diffspot.errors import PairingError
from diffspot.image_io.storage import is_url, to_path
from diffspot.image_io.suffixes import PICTURE_SUFFIXES
from diffspot.model import ImagePair, annotated_name, path_text, printable
from diffspot.pairing.files import is_directory, is_same
from diffspot.pairing.manifest import COLUMNS, read_rows, safe_name
from diffspot.pairing.selection import everything, is_left_by_tests, pictures_of

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from pathlib import Path

    from diffspot.pairing.manifest import Row
    from diffspot.pairing.selection import Takes

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
_NUMBERS = re.compile(r"([0-9]+)")
_LAST_SEPARATOR = re.compile(r"[_-](?=[^_-]*\Z)")


def pair_inputs(
    reference: Path,
    candidate: Path | None,
    takes: Takes = everything,
    *,
    by: Literal["name", "order"] = "name",
    split: bool = False,
) -> list[ImagePair]:
    """Pairs two files, two directories, one file with every picture of a directory, or the pictures of one directory.

    Args:
        reference: what ought to be there, or a directory of pairs.
        candidate: what is there.
        takes: which pictures of directories are compared.
        by: how the pictures of two directories are paired.
        split: whether every picture is a sheet that shows both pictures of a pair.

    Raises:
        PairingError: for a single file, and as the function chosen does.
    """
    if split:
        return pair_sheets(reference, candidate, takes)
    if candidate is None:
        if is_directory(reference):
            return pair_suffixes(reference, takes)
        raise PairingError(
            f"{printable(reference)} is a single file; give a second file to compare it with, "
            "a directory of paired pictures, or a list of pairs with --pairs; if it shows both pictures, add --split "
            "auto."
        )
    match is_directory(reference), is_directory(candidate):
        case True, True:
            return (pair_in_order if by == "order" else pair_directories)(reference, candidate, takes)
        case False, True:
            found = _others(candidate, reference, takes)
            return [ImagePair(path_text(name), reference, path) for name, path in found.items()]
        case True, False:
            found = _others(reference, candidate, takes)
            return [ImagePair(path_text(name), path, candidate) for name, path in found.items()]
    return pair_files(reference, candidate)


def pair_files(reference: Path, candidate: Path | None, *, split: bool = False) -> list[ImagePair]:
    """Pairs two files, or a sheet with itself, called after the reference.

    Raises:
        PairingError: one is missing or a directory.
    """
    for path in filter(None, (reference, candidate)):
        if is_directory(path):
            raise PairingError(f"{printable(path)} is a directory; name a picture file.")
    if split or candidate is None:
        return pair_inputs(reference, candidate, split=split)
    return [ImagePair(path_text(reference.name), reference, candidate)]


def _others(directory: Path, file: Path, takes: Takes) -> dict[str, Path]:
    """The pictures of a directory that a file is compared with: not with itself, if it lies there, too."""
    found = {name: path for name, path in pictures_of(directory, takes).items() if not is_same(path, file)}
    if not found:
        raise PairingError(_no_pictures(printable(directory), takes))
    return found


def pair_directories(reference: Path, candidate: Path, takes: Takes = everything) -> list[ImagePair]:
    """Pairs the pictures of two directories by relative path, sorted by name.

    An equal path wins; then one that differs only in the case of its extension; then one that
    differs only in its extension. What has no partner is removed or added.

    Raises:
        PairingError: a directory cannot be listed, one lies inside the other, neither has a
            picture, or a picture could be paired with several others.
    """
    return _pair(*_both(reference, candidate, takes), LIKE_NAMES)


def pair_in_order(reference: Path, candidate: Path, takes: Takes = everything) -> list[ImagePair]:
    """Pairs the first picture of one directory with the first of the other, and so on; numbers count, so 2 is first.

    Raises:
        PairingError: a directory cannot be listed, one lies inside the other, neither has a picture, or one has more.
    """
    left, right = _both(reference, candidate, takes)
    if len(left) != len(right):
        raise PairingError(
            f"--pair-by order needs as many pictures on both sides, and {printable(reference)} has {len(left)} and "
            f"{printable(candidate)} {len(right)}; leave out what has no partner, or list the pairs with --pairs."
        )
    names = zip(sorted(left, key=natural), sorted(right, key=natural), strict=True)
    pairs = [ImagePair(path_text(name), left[name], right[other]) for name, other in names]
    _refuse_clashes(pairs, [printable(pair.reference) for pair in pairs])
    return pairs


def natural(name: str) -> list[tuple[int, int, str]]:
    """What sorts names so that the numbers in them count: 2 comes before 10."""
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in _NUMBERS.split(name) if part]


def could_pair_in_order(pairs: Sequence[ImagePair]) -> bool:
    """Whether pictures of two directories share no name, and there are as many on both sides."""
    removed = sum(pair.candidate is None for pair in pairs)
    return 2 * removed == len(pairs) > 0 and all(pair.reference is None or pair.candidate is None for pair in pairs)


def pair_sheets(sheet: Path, other: Path | None, takes: Takes = everything) -> list[ImagePair]:
    """Makes a pair of each sheet: of one file, or of all pictures of a directory; both its sides are that file.

    Raises:
        PairingError: there is a second file or directory, or no picture.
    """
    if other is not None:
        raise PairingError(
            f"--split cuts sheets that show both pictures, so {printable(other)} has no place; give one file or one "
            "directory."
        )
    if not is_directory(sheet):
        return [ImagePair(path_text(sheet.name), sheet, sheet)]
    found = pictures_of(sheet, takes)
    if not found:
        raise PairingError(_no_pictures(printable(sheet), takes))
    pairs = [ImagePair(path_text(name), path, path) for name, path in found.items()]
    _refuse_clashes(pairs, [printable(pair.reference) for pair in pairs])
    return pairs


def pair_suffixes(directory: Path, takes: Takes = everything) -> list[ImagePair]:
    """Pairs the pictures of one directory by the last word of their names, sorted by name.

    `home_a.png` goes with `home_b.jpg` of the same folder, and so on for all `FAMILIES`; the word
    stands after `_` or `-` or alone, in any case. What has no partner is removed or added;
    pictures that end in `LEFTOVER`, and those that Playwright leaves of a failed test, are passed over.

    Raises:
        PairingError: a directory cannot be listed, there is no picture to pair, a picture ends in
            none of the words, or a picture could be paired with several others.
    """
    left: dict[str, Path] = {}
    right: dict[str, Path] = {}
    strays: list[Path] = []
    for name, path in pictures_of(directory, takes).items():
        _, word = _last_word(name)
        if word in _PARTNERS:
            left[name] = path
        elif word in _PARTNERS.values():
            right[name] = path
        elif word != LEFTOVER and not is_left_by_tests(name):
            strays.append(path)
    _refuse_strays(strays)
    if not left and not right:
        raise PairingError(_no_pictures(printable(directory), takes))
    return _pair(left, right, (_family,))


def pair_manifest(text: str, base: Path, source: str) -> list[ImagePair]:
    """Pairs as a list of them says, in its order; the files need not exist.

    Args:
        text: CSV with a header of `COLUMNS`, or JSON lines with those keys (it starts with `{`).
            An empty reference or candidate means added or removed. Without a name a pair is
            called after its reference as written, or after its candidate where several pairs
            have that reference.
        base: Directory that relative paths start from.
        source: File name of the list for error messages; `-` for standard input.

    Raises:
        PairingError: the list is empty or malformed, or two of its pairs have the same name.
    """
    source = "standard input" if source == "-" else printable(source)
    return _listed(list(read_rows(text, source)), base, source)


def pair_paths(text: str, base: Path, source: str) -> list[ImagePair]:
    """Pairs as a list of paths says, each ended by NUL: reference, candidate, reference, candidate ...

    Args:
        text: the list; an empty path means added or removed.
        base: Directory that relative paths start from.
        source: as for `pair_manifest`.

    Raises:
        PairingError: a path has no partner; as `pair_manifest` does.
    """
    source = "standard input" if source == "-" else printable(source)
    paths = text.removesuffix("\0").split("\0") if text else []
    if len(paths) % 2:
        raise PairingError(
            f"{source} has an odd number of paths, {len(paths)}, so the last has no partner; write reference and "
            "candidate by turns, each ended by NUL."
        )
    cells = zip(paths[::2], paths[1::2], strict=True)
    rows = [
        (f"{source} pair {number}", dict(zip(COLUMNS[1:], both, strict=True))) for number, both in enumerate(cells, 1)
    ]
    return _listed(rows, base, source)


def _listed(rows: list[Row], base: Path, source: str) -> list[ImagePair]:
    if not rows:
        raise PairingError(
            f"{source} lists no pairs; write CSV with the columns {', '.join(COLUMNS)}, or JSON lines with those keys."
        )
    uses = Counter(row["reference"] for _, row in rows)
    pairs = [_listed_pair(row, base, place, shared=uses[row["reference"]] > 1) for place, row in rows]
    _refuse_clashes(pairs, [place for place, _ in rows])
    return pairs


def _both(reference: Path, candidate: Path, takes: Takes) -> tuple[dict[str, Path], dict[str, Path]]:
    """The pictures of two directories."""
    left, right = pictures_of(reference, takes), pictures_of(candidate, takes)
    _refuse_nesting(reference, candidate)
    if not left and not right:
        raise PairingError(_no_pictures(f"{printable(reference)} or {printable(candidate)}", takes))
    return left, right


def _no_pictures(where: str, takes: Takes) -> str:
    formats = ", ".join(sorted(PICTURE_SUFFIXES))
    chosen = "" if takes is everything else " and that --include and --exclude let through"
    return f"Nothing to compare in {where}; looked for files that end in {formats}{chosen}."


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


def with_lower_extension(name: str) -> str:
    """A name by which extensions of another case are equal."""
    stem, _, extension = name.rpartition(".")
    return f"{stem}.{extension.lower()}"


def without_extension(name: str) -> str:
    """A name by which pictures of other formats are equal."""
    return name.rpartition(".")[0]


LIKE_NAMES: tuple[Callable[[str], str], ...] = (str, with_lower_extension, without_extension)
"""How names of a pair may differ: not at all, by the case of the extension, by the extension."""


def _last_word(name: str) -> tuple[str, str]:
    """Splits a picture's path into what comes before the last word of its name, and that word."""
    folder, _, file = without_extension(name).rpartition("/")
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


def _listed_pair(row: Mapping[str, str], base: Path, place: str, *, shared: bool) -> ImagePair:
    reference, candidate = row["reference"], row["candidate"]
    if not reference and not candidate:
        raise PairingError(f"{place} names no picture; fill in reference, candidate or both.")
    written = row.get("name") or (not shared and reference) or candidate or reference
    name = safe_name(written)
    if not name:
        raise PairingError(f"{place} cannot be called {written!r}; give it a name of letters.")
    return ImagePair(
        name, _place(reference, base) if reference else None, _place(candidate, base) if candidate else None
    )


def _place(place: str, base: Path) -> Path:
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
