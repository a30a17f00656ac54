"""Normalised cross-correlation of the windows around each pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from diffspot.pipeline.metrics.interface import Metric, over_channels
from diffspot.pipeline.preparation import BYTE_TO_WORD

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

VARIANCE_FLOOR = 36.0
"""Squared grey levels: six levels of noise in flat paper look alike, and a pattern stands well above it."""


@dataclass(frozen=True)
class Ncc(Metric):
    """(1 - r) / 2 of each pixel's window; r does not see brightness and contrast, which may differ.

    Attributes:
        window: odd side of the window, px.
        channels: `max` scores by the least alike channel, `mean` by the mean of their scores.
    """

    window: int = 7
    channels: str = "max"

    name: ClassVar[str] = "ncc"

    @property
    def reach(self) -> float:
        """See `Metric.reach`."""
        return self.window // 2

    def distance(self, reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> NDArray[Any]:
        """See `Metric.distance`."""
        r = correlation(reference, candidate, self.window // 2, backend, floor=VARIANCE_FLOOR)
        return over_channels(((1 - r) / 2).clip(0, 1).astype(np.float32), self.channels)


def correlation(
    reference: NDArray[Any], candidate: NDArray[Any], radius: int, backend: Backend, *, floor: float
) -> NDArray[Any]:
    """Pearson's r of the windows around each pixel, with a floor under the variances.

    `(cov + floor) / sqrt((var_x + floor) (var_y + floor))`: two flat windows are alike, a flat one and a patterned one
    are not, and windows that are equal but for their brightness give exactly 1. Levels are taken in whole steps
    of their depth, whose sums are exact: every backend and every window of the picture gives the same.

    Args:
        reference: (..., H, W, C) levels; mirrored at the edge with the edge pixel repeated.
        candidate: (..., H, W, C) levels.
        radius: px; the window has 2 * radius + 1 a side.
        backend: what the arrays live on.
        floor: squared grey levels; with 0 it is r itself, without meaning where a window is flat.

    Returns:
        (..., H, W, C) float64 in [-1, 1].

    References:
        Lewis: Fast normalized cross-correlation. Vision Interface, 1995.
    """
    unit = 1 if reference.dtype == np.uint8 else BYTE_TO_WORD
    x, y = (backend.xp.rint(levels.astype(np.float64) * unit) for levels in (reference, candidate))
    sx, sy, sxx, syy, sxy = (backend.xp.rint(backend.box_sum(one, radius)) for one in (x, y, x * x, y * y, x * y))
    n = (2 * radius + 1) ** 2
    floor = floor * (unit * n) ** 2
    vx, vy, cov = n * sxx - sx * sx, n * syy - sy * sy, n * sxy - sx * sy
    return (cov + floor) / backend.xp.sqrt((vx + floor) * (vy + floor))  # type: ignore[no-any-return]
