"""Renames: equal content on both sides is one picture that moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from diffspot.image_io import decode_frames
from diffspot.model import ImagePair
from diffspot.pairing.pairs import pair_directories
from diffspot.runner import renames
from diffspot.runner.renames import find_renames
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from diffspot.image_io import Opened
    from diffspot.model import Image


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    reference, candidate = tmp_path / "reference", tmp_path / "candidate"
    for side in (reference, candidate):
        save(side / "kept.png", plain())
    return reference, candidate


def told(sides: tuple[Path, Path]) -> list[tuple[str, str | None, str | None, bool]]:
    """Name, file of either side, and whether renamed, of each pair."""
    pairs = find_renames(pair_directories(*sides), 2)
    return [
        (pair.name, *(path and path.name for path in (pair.reference, pair.candidate)), pair.renamed) for pair in pairs
    ]


def test_equal_bytes_are_renamed_and_keep_the_references_place(sides: tuple[Path, Path]) -> None:
    save(sides[0] / "a.png", changed())
    save(sides[1] / "z" / "b.png", changed())
    assert told(sides) == [("a.png", "a.png", "b.png", True), ("kept.png", "kept.png", "kept.png", False)]


def test_equal_pixels_are_renamed_though_the_bytes_differ(sides: tuple[Path, Path]) -> None:
    save(sides[0] / "a.png", changed())
    (sides[1] / "b.bmp").write_bytes(cv2.imencode(".bmp", changed()[..., ::-1])[1].tobytes())
    assert ("a.png", "a.png", "b.bmp", True) in told(sides)


def test_one_pixel_or_one_bit_of_depth_is_no_rename(sides: tuple[Path, Path]) -> None:
    almost = changed()
    almost[0, 0, 0] += 1
    save(sides[0] / "a.png", changed())
    save(sides[1] / "b.png", almost)
    save(sides[1] / "c.png", changed().astype(np.uint16))
    assert not any(renamed for *_, renamed in told(sides))


def test_equal_ones_are_joined_one_to_one_in_order(sides: tuple[Path, Path]) -> None:
    for name in ("a", "b", "c"):
        save(sides[0] / f"{name}.png", changed())
    for name in ("x", "y"):
        save(sides[1] / f"{name}.png", changed())
    assert told(sides) == [
        ("a.png", "a.png", "x.png", True),
        ("b.png", "b.png", "y.png", True),
        ("c.png", "c.png", None, False),
        ("kept.png", "kept.png", "kept.png", False),
    ]


def test_a_list_that_names_a_file_twice_gives_each_line_a_pair(tmp_path: Path) -> None:
    old, new = save(tmp_path / "old.png", plain()), save(tmp_path / "new.png", plain())
    pairs = [ImagePair("one", old, None), ImagePair("two", old, None), ImagePair("three", None, new)]
    assert find_renames(pairs, 1) == [ImagePair("one", old, new, renamed=True), pairs[1]]


def test_what_cannot_be_read_matches_nothing(sides: tuple[Path, Path]) -> None:
    (sides[0] / "a.png").write_bytes(b"no picture")
    (sides[1] / "b.png").write_bytes(b"nor is this")
    pairs = [*pair_directories(*sides), ImagePair("gone.png", sides[0] / "gone.png", None)]
    assert find_renames(pairs, 1) == pairs


def test_only_what_may_match_is_decoded(sides: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def noted(picture: Opened) -> Iterator[Image]:
        seen.append(picture.path.name)
        return decode_frames(picture)

    monkeypatch.setattr(renames, "decode_frames", noted)
    save(sides[0] / "equal.png", changed(60, 60))
    save(sides[1] / "bytes.png", changed(60, 60))
    save(sides[0] / "small.png", changed(30, 30))
    save(sides[1] / "large.png", changed(90, 90))
    save(sides[0] / "lying.png", changed(40, 70))
    save(sides[1] / "standing.png", changed(70, 40))
    find_renames(pair_directories(*sides), 1)
    assert sorted(seen) == ["lying.png", "standing.png"]


def test_without_both_sides_nothing_is_read(sides: tuple[Path, Path]) -> None:
    (sides[0] / "a.png").write_bytes(b"no picture")
    pairs = pair_directories(*sides)
    assert find_renames(pairs, 1) == pairs
