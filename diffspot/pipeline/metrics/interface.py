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
WANDER_LEVELS = 160 / 255
"""What a wandering edge of usual contrast leaves; plateau from 120 to 240."""

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
    """A score: wandering edges can drive the noise up, and no clear change may drown in it."""
    reach: ClassVar[int] = 0
    """Px around a pixel that its score depends on."""

    def floor(self, noise: Noise) -> float:
        """The score that the pair's own noise does not reach."""
        least = self.grainy_floor if noise.grainy else self.crisp_floor * 255 * noise.step
        level = LEVEL_MULTIPLE * noise.level if noise.grainy else 0.0  # of a crisp pair it is a change of shade
        return min(max(level, WANDER_LEVELS * noise.wander, least), self.highest_floor)

    def least(self, noise: Noise) -> float:
        """Unexplained levels below which this metric says nothing; 0 where its score is those levels themselves."""
        del noise
        return 0.0

    def gate(self, noise: Noise, threshold: float) -> float:
        """Levels by which two pictures differ at the least wherever a score passes the threshold."""
        del noise
        return 255 * threshold - ROUNDING

    @abstractmethod
    def score(
        self, reference: NDArray[Any], candidate: NDArray[Any], unexplained: NDArray[Any], backend: Backend
    ) -> NDArray[Any]:
        """Scores two pictures of one shape.

        Args:
            reference: (..., H, W, C) levels, on the backend.
            candidate: likewise, registered onto the reference.
            unexplained: (..., H, W) levels, the difference that movement within the tolerance cannot explain.
            backend: what the arrays live on.

        Returns:
            (..., H, W) float32 in [0, 1]: the highest score over the channels; exactly 0 where nothing is unexplained.
        """
