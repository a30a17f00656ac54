"""Every backend but the reference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.backends.opened import FAST, opened

if TYPE_CHECKING:
    from diffspot.backends.interface import Backend


@pytest.fixture(params=FAST)
def fast(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Backend:
    return opened(request.param, monkeypatch)
