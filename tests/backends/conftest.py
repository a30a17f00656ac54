"""Every backend but the reference, and the pictures to hold it to the reference on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.backends.opened import FAST, opened
from tests.backends.sweep import PATTERNS, SIZES

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend


@pytest.fixture(params=FAST)
def fast(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Backend:
    return opened(request.param, monkeypatch)


@pytest.fixture(params=SIZES, ids=str)
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    shape: tuple[int, int] = request.param
    return shape


@pytest.fixture(params=list(PATTERNS))
def picture(request: pytest.FixtureRequest, size: tuple[int, int]) -> NDArray[np.float32]:
    """(H, W, 3) scores."""
    plane = PATTERNS[request.param](*size)
    return np.stack([plane, plane[::-1], 1 - plane], axis=-1).astype(np.float32)


@pytest.fixture(params=[np.uint8, np.float32], ids=["uint8", "float32"])
def levels(request: pytest.FixtureRequest, picture: NDArray[np.float32]) -> NDArray[np.uint8] | NDArray[np.float32]:
    """The same in grey levels, with a fourth channel."""
    four = np.concatenate([picture, picture[:, ::-1, :1]], axis=2)
    return np.rint(255 * four).astype(np.uint8) if request.param == np.uint8 else 255 * four
