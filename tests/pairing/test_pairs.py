"""Inputs to pairs: every rule and every refusal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diffspot.errors import PairingError
from diffspot.model import ImagePair, annotated_name
from diffspot.pairing.pairs import (
    pair_directories,
    pair_files,
    pair_inputs,
    pair_suffixes,
)
from tests.trees import named, plant, refusal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.trees import Named


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.png", "a.png"),
        ("b/a.PNG", "b/a.PNG"),
        ("a.jpg", "a.jpg.png"),
        ("home", "home.png"),
        ("png", "png.png"),
    ],
)
def test_annotated_name(name: str, expected: str) -> None:
    assert annotated_name(name) == expected


def test_two_files_make_one_pair_called_after_the_reference(tmp_path: Path) -> None:
    reference, candidate = (plant(tmp_path, name) / name for name in ("old/page.png", "new/other.jpg"))
    assert pair_files(reference, candidate) == [ImagePair("page.png", reference, candidate)]


def test_inputs_are_told_apart(tmp_path: Path) -> None:
    left, right = plant(tmp_path / "l", "x_a.png"), plant(tmp_path / "r", "x_a.png", "x_b.png")
    file = left / "x_a.png"
    assert pair_inputs(file, right / "x_b.png") == pair_files(file, right / "x_b.png")
    assert pair_inputs(left, right) == pair_directories(left, right)
    assert pair_inputs(right, None) == pair_suffixes(right)
    assert len(pair_inputs(left, left)) == 1


@pytest.mark.parametrize(
    ("reference", "candidate", "words"),
    [
        ("gone", None, ["gone cannot be opened", "No such file"]),
        ("dir", "gone", ["gone cannot be opened"]),
        ("gone", "a.png", ["gone cannot be opened"]),
        ("a.png", None, ["a.png is a single file", "--pairs"]),
        ("a.png", "empty", ["Nothing to compare in ", "empty"]),
        ("empty", "a.png", ["Nothing to compare in ", "empty"]),
    ],
)
def test_other_inputs_are_refused(tmp_path: Path, reference: str, candidate: str | None, words: list[str]) -> None:
    plant(tmp_path, "a.png", "dir/b.png", "empty/notes.txt")
    with pytest.raises(PairingError) as caught:
        pair_inputs(tmp_path / reference, tmp_path / candidate if candidate else None)
    for word in words:
        assert word in refusal(caught)


def test_a_file_goes_with_every_picture_of_a_directory_but_itself(tmp_path: Path) -> None:
    plant(tmp_path, "golden.png", "today/2.png", "today/deep/1.jpg", "today/notes.txt")
    (tmp_path / "today" / "same.png").symlink_to("../golden.png")
    golden, today = tmp_path / "golden.png", tmp_path / "today"
    assert pair_inputs(golden, today) == [
        ImagePair("2.png", golden, today / "2.png"),
        ImagePair("deep/1.jpg", golden, today / "deep/1.jpg"),
    ]
    assert pair_inputs(today, golden) == [
        ImagePair("2.png", today / "2.png", golden),
        ImagePair("deep/1.jpg", today / "deep/1.jpg", golden),
    ]


DIRECTORIES: dict[str, tuple[list[str], list[str], list[Named]]] = {
    "equal paths": (
        ["z.png", "home/index.png"],
        ["home/index.png", "z.png"],
        [("home/index.png",) * 3, ("z.png",) * 3],
    ),
    "removed and added": (
        ["a.png", "b.png"],
        ["b.png", "c.png"],
        [("a.png", "a.png", None), ("b.png",) * 3, ("c.png", None, "c.png")],
    ),
    "other extension": (["x/a.png"], ["x/a.webp"], [("x/a.png", "x/a.png", "x/a.webp")]),
    "extension in other case": (["a.PNG"], ["a.png"], [("a.PNG", "a.PNG", "a.png")]),
    "case of extension before other extension": (
        ["a.PNG", "a.jpg"],
        ["a.png", "a.JPG"],
        [("a.PNG", "a.PNG", "a.png"), ("a.jpg", "a.jpg", "a.JPG")],
    ),
    "equal path before equal stem": (
        ["a.jpg", "a.png"],
        ["a.png", "a.bmp"],
        [("a.jpg", "a.jpg", "a.bmp"), ("a.png",) * 3],
    ),
    "several of a stem on one side alone": (
        ["a.png", "a.jpg"],
        ["b.png"],
        [("a.jpg", "a.jpg", None), ("a.png", "a.png", None), ("b.png", None, "b.png")],
    ),
    "only the last extension counts": (
        ["a.1.png", "a.2.png"],
        ["a.1.jpg"],
        [("a.1.png", "a.1.png", "a.1.jpg"), ("a.2.png", "a.2.png", None)],
    ),
    "the folder counts": (
        ["x/a.png"],
        ["y/a.png"],
        [("x/a.png", "x/a.png", None), ("y/a.png", None, "y/a.png")],
    ),
    "an empty candidate": (["a.png"], [], [("a.png", "a.png", None)]),
    "an empty reference": (["notes.txt"], ["a.png"], [("a.png", None, "a.png")]),
}


@pytest.mark.parametrize("case", DIRECTORIES)
def test_directories(tmp_path: Path, case: str) -> None:
    references, candidates, expected = DIRECTORIES[case]
    left, right = plant(tmp_path / "l", *references), plant(tmp_path / "r", *candidates)
    assert named(pair_directories(left, right), left, right) == expected


@pytest.mark.parametrize(
    ("references", "candidates", "files"),
    [
        (["x/a.png", "x/a.jpg"], ["x/a.bmp"], ["l/x/a.png", "l/x/a.jpg", "r/x/a.bmp"]),
        (["a.png"], ["a.jpg", "a.bmp"], ["l/a.png", "r/a.jpg", "r/a.bmp"]),
        (
            ["a.png", "a.jpg"],
            ["a.tif", "a.bmp"],
            ["l/a.png", "l/a.jpg", "r/a.tif", "r/a.bmp"],
        ),
    ],
)
def test_a_doubtful_partner_is_refused_with_all_files(
    tmp_path: Path, references: list[str], candidates: list[str], files: list[str]
) -> None:
    left, right = plant(tmp_path / "l", *references), plant(tmp_path / "r", *candidates)
    with pytest.raises(PairingError) as caught:
        pair_directories(left, right)
    for file in files:
        assert str(tmp_path / file) in refusal(caught)
    assert "--pairs" in refusal(caught)


def test_directories_without_pictures_are_refused(tmp_path: Path) -> None:
    left, right = plant(tmp_path / "l", "a.txt"), plant(tmp_path / "r")
    with pytest.raises(PairingError) as caught:
        pair_directories(left, right)
    assert f"{left} or {right}" in refusal(caught)
    assert ".jfif, .jpe, .jpeg, .jpg, .jxl, .pdf, .png, .tif, .tiff, .webp" in refusal(caught)


@pytest.mark.parametrize(
    ("left", "right", "inner"),
    [
        ("shots", "shots/new", "new"),
        ("shots/new", "shots", "new"),
        ("shots", "link", "link"),
        ("link", "shots/new/..", "link"),
    ],
)
def test_a_directory_inside_the_other_is_refused(tmp_path: Path, left: str, right: str, inner: str) -> None:
    plant(tmp_path, "shots/a.png", "shots/new/a.png")
    (tmp_path / "link").symlink_to(tmp_path / "shots" / "new", target_is_directory=True)
    with pytest.raises(PairingError) as caught:
        pair_directories(tmp_path / left, tmp_path / right)
    assert f"{inner} lies inside " in refusal(caught)


def test_directories_with_one_start_are_not_inside_each_other(tmp_path: Path) -> None:
    left, right = plant(tmp_path / "shots", "a.png"), plant(tmp_path / "shots-new", "a.png")
    assert len(pair_directories(left, right)) == 1


def test_a_file_given_as_a_directory_is_named(tmp_path: Path) -> None:
    plant(tmp_path, "a.png", "l/a.png")
    with pytest.raises(PairingError, match=r"a\.png cannot be opened \(Not a directory\)"):
        pair_directories(tmp_path / "l", tmp_path / "a.png")


def test_pictures_that_would_be_annotated_in_one_file_are_refused(tmp_path: Path) -> None:
    left = plant(tmp_path / "l", "x/a.jpg", "x/a.jpg.png")
    with pytest.raises(PairingError) as caught:
        pair_directories(left, left)
    for file in (left / "x" / "a.jpg", left / "x" / "a.jpg.png"):
        assert f"{file} " in refusal(caught)
    assert "name column" in refusal(caught)


@pytest.mark.skipif("sys.platform != 'linux'", reason="needs file names that are not UTF-8")
def test_names_that_are_not_utf8_are_paired_and_printed(tmp_path: Path) -> None:
    left, right = plant(tmp_path / "l", "\udcff.png", "a.png"), plant(tmp_path / "r", "\udcff.jpg")
    assert pair_directories(left, right) == [
        ImagePair(r"\udcff.png", left / "\udcff.png", right / "\udcff.jpg"),
        ImagePair("a.png", left / "a.png", None),
    ]
    plant(left, "\udcff.bmp")
    with pytest.raises(PairingError) as caught:
        pair_directories(left, right)
    assert r"\udcff.bmp" in refusal(caught).encode("utf-8").decode("utf-8")
