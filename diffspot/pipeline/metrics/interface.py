"""What a metric is: two registered pictures in, a score map out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.noise import Noise

LEVEL_MULTIPLE = 4.0
"""A Gaussian median of |x| is 0.67 sigma, so 4 of them lie at 2.7 sigma, and opening does the rest."""
EDGE_LEVELS = 160 / 255
"""What edge noise leaves of an edge of usual contrast; plateau from 120 to 240."""

ROUNDING = 0.01
"""Grey levels by which float32 may be off."""


class Metric(ABC):
    """One way to score how much two pictures differ at every pixel."""

    name: ClassVar[str]

    crisp_floor: ClassVar[float]
    """Lowest threshold of a crisp pair whose samples have 255 steps, a score: the faintest change an eye finds."""
    grainy_floor: ClassVar[float]
    """Lowest threshold of a grainy pair, a score: what JPEG leaves in flat areas at usual qualities."""
    highest_floor: ClassVar[float]
    """A score: edge noise can drive the noise up, and no clear change may drown in it."""
    high_threshold: ClassVar[float]
    """A score: a threshold of noise above it is told of, because clear changes can pass for noise."""
    reach: ClassVar[int] = 0
    """Px around a pixel that its score depends on."""

    def floor(self, noise: Noise) -> float:
        """The score that the pair's own noise does not reach."""
        least = self.grainy_floor if noise.grainy else self.crisp_floor * 255 * noise.step
        level = LEVEL_MULTIPLE * noise.level if noise.grainy else 0.0  # of a crisp pair it is a change of shade
        return min(max(level, EDGE_LEVELS * noise.edge_noise, least), self.highest_floor)

    def noise_cutoff(self, noise: Noise) -> float:
        """Grey levels of residual below which the score is 0; 0 where the score is the residual itself."""
        del noise
        return 0.0

    def least_difference(self, noise: Noise, threshold: float) -> float:
        """Lower bound, in grey levels, on the plain difference of any pixel whose score can exceed the threshold."""
        del noise
        return 255 * threshold - ROUNDING

    @abstractmethod
    def score(
        self,
        reference: NDArray[Any],
        candidate: NDArray[Any],
        residual: NDArray[Any],
        backend: Backend,
        *,
        everywhere: bool = False,
    ) -> NDArray[Any]:
        """Scores two pictures of one shape.

        Args:
            reference: (..., H, W, C) levels, on the backend.
            candidate: (..., H, W, C) levels, registered onto the reference.
            residual: (..., H, W) levels, the difference that movement within the tolerance cannot explain.
            backend: what the arrays live on.
            everywhere: whether pixels without a residual score too, by what is around them.

        Returns:
            (..., H, W) float32 in [0, 1]: the highest score over the channels; exactly 0 where the residual is 0,
            or with `everywhere` where all within `reach` is equal.
        """
