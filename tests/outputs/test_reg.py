"""reg.json, against pictures on the disk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import Mock

from diffspot import compare_directories
from diffspot.outputs.reg import RegOutput
from tests.pictures import changed, plain, save
from tests.reports import NAMES, awkward, written

if TYPE_CHECKING:
    import pytest


def test_each_status_has_its_list() -> None:
    found = json.loads(written(RegOutput(Path("reg.json"), Path("out")), awkward()))
    lists = {"passedItems": ["same"], "newItems": ["added", "renamed"], "deletedItems": ["removed", "renamed"]}
    lists["failedItems"] = ["different", "error"]
    for key, statuses in lists.items():
        assert sorted(found[key]) == sorted(f"{status}/{name}" for status in statuses for name in NAMES)
    assert found["diffItems"] == [f"different/{name}" for name in NAMES]


def test_directories_on_another_drive_are_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os.path, "relpath", Mock(side_effect=ValueError("path is on mount 'D:', start on mount 'C:'")))
    found = json.loads(written(RegOutput(Path("reg.json"), None), awkward()))
    assert [found[name] for name in ("expectedDir", "diffDir")] == [Path("ref").absolute().as_posix(), ""]


def test_items_are_files_below_their_directories(tmp_path: Path) -> None:
    for name in ("same.png", "deep/a<b #1.png"):
        save(tmp_path / "ref" / name, plain())
    save(tmp_path / "ref" / "old.png", plain())
    save(tmp_path / "cand" / "same.png", plain())
    save(tmp_path / "cand" / "deep" / "a<b #1.png", changed())
    save(tmp_path / "cand" / "日本.png", plain())
    file = tmp_path / "deep" / "reg.json"
    compare_directories(tmp_path / "ref", tmp_path / "cand", out=tmp_path / "out", reg=file)
    found = json.loads(file.read_bytes())
    assert found["expectedDir"] == "../ref"
    for side, items in (
        ("expected", ["deep/a<b #1.png", "old.png", "same.png"]),
        ("actual", ["deep/a<b #1.png", "same.png", "日本.png"]),
        ("diff", ["deep/a<b #1.png"]),
    ):
        assert sorted(found[f"{side}Items"]) == items
        for item in items:
            assert (file.parent / found[f"{side}Dir"] / item).is_file()
