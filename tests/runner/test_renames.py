"""Renames: equal content on both sides is one picture that moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import imagecodecs
import numpy as np
import pytest

from diffspot.model import ImagePair
from diffspot.options.options import Options
from diffspot.pairing.pairs import pair_directories
from diffspot.runner.renames import find_renames
from tests.pictures import changed, plain, save, webp

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


@pytest.fixture
def sides(tmp_path: Path) -> tuple[Path, Path]:
    reference, candidate = tmp_path / "reference", tmp_path / "candidate"
    for side in (reference, candidate):
        save(side / "kept.png", plain())
    return reference, candidate


def told(sides: tuple[Path, Path]) -> list[tuple[str, str | None, str | None, bool]]:
    """Name, file of either side, and whether renamed, of each pair."""
    pairs = find_renames(pair_directories(*sides), Options(), 2)
    return [
        (pair.name, *(path and path.name for path in (pair.reference, pair.candidate)), pair.renamed) for pair in pairs
    ]


def test_equal_bytes_are_renamed_and_keep_the_references_place(sides: tuple[Path, Path]) -> None:
    save(sides[0] / "a.png", changed())
    save(sides[1] / "z" / "b.png", changed())
    assert told(sides) == [("a.png", "a.png", "b.png", True), ("kept.png", "kept.png", "kept.png", False)]


def test_equal_pixels_are_renamed_though_the_bytes_differ(sides: tuple[Path, Path]) -> None:
    save(sides[0] / "a.png", changed())
    (sides[1] / "b.webp").write_bytes(webp(changed()))
    assert ("a.png", "a.png", "b.webp", True) in told(sides)


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
    assert find_renames(pairs, Options(), 1) == [ImagePair("one", old, new, renamed=True), pairs[1]]


def test_what_cannot_be_read_matches_nothing(sides: tuple[Path, Path]) -> None:
    (sides[0] / "a.png").write_bytes(b"no picture")
    (sides[1] / "b.png").write_bytes(b"nor is this")
    pairs = [*pair_directories(*sides), ImagePair("gone.png", sides[0] / "gone.png", None)]
    assert find_renames(pairs, Options(), 1) == pairs


def test_only_what_may_match_is_decoded(sides: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, ...]] = []
    decode = imagecodecs.webp_decode

    def noted(data: bytes) -> NDArray[np.uint8]:
        pixels: NDArray[np.uint8] = decode(data)
        seen.append(pixels.shape[:2])
        return pixels

    monkeypatch.setattr(imagecodecs, "webp_decode", noted)
    for side, shapes in zip(sides, ([(60, 60), (30, 30), (40, 70)], [(60, 60), (90, 90), (70, 40)]), strict=True):
        for shape in shapes:
            (side / f"{side.name} {shape}.webp").write_bytes(webp(changed(*shape)))
    find_renames(pair_directories(*sides), Options(), 1)
    assert sorted(seen) == [(40, 70), (70, 40)]


def test_without_both_sides_nothing_is_read(sides: tuple[Path, Path]) -> None:
    (sides[0] / "a.png").write_bytes(b"no picture")
    pairs = pair_directories(*sides)
    assert find_renames(pairs, Options(), 1) == pairs
