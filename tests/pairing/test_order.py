"""Pairs by order, and sheets that are pairs by themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diffspot.errors import PairingError
from diffspot.model import ImagePair
from diffspot.pairing.pairs import could_pair_in_order, natural, pair_directories, pair_files, pair_inputs
from tests.trees import named, plant, refusal

if TYPE_CHECKING:
    from pathlib import Path


def test_numbers_count_in_the_order() -> None:
    names = ["img10.png", "img2.png", "a/10/1.png", "a/9/x.png", "img2b.png", "10.png", "9.png", "Img1.png"]
    expected = ["9.png", "10.png", "Img1.png", "a/9/x.png", "a/10/1.png", "img2.png", "img2b.png", "img10.png"]
    assert sorted(names, key=natural) == expected


def test_pictures_pair_by_order(tmp_path: Path) -> None:
    left = plant(tmp_path / "l", "img1.png", "img10.png", "img2.png")
    right = plant(tmp_path / "r", "scan 3.jpg", "scan 21.jpg", "scan 100.jpg")
    assert named(pair_inputs(left, right, by="order"), left, right) == [
        ("img1.png", "img1.png", "scan 3.jpg"),
        ("img2.png", "img2.png", "scan 21.jpg"),
        ("img10.png", "img10.png", "scan 100.jpg"),
    ]


def test_unequal_counts_are_refused(tmp_path: Path) -> None:
    left, right = plant(tmp_path / "l", "1.png", "2.png"), plant(tmp_path / "r", "1.png")
    with pytest.raises(PairingError) as caught:
        pair_inputs(left, right, by="order")
    assert "l has 2 and" in refusal(caught)
    assert "r 1;" in refusal(caught)
    with pytest.raises(PairingError, match="Nothing to compare"):
        pair_inputs(plant(tmp_path / "x"), plant(tmp_path / "y"), by="order")


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        (["a.png", "b.png"], ["c.png", "d.png"], True),
        (["a.png", "b.png"], ["c.png"], False),
        (["a.png", "b.png"], ["a.png", "c.png"], False),
        (["a.png"], ["a.png"], False),
    ],
)
def test_folders_that_share_no_name_may_pair_by_order(
    tmp_path: Path, left: list[str], right: list[str], *, told: bool
) -> None:
    pairs = pair_directories(plant(tmp_path / "l", *left), plant(tmp_path / "r", *right))
    assert could_pair_in_order(pairs) is told


def test_each_sheet_is_a_pair(tmp_path: Path) -> None:
    folder = plant(tmp_path / "sheets", "b.png", "deep/a.jpg", "notes.txt")
    b, a = folder / "b.png", folder / "deep" / "a.jpg"
    assert pair_inputs(folder, None, split=True) == [ImagePair("b.png", b, b), ImagePair("deep/a.jpg", a, a)]
    assert pair_inputs(b, None, split=True) == pair_files(b, None, split=True) == [ImagePair("b.png", b, b)]


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (("sheets", "other"), "--split cuts sheets"),
        (("sheets/b.png", "sheets/b.png"), "--split cuts sheets"),
        (("gone", None), "cannot be opened"),
        (("other", None), "Nothing to compare"),
    ],
)
def test_what_is_no_sheet(tmp_path: Path, inputs: tuple[str, str | None], said: str) -> None:
    plant(tmp_path / "sheets", "b.png")
    plant(tmp_path / "other")
    with pytest.raises(PairingError) as caught:
        pair_inputs(tmp_path / inputs[0], inputs[1] and tmp_path / inputs[1], split=True)
    assert said in refusal(caught)
