"""The inputs where fast paths go wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

SIZES = [(1, 1), (1, 9), (2, 3), (3, 200), (17, 16), (64, 65)]
CHANNELS = [1, 2, 3, 4]
PATTERNS: dict[str, Callable[[int, int], NDArray[np.float64]]] = {
    "constant": lambda h, w: np.full((h, w), 0.4),
    "ramp": lambda h, w: np.linspace(0, 1, h * w).reshape(h, w),
    "noise": lambda h, w: np.random.default_rng(h * w).random((h, w)),
    "step": lambda h, w: np.tile(np.arange(w) >= w // 2, (h, 1)).astype(float),
    "impulse": lambda h, w: np.pad(np.ones((1, 1)), ((h // 2, h - h // 2 - 1), (0, w - 1))),
    "edge": lambda h, w: np.pad(np.zeros((h, w))[1:], ((1, 0), (0, 0)), constant_values=1),
}


def pictures() -> Iterator[NDArray[np.float32]]:
    """Every pattern in every size: (H, W, 3) scores."""
    for height, width in SIZES:
        for pattern in PATTERNS.values():
            plane = pattern(height, width)
            yield np.stack([plane, plane[::-1], 1 - plane], axis=-1).astype(np.float32)


def levels() -> Iterator[NDArray[Any]]:
    """The same as grey levels, uint8 and float32, each with 1, 2, 3 and 4 channels."""
    for picture in pictures():
        four = 255 * np.concatenate([picture, picture[:, ::-1, :1]], axis=2)
        for image in (np.rint(four).astype(np.uint8), four):
            for channels in CHANNELS:
                yield np.ascontiguousarray(image[..., :channels])
