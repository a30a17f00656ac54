"""Fixtures that many tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.backends.opened import FAST, opened
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.backends.interface import Backend


@pytest.fixture(params=["reference", *FAST])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Backend:
    """Every backend, the reference body first."""
    return opened(request.param, monkeypatch)


@pytest.fixture(autouse=True)
def _not_in_github_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite runs the same wherever it runs."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two directories: one same, one different, one removed, one added picture."""
    reference, candidate = tmp_path / "reference", tmp_path / "candidate"
    for folder in (reference, candidate):
        save(folder / "same.png", plain())
    save(reference / "deep" / "differs.png", plain())
    save(candidate / "deep" / "differs.png", changed())
    save(reference / "old.png", plain())
    save(candidate / "new.png", changed())
    return reference, candidate


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260101)
