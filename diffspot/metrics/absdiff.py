"""Absolute difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from diffspot.metrics.interface import Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend


class AbsDiff(Metric):
    """The unexplained difference as a share of full scale: |r - c| / 255 where nothing is tolerated."""

    name: ClassVar[str] = "absdiff"

    def score(
        self, reference: NDArray[Any], candidate: NDArray[Any], unexplained: NDArray[Any], backend: Backend
    ) -> NDArray[Any]:
        """See `Metric.score`."""
        del reference, candidate, backend
        return unexplained.astype(np.float32) / np.float32(255)
