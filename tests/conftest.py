"""Fixtures that many tests share."""

from __future__ import annotations

import numpy as np
import pytest

from diffspot.backends import BACKENDS, get_backend
from diffspot.backends.interface import Backend


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
def rng() -> np.random.Generator:
    return np.random.default_rng(20260101)
