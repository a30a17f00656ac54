"""What a metric is: two registered pictures in, a score map out."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from diffspot.errors import OptionError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.noise import Noise

LEVEL_MULTIPLE = 4.0
"""A Gaussian median of |x| is 0.67 sigma, so 4 of them lie at 2.7 sigma, and opening does the rest."""
EDGE_LEVELS = 160 / 255
"""What edge noise leaves of an edge of usual contrast; plateau from 120 to 240."""

LEAST_LEVELS = 0.5
"""Grey levels: less is rounding."""


@dataclass(frozen=True)
class Metric(ABC):
    """One way to score how much two pictures differ at every pixel.

    A metric that takes numbers is a frozen dataclass with one field for each, named as the option that sets it; it is
    made once a pair from the options, and pairs whose metrics are equal can share a batch.
    """

    name: ClassVar[str]

    is_of_colours: ClassVar[bool] = False
    """Whether it asks how far apart two colours look; a colour photo beside a grey one then stays in its colours."""
    crisp_floor: ClassVar[float] = 8 / 255
    """Lowest threshold of a crisp pair whose samples have 255 steps, a score: the faintest change an eye finds."""
    grainy_floor: ClassVar[float] = 0.25
    """Lowest threshold of a grainy pair, a score: what JPEG leaves in flat areas at usual qualities."""
    highest_floor: ClassVar[float] = 0.35
    """A score: edge noise can drive the noise up, and no clear change may drown in it."""
    high_threshold: ClassVar[float] = 0.3
    """A score: a note says that the threshold of noise lies above it, because clear changes can pass for noise."""

    @property
    def reach(self) -> float:
        """Px around a pixel that its score depends on; infinite where that is the whole picture."""
        return 0

    def floor(self, noise: Noise) -> float:
        """The score that the pair's own noise does not reach."""
        least = self.grainy_floor if noise.grainy else self.crisp_floor * 255 * noise.step
        level = LEVEL_MULTIPLE * noise.level if noise.grainy else 0.0  # of a crisp pair it is a change of shade
        return min(max(level, EDGE_LEVELS * noise.edge_noise, least), self.highest_floor)

    def noise_cutoff(self, noise: Noise) -> float:
        """Grey levels of residual below which the score is 0: what noise reaches says nothing, however unlike it looks.

        It is 0 where the score is the residual itself.
        """
        return max(LEAST_LEVELS, LEVEL_MULTIPLE * 255 * noise.level * noise.grainy)

    def least_difference(self, noise: Noise, threshold: float) -> float:
        """Lower bound, in grey levels, on the plain difference of any pixel whose score can exceed the threshold."""
        del threshold
        return self.noise_cutoff(noise)

    def prepare(self) -> None:  # noqa: B027  most need nothing
        """Loads what it needs, before the first pair.

        Raises:
            OptionError: it is missing.
        """

    def describe(self, size: tuple[int, int]) -> tuple[str, ...]:
        """Notes on how pictures of that size, (width, height) in px, are scored; mostly none."""
        del size
        return ()

    @abstractmethod
    def distance(self, reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> NDArray[Any]:
        """How much two pictures of one shape differ at every pixel, by the metric alone.

        Args:
            reference: (..., H, W, C) levels 0..255, uint8 or float32, on the backend; C is 1 grey, 3 RGB, and one more
                with alpha, by which colours are multiplied.
            candidate: (..., H, W, C) levels, registered onto the reference.
            backend: what the arrays live on; `backend.xp` is NumPy or CuPy.

        Returns:
            (..., H, W) float32 in [0, 1], exactly 0 where all within `reach` is equal.
        """

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
            reference: as for `distance`.
            candidate: as for `distance`.
            residual: (..., H, W) levels, the difference that movement within the tolerance cannot explain.
            backend: what the arrays live on.
            everywhere: whether pixels without a residual score too, by what is around them.

        Returns:
            (..., H, W) float32 in [0, 1], exactly 0 where the residual is 0, or with `everywhere` where all within
            `reach` is equal.

        Raises:
            OptionError: a metric that was installed gives something else.
        """
        scores = self.distance(reference, candidate, backend)
        if scores.shape != residual.shape or scores.dtype != np.float32:
            raise OptionError(
                f"--metric {self.name} gives {scores.dtype} {scores.shape} for pictures of {reference.shape}; its "
                f"`distance` must return float32 {residual.shape}."
            )
        return scores if everywhere else scores * (residual > 0)


def over_channels(scores: NDArray[Any], channels: str) -> NDArray[Any]:
    """One score a pixel, (..., H, W), from those of its channels (..., H, W, C): their `max` or their `mean`."""
    if channels == "mean":
        return scores.mean(axis=-1, dtype=np.result_type(scores.dtype, np.float32))  # type: ignore[no-any-return]
    return scores.max(axis=-1)  # type: ignore[no-any-return]
