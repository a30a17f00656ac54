"""Brightness, contrast and white balance: a gain and an offset per channel that real changes cannot drag along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.model import Normalization

if TYPE_CHECKING:
    from numpy.typing import NDArray

STRIDE = 4
"""One pixel in sixteen determines two numbers a channel more than well enough."""
ROUNDS = 8
"""The reweighted fit has settled to 0.1 grey level well before this many rounds."""
SPREAD_FLOOR = 0.5
"""Grey levels: the rounding of 8-bit pictures; a smaller spread would be made up."""
TUNING = 2.0
"""Residuals beyond this many spreads count less and less; changes lie far beyond it."""
FLAT_VARIANCE = 9.0
"""Squared grey levels: below it a channel is flat and its gain undetermined."""
GAIN_LIMITS = (0.5, 2.0)
"""A camera's exposure between two shots; more than a stop is a change worth reporting."""
WORTH = 0.9
"""The fit must take at least a tenth off the median residual, otherwise it fits noise."""
MIN_SAMPLES = 100
"""Too little valid area says nothing about the light."""


def fit_normalization(reference: NDArray[Any], candidate: NDArray[Any], valid: NDArray[Any]) -> Normalization | None:
    """Fits candidate * gain + offset to the reference, channel by channel; None where that does not help.

    Reweighted least squares with the weight of Geman and McClure, its spread re-estimated in each round from the
    median absolute deviation.

    Args:
        reference: (H, W, C) levels.
        candidate: likewise, in the reference's frame.
        valid: (H, W) bool.

    References:
        Geman, McClure: Statistical methods for tomographic image reconstruction. Bull. ISI 52(4), 1987.
    """
    inside = valid[::STRIDE, ::STRIDE]
    if np.count_nonzero(inside) < MIN_SAMPLES:
        return None
    lines = [
        _fit_channel(
            *(picture[::STRIDE, ::STRIDE, channel][inside].astype(np.float64) for picture in (candidate, reference))
        )
        for channel in range(reference.shape[2])
    ]
    if all(line == (1.0, 0.0) for line in lines):
        return None
    gain, offset = zip(*lines, strict=True)
    return Normalization(gain=tuple(round(g, 6) for g in gain), offset=tuple(round(o, 4) for o in offset))


def normalize(
    reference: NDArray[Any], candidate: NDArray[Any], light: Normalization
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Maps the candidate to the reference's light, and cuts both to the levels that both can show.

    Where the brighter picture is saturated the darker one still shows detail; after mapping, that detail would look
    like a change. Clipping the reference to the mapped range [offset, 255 * gain + offset] removes it from both.

    Returns:
        Reference and candidate, (H, W, C) levels of the dtype given.
    """
    gain, offset = (np.array(numbers, np.float32) for numbers in (light.gain, light.offset))
    mapped = np.clip(candidate.astype(np.float32) * gain + offset, 0, 255)
    cut = np.clip(np.clip(reference.astype(np.float32), offset, 255 * gain + offset), 0, 255)
    if reference.dtype == np.uint8:
        return np.rint(cut).astype(np.uint8), np.rint(mapped).astype(np.uint8)
    return cut, mapped


def _fit_channel(x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[float, float]:
    before = float(np.median(np.abs(y - x)))
    if before == 0:
        return 1.0, 0.0
    gain, offset = 1.0, float(np.median(y - x))
    for _ in range(ROUNDS):
        residual = y - (gain * x + offset)
        spread = max(1.4826 * float(np.median(np.abs(residual))), SPREAD_FLOOR)
        weight = (1 + (residual / (TUNING * spread)) ** 2) ** -2
        gain, offset = _weighted_line(x, y, weight / weight.sum())
    after = float(np.median(np.abs(y - gain * x - offset)))
    return (gain, offset) if after < WORTH * before else (1.0, 0.0)


def _weighted_line(x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64]) -> tuple[float, float]:
    mean_x, mean_y = float(weight @ x), float(weight @ y)
    variance = float(weight @ (x - mean_x) ** 2)
    if variance < FLAT_VARIANCE:
        return 1.0, mean_y - mean_x
    gain = float(weight @ ((x - mean_x) * (y - mean_y))) / variance
    gain = min(max(gain, GAIN_LIMITS[0]), GAIN_LIMITS[1])
    return gain, mean_y - gain * mean_x
