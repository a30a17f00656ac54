"""What stands in place of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.in_process import diffspot

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (("a.png", "b.png"), "diffspot compare a.png b.png"),
        (("a.GIF",), "diffspot compare a.GIF"),
        (("old/", "new/", "-o", "out dir"), "diffspot compare old/ new/ -o 'out dir'"),
        (("here", "there"), "diffspot compare here there"),
    ],
)
def test_a_path_without_a_command_is_shown_with_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], wanted: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    done = diffspot(*arguments)
    assert done.returncode == 2
    assert done.stderr == f"diffspot: There is no command {arguments[0]!r}; to compare pictures write {wanted}\n"


def test_any_other_word_is_no_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = diffspot("compar", "a.png", "b.png")
    assert done.returncode == 2
    assert done.stderr == "diffspot: There is no command 'compar'; did you mean 'compare'?\n"


def test_a_command_wins_over_a_path_of_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "schema").mkdir()
    assert diffspot("schema").returncode == 0
