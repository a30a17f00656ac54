"""What a directory search finds and passes over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from diffspot.errors import PairingError
from diffspot.model import printable
from diffspot.pairing.files import count_unread, find_pictures, is_directory
from tests.trees import plant


def test_pictures_are_found_by_suffix_in_any_depth_and_order(tmp_path: Path) -> None:
    pictures = ["a.png", "b.JPG", "c/d/e.webp", "c/f.tiff", "g.jpe", "h.jfif", "i.tif", "j.bmp"]
    plant(tmp_path, *reversed(pictures), "notes.txt", "png", "c/page.html", "k.png.bak", "k.jpeg")
    assert list(find_pictures(tmp_path)) == [*pictures, "k.jpeg"]
    assert find_pictures(tmp_path)["c/f.tiff"] == tmp_path / "c" / "f.tiff"


def test_pictures_of_formats_that_are_not_read_are_counted_where_pictures_are_found(tmp_path: Path) -> None:
    plant(tmp_path, "a.jp2", "b/c.JP2", "b/d.svg", "e.png", "notes.txt", ".hidden.jp2", ".git/f.jp2")
    (tmp_path / "b" / "up").symlink_to(tmp_path, target_is_directory=True)
    assert count_unread(tmp_path) == {".jp2": 2, ".svg": 1}
    assert list(find_pictures(tmp_path)) == ["e.png"]


def test_what_is_hidden_is_passed_over(tmp_path: Path) -> None:
    plant(tmp_path, ".png", ".a.png", ".git/b.png", "c/.d/e.png", "c/f.png")
    assert list(find_pictures(tmp_path)) == ["c/f.png"]


def test_a_directory_called_like_a_picture_is_searched(tmp_path: Path) -> None:
    assert list(find_pictures(plant(tmp_path, "a.png/b.png"))) == ["a.png/b.png"]


def test_links_are_followed_but_never_in_a_loop(tmp_path: Path) -> None:
    plant(tmp_path, "real/a.png", "shots/b.png", "shots/sub/c.png")
    shots = tmp_path / "shots"
    (shots / "linked.png").symlink_to(tmp_path / "real" / "a.png")
    (shots / "folder").symlink_to(tmp_path / "real", target_is_directory=True)
    (shots / "sub" / "up").symlink_to(shots, target_is_directory=True)
    (shots / "here").symlink_to(shots, target_is_directory=True)
    assert list(find_pictures(shots)) == ["b.png", "folder/a.png", "linked.png", "sub/c.png"]


@pytest.mark.slow
def test_folders_that_link_to_each_other_are_searched_in_bounded_time(tmp_path: Path) -> None:
    """Twelve of them have over a thousand million ways through all."""
    names = [f"d{number:02}" for number in range(12)]
    for name in names:
        plant(tmp_path, f"{name}/x.png")
        for other in names:
            (tmp_path / name / f"to-{other}").symlink_to(tmp_path / other, target_is_directory=True)
    found = list(find_pictures(tmp_path))
    assert len(found) == 12 + 12 * 11 * 11
    assert {name for name in found if name.count("/") == 1} == {f"{name}/x.png" for name in names}
    assert "d00/to-d01/x.png" in found


def test_a_ladder_of_links_has_as_many_pictures_as_rungs(tmp_path: Path) -> None:
    """Two ways down at each of forty rungs."""
    for number in range(40):
        plant(tmp_path, f"rungs/{number}/x.png")
        for side in "ab":
            (tmp_path / "rungs" / f"{number}" / side).symlink_to(tmp_path / "rungs" / f"{number + 1}")
    plant(tmp_path, "rungs/40/x.png")
    found = list(find_pictures(tmp_path / "rungs" / "0"))
    assert found[0] == "a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/a/x.png"
    assert len(found) == 1 + 2 * 40


def test_a_link_that_leads_nowhere_is_kept_if_it_is_called_a_picture(tmp_path: Path) -> None:
    for name in ("gone.png", "gone.txt"):
        (tmp_path / name).symlink_to(tmp_path / "nowhere")
    (tmp_path / "self.png").symlink_to(tmp_path / "self.png")
    assert list(find_pictures(tmp_path)) == ["gone.png", "self.png"]


def test_a_folder_that_cannot_be_listed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(tmp_path, "a.png", "locked/b.png")
    listing = os.scandir

    def refuse(folder: Path) -> os._ScandirIterator[str]:
        if folder.name == "locked":
            raise PermissionError(13, "Permission denied", str(folder))
        return listing(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PairingError) as caught:
        find_pictures(tmp_path)
    assert str(tmp_path / "locked") in str(caught.value)
    assert "Permission denied" in str(caught.value)


def test_is_directory(tmp_path: Path) -> None:
    plant(tmp_path, "a.png")
    assert is_directory(tmp_path)
    assert not is_directory(tmp_path / "a.png")
    with pytest.raises(PairingError, match=r"b\.png cannot be opened \(No such file"):
        is_directory(tmp_path / "b.png")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("ä/b.png", "ä/b.png"), ("a\udcff.png", r"a\udcff.png"), (Path("x.png"), "x.png")],
)
def test_printable(text: object, expected: str) -> None:
    assert printable(text) == expected
