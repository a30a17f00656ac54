"""Single pictures: what is named, in order, with names of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from diffspot.errors import PairingError
from diffspot.pairing.pictures import Named, find_named, read_list, refuse_twins
from tests.pictures import plain, save


def test_files_and_folders_in_the_order_given(tmp_path: Path) -> None:
    for name in ("b.png", "a.png", "deep/c.png"):
        save(tmp_path / "in" / name, plain())
    (tmp_path / "in" / "notes.txt").write_text("no picture", encoding="utf-8")
    found = find_named([tmp_path / "missing.png", tmp_path / "in", tmp_path / "in" / "b.png"])
    assert [picture.name for picture in found] == ["missing.png", "a.png", "b.png", "deep/c.png", "b.png"]
    assert found[3].path == tmp_path / "in" / "deep" / "c.png"


def test_a_folder_without_pictures_is_told(tmp_path: Path) -> None:
    with pytest.raises(PairingError, match="There is no picture in"):
        find_named([tmp_path])


def test_a_list_starts_where_it_lies() -> None:
    assert read_list("\ufeffa.png\r\n\n  b c.png \n", Path("in")) == [Path("in/a.png"), Path("in/b c.png")]
    assert read_list("/x/a.png", Path("in")) == [Path("/x/a.png")]
    assert read_list("", Path()) == []


@pytest.mark.parametrize(("one", "other"), [("a.png", "A.png"), ("a.jpg", "a.jpg.png"), ("x/a.png", "x/a.PNG")])
def test_files_that_would_be_one_are_refused(one: str, other: str) -> None:
    with pytest.raises(PairingError, match="would both be written"):
        refuse_twins([Named(one, Path("in", one)), Named(other, Path("more", other))])
    refuse_twins([Named(one, Path("in", one)), Named(f"z{other}", Path("more", other))])
