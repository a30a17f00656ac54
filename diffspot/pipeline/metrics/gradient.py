"""`--score gradient`: how much each pixel of the candidate pulls on a number of the whole pair."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from diffspot.errors import OptionError
from diffspot.pipeline.metrics.interface import Metric, over_channels
from diffspot.pipeline.metrics.ms_ssim import describe_scales, halved, scale_weights
from diffspot.pipeline.metrics.structure import (
    centred,
    contrast_slopes,
    gradient_of_mean,
    similarity_slopes,
    structure,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

LEAST_MEAN = 1e-3
"""A scale whose mean contrast is lower, or negative, counts as this, or no power of it would have a slope."""


@dataclass(frozen=True)
class Gradient(Metric):
    """abs(d metric / d candidate), scaled by its maximum, so that the strongest pixel scores 1.

    Attributes:
        of: `absdiff`, of which it is the gradient of MSE and of PSNR, both a constant times the difference; `ssim` or
            `ms-ssim`, of their means over the picture.
        channels: `max` or `mean` of the channels' gradients.
    """

    of: str = "absdiff"
    channels: str = "max"

    name: ClassVar[str] = "gradient"

    @property
    def reach(self) -> float:
        """See `Metric.reach`; the maximum is that of the whole picture."""
        return math.inf

    def describe(self, size: tuple[int, int]) -> tuple[str, ...]:
        """See `Metric.describe`."""
        return describe_scales(size) if self.of == "ms-ssim" else ()

    def distance(self, reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> NDArray[Any]:
        """See `Metric.distance`; pictures that are equal have no gradient."""
        planes = []
        for channel in range(reference.shape[-1]):  # all of them in float64 would take three times the memory
            x, y = (centred(levels[..., channel : channel + 1], np.float64) for levels in (reference, candidate))
            planes.append(abs(GRADIENTS[self.of](x, y, backend))[..., 0])
        slopes = over_channels(backend.xp.stack(planes, axis=-1), self.channels)
        highest = slopes.max(axis=(-2, -1), keepdims=True)
        differ = backend.absdiff(reference, candidate).max(axis=(-2, -1), keepdims=True) > 0
        scaled = slopes / backend.xp.where(highest > 0, highest, 1.0)
        return (scaled * differ).astype(np.float32)  # type: ignore[no-any-return]


def gradient_of(metric: str, channels: str) -> Gradient:
    """The gradient of a metric, as in `--metric`.

    Raises:
        OptionError: it has none in closed form.
    """
    if metric not in GRADIENTS:
        names = ", ".join(GRADIENTS)
        raise OptionError(f"--score gradient is not for --metric {metric}; choose one of {names}, or --score local.")
    return Gradient(metric, channels)


def mse_gradient(x: NDArray[Any], y: NDArray[Any], backend: Backend) -> NDArray[Any]:
    """D MSE / d y of each channel, (..., H, W, C); that of PSNR is -10 / (ln(10) MSE) times it.

    Args:
        x: (..., H, W, C) samples in [-0.5, 0.5].
        y: the same of the candidate.
        backend: what the arrays live on.
    """
    del backend
    return 2 * (y - x) / (x.shape[-3] * x.shape[-2])  # type: ignore[no-any-return]


def ssim_gradient(x: NDArray[Any], y: NDArray[Any], backend: Backend) -> NDArray[Any]:
    """D mean SSIM / d y of each channel, (..., H, W, C); the arguments are those of `mse_gradient`.

    References:
        Wang, Simoncelli: Maximum differentiation (MAD) competition. Journal of Vision 8(12), 2008. doi:10.1167/8.12.8
    """
    terms = structure(x, y, backend)
    return gradient_of_mean(terms, similarity_slopes(terms), backend)


def ms_ssim_gradient(x: NDArray[Any], y: NDArray[Any], backend: Backend) -> NDArray[Any]:
    """D MS-SSIM / d y of each channel, (..., H, W, C); the arguments are those of `mse_gradient`.

    MS-SSIM is the product of powers of means over the scales; means are over the whole picture, mirrored at its edges.
    """
    weights = scale_weights((x.shape[-2], x.shape[-3]))
    shapes, means, own = [], [], []
    for scale, weight in enumerate(weights):
        terms, last = structure(x, y, backend), scale == len(weights) - 1
        found = (terms.similarity if last else terms.contrast).mean(axis=(-3, -2), keepdims=True).clip(LEAST_MEAN, 1)
        slopes = similarity_slopes(terms) if last else contrast_slopes(terms)
        own.append(gradient_of_mean(terms, slopes, backend) * (weight / found))
        means.append(found**weight)
        shapes.append(x.shape)
        x, y = halved(x, backend), halved(y, backend)
    total = own[-1]
    for shape, gradient in zip(shapes[-2::-1], own[-2::-1], strict=True):
        total = gradient + _halving_pulled_back(total, shape)
    return math.prod(means[1:], start=means[0]) * total  # type: ignore[no-any-return]


def _halving_pulled_back(gradient: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """The adjoint of `halved`: the gradient by the means of 2 x 2 px as that by the pixels, of that shape."""
    height, width = shape[-3:-1]
    spread = (gradient * 0.25).repeat(2, axis=-3).repeat(2, axis=-2)
    if height % 2:  # the last row stood for two
        spread[..., -2, :, :] += spread[..., -1, :, :]
    if width % 2:
        spread[..., -2, :] += spread[..., -1, :]
    return spread[..., :height, :width, :]


GRADIENTS: dict[str, Callable[[NDArray[Any], NDArray[Any], Backend], NDArray[Any]]] = {
    "absdiff": mse_gradient,
    "ssim": ssim_gradient,
    "ms-ssim": ms_ssim_gradient,
}
"""Gradients in closed form, by the metric's name."""
