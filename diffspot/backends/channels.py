"""Channels of pictures on the host; reduced plane by plane: along so short an axis NumPy takes five times as long."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

TINTED = 0.5
"""Share of its difference by which the channels of a place change unlike each other, from which its colour did."""


def smoothed(picture: NDArray[Any], sigma: float) -> NDArray[np.float32]:
    """(H, W, C) float32 levels of a picture less its noise: blurred by a Gaussian of `sigma` px, 0 for not at all."""
    levels = picture.astype(np.float32)
    smooth = cv2.GaussianBlur(levels, (0, 0), sigma) if sigma else levels
    return np.asarray(smooth, np.float32).reshape(levels.shape)


def tint(change: NDArray[np.float32]) -> float:
    """Levels by which the channels of (N, C) changes differ from each other in the mean; 0 where they mostly agree."""
    levels = float(np.ptp(change.mean(axis=0)))
    most = reduce(np.maximum, np.abs(change).T)
    return levels if levels > TINTED * float(most.mean()) else 0.0


def largest(picture: NDArray[Any]) -> NDArray[Any]:
    """(H, W) the largest level of the channels of (H, W, C), of a dtype that OpenCV knows."""
    return highest(cv2.split(picture)).reshape(picture.shape[:2])


def highest(planes: Iterable[NDArray[Any]]) -> NDArray[Any]:
    """(H, W) the highest levels of planes of that shape, which may be worked out one by one."""
    return np.asarray(reduce(cv2.max, planes))


def reduced(operation: np.ufunc, picture: NDArray[Any]) -> NDArray[Any]:
    """(H, W) the channels of (H, W, C) put together by an operation of two planes, such as `np.add`."""
    return np.asarray(reduce(operation, np.moveaxis(picture, 2, 0)))


def mean(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) float32, the mean of the channels of (H, W, C)."""
    return np.asarray(reduced(np.add, picture) / np.float32(picture.shape[2]), np.float32)
