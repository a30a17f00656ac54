"""Structural similarity turned into a score."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from diffspot.backends.interface import blur_radius
from diffspot.pipeline.metrics.interface import LEVEL_MULTIPLE, Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.noise import Noise

WINDOW_SIGMA = 1.5
"""Sigma of the Gaussian window in px, as in the paper (see `Backend.ssim`)."""

LEAST_LEVELS = 0.5
"""Grey levels: less is rounding."""


class Ssim(Metric):
    """(1 - SSIM) / 2, where there is a residual or everywhere."""

    name: ClassVar[str] = "ssim"

    crisp_floor: ClassVar[float] = 8 / 255
    grainy_floor: ClassVar[float] = 0.25
    highest_floor: ClassVar[float] = 0.35
    high_threshold: ClassVar[float] = 0.3
    reach: ClassVar[int] = blur_radius(WINDOW_SIGMA)

    def noise_cutoff(self, noise: Noise) -> float:
        """See `Metric.noise_cutoff`; what noise reaches says nothing, however unlike its own noise looks."""
        return max(LEAST_LEVELS, LEVEL_MULTIPLE * 255 * noise.level * noise.grainy)

    def least_difference(self, noise: Noise, threshold: float) -> float:
        """See `Metric.least_difference`."""
        del threshold
        return self.noise_cutoff(noise)

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
        similarity = backend.ssim(reference, candidate, WINDOW_SIGMA)
        scores = ((1 - similarity) / 2).clip(0, 1)
        return scores if everywhere else scores * (residual > 0)
