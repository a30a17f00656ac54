"""The inputs where fast paths go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

SIZES = [(1, 1), (1, 9), (2, 3), (3, 200), (17, 16), (64, 65)]
RNG = np.random.default_rng(7)
PATTERNS: dict[str, Callable[[int, int], NDArray[np.float64]]] = {
    "constant": lambda h, w: np.full((h, w), 0.4),
    "ramp": lambda h, w: np.linspace(0, 1, h * w).reshape(h, w),
    "noise": lambda h, w: RNG.random((h, w)),
    "step": lambda h, w: np.tile(np.arange(w) >= w // 2, (h, 1)).astype(float),
    "impulse": lambda h, w: np.pad(np.ones((1, 1)), ((h // 2, h - h // 2 - 1), (0, w - 1))),
    "edge": lambda h, w: np.pad(np.zeros((h, w))[1:], ((1, 0), (0, 0)), constant_values=1),
}
