"""Fixtures that many tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot.backends import BACKENDS, get_backend
from diffspot.backends.interface import Backend
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(params=["reference", *BACKENDS])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Every backend, the reference body first."""
    return Backend() if request.param == "reference" else get_backend(request.param)


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
