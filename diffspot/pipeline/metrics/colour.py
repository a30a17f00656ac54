"""sRGB levels as linear light: where metrics of perceived colour begin."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

COLOURS = 3


def linear_rgb(levels: NDArray[Any], backend: Backend) -> list[NDArray[Any]]:
    """The three planes of linear light, each (..., H, W) float32 in [0, 1], of (..., H, W, C) levels of sRGB.

    Grey is taken as three equal channels; alpha is left out.

    References:
        IEC 61966-2-1: Default RGB colour space, sRGB. 1999.
    """
    scaled = levels.astype(np.float32) / np.float32(255)
    planes = [scaled[..., channel].clip(0, 1) for channel in range(COLOURS if levels.shape[-1] >= COLOURS else 1)]
    curved = [((plane + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4) for plane in planes]
    linear = [
        backend.xp.where(plane > np.float32(0.04045), curve, plane / np.float32(12.92))
        for plane, curve in zip(planes, curved, strict=True)
    ]
    return linear if len(linear) == COLOURS else linear * COLOURS


def transformed(planes: Sequence[NDArray[Any]], matrix: Sequence[Sequence[float]]) -> list[NDArray[Any]]:
    """Each row's weighted sum of the planes, float32."""
    return [_weighted(planes, row) for row in matrix]


def _weighted(planes: Sequence[NDArray[Any]], weights: Sequence[float]) -> NDArray[Any]:
    terms = (plane * np.float32(weight) for plane, weight in zip(planes, weights, strict=True))
    return reduce(lambda total, term: total + term, terms)


def alpha_difference(reference: NDArray[Any], candidate: NDArray[Any]) -> NDArray[Any] | None:
    """(..., H, W) float32 in [0, 1] by which alpha differs; None of pictures without any."""
    if reference.shape[-1] not in (2, 4):
        return None
    one, other = (levels[..., -1].astype(np.float32) for levels in (reference, candidate))
    return abs(one - other) / np.float32(255)
