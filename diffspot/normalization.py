"""Brightness, contrast and white balance: a gain and an offset per channel that real changes cannot drag along."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.model import Normalization

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

CELL = 4
"""Px: means over 4 x 4 px carry a quarter of the noise, which would otherwise flatten the fitted gain."""
FIRST_SPREAD = 64.0
"""Grey levels: start near least squares and harden, or a two-tone picture fits one of its tones."""
ROUNDS = 12
"""Halving from FIRST_SPREAD to SPREAD_FLOOR takes seven, and the fit then settles."""
SPREAD_FLOOR = 0.5
"""Grey levels: the rounding of 8-bit pictures; a smaller spread would be made up."""
TUNING = 2.0
"""Residuals beyond this many spreads count less and less; changes lie far beyond it."""
CORRELATED = 0.7
"""Below this a channel shows noise rather than a common signal, and its gain is undetermined."""
FLAT_VARIANCE = 4.0
"""Squared grey levels: below it a channel is flat and its gain undetermined."""
SATURATED = (3, 252)
"""Grey levels: a cell mean beyond them holds clipped pixels."""
MOSTLY_SATURATED = 0.25
"""A quarter of the cells is the least to stand for the whole."""
GAIN_LIMITS = (0.5, 2.0)
"""A camera's exposure between two shots; more than a stop is a change worth reporting."""
MOST_LIGHT = 64.0
"""Grey levels: a shift of the middle by a quarter of the range is a change, not the light."""
UNTOUCHED = 0.2
"""Other light changes nearly every cell; where so many are equal, what differs is content."""
WORTH = 0.9
"""The fit must take at least a tenth off the median residual, otherwise it fits noise."""
MIN_SAMPLES = 100
"""Too little valid area says nothing about the light."""


def fit_normalization(
    reference: NDArray[Any], candidate: NDArray[Any], valid: NDArray[Any], backend: Backend
) -> Normalization | None:
    """Fits candidate * gain + offset to the reference, channel by channel; None where that does not help.

    Reweighted least squares with the weight of Geman and McClure, hardened round by round (graduated non-convexity);
    its spread is never below the median absolute deviation.

    Args:
        reference: (H, W, C) levels.
        candidate: likewise, in the reference's frame.
        valid: (H, W) bool.
        backend: what the arrays live on.

    References:
        Black, Rangarajan: On the unification of line processes, outlier rejection, and robust statistics with
        applications in early vision. IJCV 19, 1996. doi:10.1007/BF00131148
    """
    whole, x, y = (
        backend.to_host(backend.cell_mean(picture, CELL)) for picture in (valid[..., None], candidate, reference)
    )
    inside = whole[..., 0] == 1
    lines = [_fit_channel(*_samples(x[..., c][inside], y[..., c][inside])) for c in range(reference.shape[2])]
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


def _samples(x: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Leaves out saturated cells, which bend the line; unless, as in two-tone pictures, nearly all are."""
    low, high = SATURATED
    kept = (np.minimum(x, y) >= low) & (np.maximum(x, y) <= high)
    return (x[kept], y[kept]) if kept.size and np.mean(kept) > MOSTLY_SATURATED else (x, y)


def _fit_channel(x: NDArray[Any], y: NDArray[Any]) -> tuple[float, float]:
    if x.size < MIN_SAMPLES or np.mean(x == y) > UNTOUCHED:
        return 1.0, 0.0
    before = float(np.median(np.abs(y - x)))
    gain, offset, least = 1.0, 0.0, FIRST_SPREAD
    for _ in range(ROUNDS):
        residual = y - (gain * x + offset)
        spread = max(1.4826 * float(np.median(np.abs(residual))), least)
        least = max(least / 2, SPREAD_FLOOR)
        weight = (1 + (residual / (TUNING * spread)) ** 2) ** -2
        gain, offset = _weighted_line(x, y, weight / weight.sum())
    after = float(np.median(np.abs(y - gain * x - offset)))
    moved = abs((gain - 1) * float(np.median(x)) + offset)
    return (gain, offset) if after < WORTH * before and moved <= MOST_LIGHT else (1.0, 0.0)


def _weighted_line(x: NDArray[Any], y: NDArray[Any], weight: NDArray[Any]) -> tuple[float, float]:
    """Gain and offset of the line that treats both pictures alike (reduced major axis): both carry noise."""
    mean_x, mean_y = float(weight @ x), float(weight @ y)
    dx, dy = x - mean_x, y - mean_y
    var_x, var_y, cov = float(weight @ (dx * dx)), float(weight @ (dy * dy)), float(weight @ (dx * dy))
    if min(var_x, var_y) < FLAT_VARIANCE or cov < CORRELATED * (var_x * var_y) ** 0.5:
        return 1.0, mean_y - mean_x
    gain = min(max((var_y / var_x) ** 0.5, GAIN_LIMITS[0]), GAIN_LIMITS[1])
    return gain, mean_y - gain * mean_x
