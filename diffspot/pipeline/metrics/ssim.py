"""Structural similarity turned into a score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from diffspot.backends.interface import blur_radius
from diffspot.pipeline.metrics.interface import Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

WINDOW_SIGMA = 1.5
"""Sigma of the Gaussian window in px, as in the paper (see `Backend.ssim`)."""


@dataclass(frozen=True)
class Ssim(Metric):
    """(1 - SSIM) / 2, where there is a residual or everywhere.

    Attributes:
        channels: `max` scores by the least alike channel, `mean` by the mean of their SSIM.
    """

    channels: str = "max"

    name: ClassVar[str] = "ssim"

    @property
    def reach(self) -> float:
        """See `Metric.reach`."""
        return blur_radius(WINDOW_SIGMA)

    def distance(self, reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> NDArray[Any]:
        """See `Metric.distance`."""
        return ((1 - self._similarity(reference, candidate, backend)) / 2).clip(0, 1)

    def _similarity(self, reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> NDArray[Any]:
        """(..., H, W) float32 in [-1, 1]."""
        if self.channels == "max":
            return backend.ssim(reference, candidate, WINDOW_SIGMA)
        planes = [slice(channel, channel + 1) for channel in range(reference.shape[-1])]
        maps = [backend.ssim(reference[..., one], candidate[..., one], WINDOW_SIGMA) for one in planes]
        return backend.xp.stack(maps, axis=-1).mean(axis=-1)  # type: ignore[no-any-return]
