"""Structural similarity turned into a score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from diffspot.metrics.interface import Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

WINDOW_SIGMA = 1.5
"""Sigma of the Gaussian window in px, as in the paper (see `Backend.ssim`)."""


class Ssim(Metric):
    """(1 - SSIM) / 2 where there is an unexplained difference."""

    name: ClassVar[str] = "ssim"

    def score(
        self, reference: NDArray[Any], candidate: NDArray[Any], unexplained: NDArray[Any], backend: Backend
    ) -> NDArray[Any]:
        """See `Metric.score`."""
        r, c = (picture.astype(np.float32) / np.float32(255) for picture in (reference, candidate))
        least = backend.ssim(r, c, WINDOW_SIGMA).min(axis=-1)
        return ((1 - least) / 2).clip(0, 1) * (unexplained > 0)  # type: ignore[no-any-return]
