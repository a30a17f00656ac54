"""Several right answers: the references of other places that a candidate may be the same as, too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from diffspot.errors import OptionError
from diffspot.model import path_text
from diffspot.pairing.files import find_pictures, is_directory
from diffspot.pairing.pairs import LIKE_NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from diffspot.model import ImagePair


def with_alternatives(pairs: Sequence[ImagePair], places: Sequence[Path], *, split: bool) -> list[ImagePair]:
    """The pairs with the references of other places that have their names; one without any gets the first of them.

    Args:
        pairs: what was found; those without a candidate stay as they are.
        places: directories, whose pictures go with the pairs of their names, and files, which go with every pair.
        split: whether each pair is a sheet that shows both pictures, whose reference no file can replace.

    Raises:
        OptionError: there are places, and sheets to cut.
        PairingError: there is nothing at a place, or it cannot be searched.
    """
    if places and split:
        raise OptionError("--split cuts both pictures from one sheet, and --also names other references; give one.")
    finders = [_finder(place) for place in places]
    return [_with_found(pair, [path for find in finders if (path := find(pair.name))]) for pair in pairs]


def _with_found(pair: ImagePair, found: list[Path]) -> ImagePair:
    if pair.candidate is None or not found:
        return pair
    if pair.reference is None:
        return replace(pair, reference=found[0], also=tuple(found[1:]))
    return replace(pair, also=tuple(found))


def _finder(place: Path) -> Callable[[str], Path | None]:
    """What finds the reference for the name of a pair."""
    if not is_directory(place):
        return lambda _: place
    pictures = {path_text(name): path for name, path in find_pictures(place).items()}
    by_key = [{key(name): path for name, path in pictures.items()} for key in LIKE_NAMES]

    def find(name: str) -> Path | None:
        hits = (known.get(key(name)) for key, known in zip(LIKE_NAMES, by_key, strict=True))
        return next((path for path in hits if path), None)

    return find
