"""Absolute difference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from diffspot.pipeline.metrics.interface import Metric
from diffspot.pipeline.noise import to_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend


class AbsDiff(Metric):
    """The residual as a share of full scale: |r - c| / 255 where nothing is tolerated."""

    name: ClassVar[str] = "absdiff"

    crisp_floor: ClassVar[float] = 8 / 255
    grainy_floor: ClassVar[float] = 11 / 255
    highest_floor: ClassVar[float] = 45 / 255
    high_threshold: ClassVar[float] = 0.1

    def score(
        self,
        reference: NDArray[Any],
        candidate: NDArray[Any],
        residual: NDArray[Any],
        backend: Backend,
        *,
        everywhere: bool = False,
    ) -> NDArray[Any]:
        """See `Metric.score`."""
        del reference, candidate, backend, everywhere
        return to_scores(residual)
