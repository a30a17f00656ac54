"""The terms of structural similarity, and their derivatives by the candidate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from diffspot.backends.interface import SSIM_C1, SSIM_C2, blur_radius
from diffspot.pipeline.metrics.ssim import WINDOW_SIGMA

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

RADIUS = blur_radius(WINDOW_SIGMA)
MIDDLE = 0.5
"""What is taken off samples in [0, 1]: it halves the rounding error of the variances."""


class Terms(NamedTuple):
    """What SSIM is made of, (..., H, W, C): (a1 a2) / (b1 b2), the luminance a1 / b1 and the contrast a2 / b2.

    Attributes:
        x: the reference in [-0.5, 0.5].
        y: the candidate.
        ux: local means of x.
        uy: local means of y.
        a1, a2, b1, b2: the paper's two numerators and denominators.
    """

    x: NDArray[Any]
    y: NDArray[Any]
    ux: NDArray[Any]
    uy: NDArray[Any]
    a1: NDArray[Any]
    a2: NDArray[Any]
    b1: NDArray[Any]
    b2: NDArray[Any]

    @property
    def contrast(self) -> NDArray[Any]:
        """Contrast and structure in [-1, 1]; equal windows give exactly 1, as for the whole."""
        return self.a2 / self.b2  # type: ignore[no-any-return]

    @property
    def similarity(self) -> NDArray[Any]:
        """SSIM in [-1, 1]."""
        return self.a1 * self.a2 / (self.b1 * self.b2)  # type: ignore[no-any-return]


class Slopes(NamedTuple):
    """Derivatives of a map by the local means of y, of x * y and of y * y, each (..., H, W, C)."""

    mean: NDArray[Any]
    product: NDArray[Any]
    square: NDArray[Any]


def centred(levels: NDArray[Any], kind: type[np.floating[Any]]) -> NDArray[Any]:
    """Levels 0..255 as samples in [-0.5, 0.5] of that type."""
    return levels.astype(kind) / kind(255) - kind(MIDDLE)  # type: ignore[no-any-return]


def structure(x: NDArray[Any], y: NDArray[Any], backend: Backend) -> Terms:
    """The terms of two pictures (..., H, W, C), samples in [-0.5, 0.5]; constants are those of a data range of 1.

    References:
        Wang, Bovik, Sheikh, Simoncelli: Image quality assessment: from error visibility to structural similarity.
        IEEE TIP 13(4), 2004. doi:10.1109/TIP.2003.819861
    """
    ux, uy = backend.gaussian_blur(x, WINDOW_SIGMA), backend.gaussian_blur(y, WINDOW_SIGMA)
    product, power = ux * uy, ux * ux + uy * uy
    covariance = backend.gaussian_blur(x * y, WINDOW_SIGMA) - product
    variances = backend.gaussian_blur(x * x + y * y, WINDOW_SIGMA) - power
    shift = MIDDLE * (ux + uy) + MIDDLE**2
    a1, a2 = 2 * (product + shift) + SSIM_C1, 2 * covariance + SSIM_C2
    return Terms(x, y, ux, uy, a1, a2, power + 2 * shift + SSIM_C1, variances + SSIM_C2)


def similarity_slopes(t: Terms) -> Slopes:
    """Derivatives of SSIM."""
    below, s = t.b1 * t.b2, t.similarity
    mean = 2 * ((t.ux + MIDDLE) * t.a2 - t.ux * t.a1) / below - 2 * s * ((t.uy + MIDDLE) / t.b1 - t.uy / t.b2)
    return Slopes(mean, 2 * t.a1 / below, -s / t.b2)


def contrast_slopes(t: Terms) -> Slopes:
    """Derivatives of contrast and structure."""
    cs = t.contrast
    return Slopes(2 * (cs * t.uy - t.ux) / t.b2, 2 / t.b2, -cs / t.b2)


def gradient_of_mean(t: Terms, slopes: Slopes, backend: Backend) -> NDArray[Any]:
    """Derivatives, (..., H, W, C), of the mean of a map over the picture, channel by channel, by each sample of y.

    A blur that mirrors the picture with its edge pixel repeated is its own adjoint, so this is exact up to the edge.
    """
    of_mean, of_product, of_square = (backend.gaussian_blur(one, WINDOW_SIGMA) for one in slopes)
    pixels = t.x.shape[-3] * t.x.shape[-2]
    return (of_mean + t.x * of_product + 2 * t.y * of_square) / pixels  # type: ignore[no-any-return]
