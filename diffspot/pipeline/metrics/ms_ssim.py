"""Structural similarity at several scales."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from diffspot.pipeline.metrics.interface import Metric, over_channels
from diffspot.pipeline.metrics.structure import RADIUS, centred, structure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Weights of the scales, the finest first, as in the paper."""
FULL_SIDE = 161
"""Px of the shorter side from which all scales are used."""


@dataclass(frozen=True)
class MsSsim(Metric):
    """1 - MS-SSIM of each pixel: the product of its contrast at every scale and its luminance at the coarsest.

    Attributes:
        channels: `max` scores by the least alike channel, `mean` by the mean of their scores.
    """

    channels: str = "max"

    name: ClassVar[str] = "ms-ssim"

    @property
    def reach(self) -> float:
        """See `Metric.reach`; cells of the coarse scales are a question of the whole picture."""
        return math.inf

    def describe(self, size: tuple[int, int]) -> tuple[str, ...]:
        """See `Metric.describe`."""
        return describe_scales(size)

    def distance(self, reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> NDArray[Any]:
        """See `Metric.distance`; a coarse scale's values stand for all pixels of its cell."""
        planes = []
        for channel in range(reference.shape[-1]):  # all of them at once would take three times the memory
            x, y = (centred(levels[..., channel : channel + 1], np.float32) for levels in (reference, candidate))
            planes.append((1 - _similarity(x, y, backend)).clip(0, 1))
        return over_channels(backend.xp.stack(planes, axis=-1), self.channels)


def _similarity(x: NDArray[Any], y: NDArray[Any], backend: Backend) -> NDArray[Any]:
    """(..., H, W) float32 in [0, 1] of two channels (..., H, W, 1), samples in [-0.5, 0.5]."""
    height, width = x.shape[-3:-1]
    product = backend.xp.ones(x.shape[:-1], np.float32)
    weights = scale_weights((width, height))
    for scale, weight in enumerate(weights):
        terms, last = structure(x, y, backend), scale == len(weights) - 1
        similar = (terms.similarity if last else terms.contrast)[..., 0].clip(0, 1) ** np.float32(weight)
        product *= similar.repeat(2**scale, axis=-2).repeat(2**scale, axis=-1)[..., :height, :width]
        x, y = halved(x, backend), halved(y, backend)
    return product  # type: ignore[no-any-return]


def scale_weights(size: tuple[int, int]) -> tuple[float, ...]:
    """The weights of the scales that pictures of that size, (width, height) in px, have room for.

    The window must fit into the coarsest scale; the weights of fewer scales are raised to the same sum.
    """
    side, count = min(size), 1
    while count < len(WEIGHTS) and -(-side // 2**count) > 2 * RADIUS:
        count += 1
    share = sum(WEIGHTS) / sum(WEIGHTS[:count])
    return tuple(weight * share for weight in WEIGHTS[:count]) if count < len(WEIGHTS) else WEIGHTS


def describe_scales(size: tuple[int, int]) -> tuple[str, ...]:
    """A note where pictures of that size are too small for all scales."""
    count = len(scale_weights(size))
    if count == len(WEIGHTS):
        return ()
    return (f"ms-ssim: {count} of {len(WEIGHTS)} scales; all of them need {FULL_SIDE} px a side",)


def halved(picture: NDArray[Any], backend: Backend) -> NDArray[Any]:
    """The means of 2 x 2 px of a picture (..., H, W, C); an odd side has its last row or column repeated."""
    even = _to_even(_to_even(picture, -3, backend), -2, backend)
    rows = even[..., ::2, :, :] + even[..., 1::2, :, :]
    return (rows[..., ::2, :] + rows[..., 1::2, :]) * 0.25  # type: ignore[no-any-return]


def _to_even(picture: NDArray[Any], axis: int, backend: Backend) -> NDArray[Any]:
    if picture.shape[axis] % 2 == 0:
        return picture
    last = picture[..., -1:, :, :] if axis == -3 else picture[..., -1:, :]  # noqa: PLR2004
    return backend.xp.concatenate([picture, last], axis=axis)  # type: ignore[no-any-return]
