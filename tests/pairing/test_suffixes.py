"""One directory to pairs, by the last words of the names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diffspot.errors import PairingError
from diffspot.pairing.pairs import FAMILIES, pair_suffixes
from tests.trees import named, plant, refusal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.trees import Named

SUFFIXES: dict[str, tuple[list[str], list[Named]]] = {
    "bare words in folders": (
        ["one/before.png", "one/after.png", "two/a.png", "two/b.png"],
        [
            ("one/before.png", "one/before.png", "one/after.png"),
            ("two/a.png", "two/a.png", "two/b.png"),
        ],
    ),
    "only the last word counts": (
        ["x_test_a.png", "x_test_b.png", "x-1_ref.png", "x-1_test.png"],
        [
            ("x-1_ref.png", "x-1_ref.png", "x-1_test.png"),
            ("x_test_a.png", "x_test_a.png", "x_test_b.png"),
        ],
    ),
    "any case, separator and extension": (
        ["Home_REF.png", "home-test.JPG"],
        [("Home_REF.png", "Home_REF.png", "home-test.JPG")],
    ),
    "one partner for either family of test": (
        ["x_temp.png", "x_test.png", "y_ref.png", "y_test.png"],
        [("x_temp.png", "x_temp.png", "x_test.png"), ("y_ref.png", "y_ref.png", "y_test.png")],
    ),
    "families do not mix": (
        ["x_a.png", "x_after.png"],
        [("x_a.png", "x_a.png", None), ("x_after.png", None, "x_after.png")],
    ),
    "families stand side by side": (
        ["x_a.png", "x_b.png", "x_before.png", "x_after.png"],
        [("x_a.png", "x_a.png", "x_b.png"), ("x_before.png", "x_before.png", "x_after.png")],
    ),
    "folders do not mix": (
        ["one/x_a.png", "two/x_b.png"],
        [("one/x_a.png", "one/x_a.png", None), ("two/x_b.png", None, "two/x_b.png")],
    ),
    "leftovers and other files": (
        ["x-expected.png", "x-actual.png", "x-diff.png", "x_DIFF.png", "diff.png", "gt.json"],
        [("x-expected.png", "x-expected.png", "x-actual.png")],
    ),
}


@pytest.mark.parametrize("case", SUFFIXES)
def test_one_directory(tmp_path: Path, case: str) -> None:
    files, expected = SUFFIXES[case]
    plant(tmp_path, *files)
    assert named(pair_suffixes(tmp_path), tmp_path, tmp_path) == expected


@pytest.mark.parametrize("start", ["", "x_", "x-", "board_7-"])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family(tmp_path: Path, family: tuple[str, str], start: str) -> None:
    reference, candidate = f"{start}{family[0]}.png", f"{start}{family[1]}.webp"
    plant(tmp_path, reference, candidate)
    expected = [(reference, reference, candidate)]
    assert named(pair_suffixes(tmp_path), tmp_path, tmp_path) == expected


@pytest.mark.parametrize(
    "files",
    [
        ["x_a.png", "x_a.jpg", "x_b.png"],
        ["d/x_ref.png", "d/x_temp.png", "d/x_test.png"],
        ["x_a.png", "x_b.png", "x-b.png"],
    ],
)
def test_a_doubtful_partner_in_one_directory_is_refused(tmp_path: Path, files: list[str]) -> None:
    plant(tmp_path, *files)
    with pytest.raises(PairingError) as caught:
        pair_suffixes(tmp_path)
    for file in files:
        assert str(tmp_path / file) in refusal(caught)


@pytest.mark.parametrize(
    ("strays", "words", "absent"),
    [
        (["home.png"], ["home.png with"], "more"),
        (["1.png", "2.png", "3.png"], ["1.png, ", "2.png, ", "3.png with"], "more"),
        (["d/4.png", "1.png", "2.png", "3.png", "5.png"], ["3.png and 2 more"], "4.png"),
    ],
)
def test_pictures_without_a_known_word_are_refused(
    tmp_path: Path, strays: list[str], words: list[str], absent: str
) -> None:
    plant(tmp_path, "x_a.png", "x_b.png", *strays)
    with pytest.raises(PairingError) as caught:
        pair_suffixes(tmp_path)
    for word in [*words, "_a/_b", "_expected/_actual", "_temp/_test", "two directories"]:
        assert word in refusal(caught)
    assert absent not in refusal(caught)


@pytest.mark.parametrize("files", [[], ["notes.txt"], ["x-diff.png"]])
def test_one_directory_without_pictures_is_refused(tmp_path: Path, files: list[str]) -> None:
    with pytest.raises(PairingError) as caught:
        pair_suffixes(plant(tmp_path / "shots", *files))
    assert f"in {tmp_path / 'shots'};" in refusal(caught)
    assert ".png" in refusal(caught)
