"""Absolute difference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from diffspot.pipeline.metrics.interface import Metric, over_channels
from diffspot.pipeline.noise import to_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.noise import Noise

ROUNDING = 0.01
"""Grey levels by which float32 may be off."""


@dataclass(frozen=True)
class AbsDiff(Metric):
    """The residual as a share of full scale: |r - c| / 255 where nothing is tolerated.

    Attributes:
        channels: `max` or `mean`.
    """

    channels: str = "max"

    name: ClassVar[str] = "absdiff"

    crisp_floor: ClassVar[float] = 8 / 255
    grainy_floor: ClassVar[float] = 11 / 255
    highest_floor: ClassVar[float] = 45 / 255
    high_threshold: ClassVar[float] = 0.1

    def noise_cutoff(self, noise: Noise) -> float:
        """See `Metric.noise_cutoff`."""
        del noise
        return 0.0

    def least_difference(self, noise: Noise, threshold: float) -> float:
        """See `Metric.least_difference`; no mean of the channels is above their maximum."""
        del noise
        return 255 * threshold - ROUNDING

    def distance(self, reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> NDArray[Any]:
        """See `Metric.distance`."""
        if self.channels == "max":
            return to_scores(backend.absdiff(reference, candidate))
        return to_scores(over_channels(abs(backend.difference(reference, candidate)), "mean"))

    def score(
        self,
        reference: NDArray[Any],
        candidate: NDArray[Any],
        residual: NDArray[Any],
        backend: Backend,
        *,
        everywhere: bool = False,
    ) -> NDArray[Any]:
        """See `Metric.score`; the residual is the largest of the channels."""
        del everywhere
        scores = to_scores(residual)
        if self.channels == "max":
            return scores
        return backend.xp.minimum(scores, self.distance(reference, candidate, backend))  # type: ignore[no-any-return]
