"""A week on a CI server, from the first run to an accepted change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from junitparser import JUnitXml

from tests.in_process import diffspot
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

CHECK = ("compare", "golden", "today", "--out", "out", "--html", "--junit", "junit.xml")


def failures(root: Path) -> list[str]:
    (suite,) = JUnitXml.fromfile(str(root / "junit.xml"))
    return [case.name for case in suite if case.is_failure]


def test_a_change_is_ignored_and_another_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("golden", "today"):
        save(tmp_path / folder / "home.png", plain())
        save(tmp_path / folder / "shop" / "cart.png", plain())
    assert diffspot(*CHECK).returncode == 0
    assert failures(tmp_path) == []

    save(tmp_path / "today" / "home.png", changed())
    assert diffspot(*CHECK).returncode == 1
    assert failures(tmp_path) == ["home.png"]
    assert "home.png" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")

    assert diffspot("ignore", "out", "--pair", "home.png", "--write").returncode == 0
    assert diffspot(*CHECK).returncode == 0
    assert failures(tmp_path) == []

    save(tmp_path / "today" / "shop" / "cart.png", changed())
    save(tmp_path / "today" / "shop" / "new.png", plain())
    assert diffspot(*CHECK).returncode == 1
    assert failures(tmp_path) == ["shop/cart.png", "shop/new.png"]

    assert diffspot("accept", "out").stdout.splitlines() == [
        "replaced golden/shop/cart.png",
        "added golden/shop/new.png",
    ]
    assert diffspot(*CHECK).returncode == 0
    assert failures(tmp_path) == []
    assert (tmp_path / "golden" / "home.png").read_bytes() != (tmp_path / "today" / "home.png").read_bytes()
