"""Arithmetic on 8-bit levels in whole numbers, as OpenCV does it, so that every backend gives the same to the bit."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

WEIGHT_BITS = 8
"""Binary digits of a blur's weights: two passes of them over 8-bit levels fit into 24 bits."""
LUMA_BITS = 15
LUMA_WEIGHTS = (9798, 19235, 3735)
"""`LUMA` in whole numbers that sum to 2 ** LUMA_BITS."""


@lru_cache
def blur_weights(sigma: float, radius: int) -> tuple[int, ...]:
    """Weights of a Gaussian window, 2 * radius + 1, that sum to 2 ** WEIGHT_BITS.

    What rounding one takes is added to its neighbour further in; the middle one has what is left.
    """
    offsets = np.arange(-radius, radius + 1)
    shares = np.exp(-0.5 / sigma**2 * offsets**2)
    half, error = [], 0.0
    for share in (shares[:radius] / shares.sum() * (1 << WEIGHT_BITS)).tolist():
        half.append(round(share + error))
        error += share - half[-1]
    return (*half, (1 << WEIGHT_BITS) - 2 * sum(half), *half[::-1])


def shifted(total: NDArray[Any], bits: int) -> NDArray[Any]:
    """Whole numbers over 2 ** bits, rounded half up, as uint8."""
    return ((total + (1 << (bits - 1))) >> bits).astype(np.uint8)
