"""FLIP: what an observer sees who flips back and forth between two pictures."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from diffspot.pipeline.metrics.colour import alpha_difference, linear_rgb, transformed
from diffspot.pipeline.metrics.interface import Metric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

    Planes = Sequence[NDArray[Any]]

XYZ = (
    (10135552 / 24577794, 8788810 / 24577794, 4435075 / 24577794),
    (2613072 / 12288897, 8788810 / 12288897, 887015 / 12288897),
    (1425312 / 73733382, 8788810 / 73733382, 70074185 / 73733382),
)
"""Linear sRGB to CIE XYZ."""
WHITE = tuple(sum(row) for row in XYZ)
SCALED = tuple(tuple(part / white for part in row) for row, white in zip(XYZ, WHITE, strict=True))
"""Linear sRGB to XYZ as shares of white."""
RGB = tuple(map(tuple, np.linalg.inv(np.array(SCALED)).tolist()))
OPPONENT = ((0.0, 116.0, 0.0), (500.0, -500.0, 0.0), (0.0, 200.0, -200.0))
"""Shares of white to the paper's Y, Cx and Cz, without the 16 that is taken off Y."""
BACK = tuple(map(tuple, np.linalg.inv(np.array(OPPONENT)).tolist()))

SENSITIVITY = (((1.0, 0.0047),), ((1.0, 0.0053),), ((34.1, 0.04), (13.5, 0.025)))
"""The paper's table 1: (a, b) of the Gaussians of contrast sensitivity for lightness, red-green and blue-yellow."""
WIDEST = 0.04
EDGE_WIDTH = 0.082
"""Degrees: the width of edges and points that stand out."""
COLOUR_POWER, FEATURE_POWER = 0.7, 0.5
"""q_c and q_f of the paper."""
SMALL_SHARE, SMALL_SCORE = 0.4, 0.95
"""p_c and p_t of the paper: colour differences up to 0.4 of the largest take scores up to 0.95."""
LAB_LIMIT, LAB_SLOPE, LAB_OFFSET = (6 / 29) ** 3, 3 * (6 / 29) ** 2, 4 / 29


class Filters(NamedTuple):
    """One-dimensional kernels for a resolution, each used down and across.

    Attributes:
        contrast: for each opponent channel, (weight, kernel) of its Gaussians.
        smooth: the Gaussian beside the derivatives.
        edge: the first derivative.
        point: the second derivative.
    """

    contrast: tuple[tuple[tuple[float, NDArray[np.float32]], ...], ...]
    smooth: NDArray[np.float32]
    edge: NDArray[np.float32]
    point: NDArray[np.float32]


@dataclass(frozen=True)
class Flip(Metric):
    """FLIP for pictures of low dynamic range.

    Attributes:
        ppd: pixels that one degree of the observer's view spans; 67 is a 4K monitor 0.7 m wide seen from 0.7 m.

    References:
        Andersson, Nilsson, Akenine-Moeller, Oskarsson, Astroem, Fairchild: FLIP: A difference evaluator for
        alternating images. Proc. ACM Comput. Graph. Interact. Tech. 3(2), 2020. doi:10.1145/3406183
    """

    ppd: float = 67.0

    name: ClassVar[str] = "flip"
    is_of_colours: ClassVar[bool] = True

    crisp_floor: ClassVar[float] = 0.05
    grainy_floor: ClassVar[float] = 0.15

    @property
    def reach(self) -> float:
        """See `Metric.reach`."""
        return max(_contrast_radius(self.ppd), _feature_radius(self.ppd))

    def distance(self, reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> NDArray[Any]:
        """See `Metric.distance`; alpha counts where it differs by more than the rest."""
        filters = make_filters(self.ppd)
        one, other = (
            transformed(transformed(linear_rgb(levels, backend), SCALED), OPPONENT) for levels in (reference, candidate)
        )
        colour = _colour_difference(one, other, filters, backend)
        feature = _feature_difference(one[0], other[0], filters, backend)
        scores = (colour ** (1 - feature)).clip(0, 1).astype(np.float32) * (colour > 0)
        alpha = alpha_difference(reference, candidate)
        return scores if alpha is None else backend.xp.maximum(scores, alpha)  # type: ignore[no-any-return]


def _colour_difference(one: Planes, other: Planes, filters: Filters, backend: Backend) -> NDArray[Any]:
    """(..., H, W) float32 in [0, 1]: how far the colours are apart that can be seen from the distance."""
    first, second = (_hunt_lab(_seen(planes, filters, backend), backend) for planes in (one, other))
    distances = _hyab(first, second, backend) ** np.float32(COLOUR_POWER)
    most = _most_distant()
    limit = np.float32(SMALL_SHARE * most)
    small = distances * np.float32(SMALL_SCORE / (SMALL_SHARE * most))
    large = SMALL_SCORE + (distances - limit) * np.float32((1 - SMALL_SCORE) / ((1 - SMALL_SHARE) * most))
    return backend.xp.where(distances < limit, small, large).astype(np.float32)  # type: ignore[no-any-return]


def _seen(planes: Planes, filters: Filters, backend: Backend) -> list[NDArray[Any]]:
    """The linear RGB of what contrast sensitivity lets through of opponent channels."""
    filtered = []
    for plane, gaussians in zip(planes, filters.contrast, strict=True):
        parts = [_filtered(plane, kernel, kernel, backend) * np.float32(weight) for weight, kernel in gaussians]
        filtered.append(sum(parts[1:], parts[0]))
    return [plane.clip(0, 1) for plane in transformed(transformed(filtered, BACK), RGB)]


def _hunt_lab(rgb: Planes, backend: Backend) -> list[NDArray[Any]]:
    """CIELAB of linear RGB, its chroma scaled by lightness after Hunt: dark colours look less colourful."""
    curved = [
        backend.xp.where(
            plane > np.float32(LAB_LIMIT),
            backend.xp.cbrt(plane),
            plane / np.float32(LAB_SLOPE) + np.float32(LAB_OFFSET),
        )
        for plane in transformed(rgb, SCALED)
    ]
    lightness, red, yellow = transformed(curved, OPPONENT)
    lightness = lightness - np.float32(16)
    hunt = lightness * np.float32(0.01)
    return [lightness, red * hunt, yellow * hunt]


def _hyab(one: Planes, other: Planes, backend: Backend) -> NDArray[Any]:
    """City-block in lightness, Euclidean in chroma."""
    lightness, red, yellow = (x - y for x, y in zip(one, other, strict=True))
    return abs(lightness) + backend.xp.sqrt(red * red + yellow * yellow)  # type: ignore[no-any-return]


def _feature_difference(one: NDArray[Any], other: NDArray[Any], filters: Filters, backend: Backend) -> NDArray[Any]:
    """(..., H, W) float32 in [0, 1]: by how much edges and points are stronger in one of two planes of Y + 16."""
    first, second = (plane * np.float32(1 / 116) for plane in (one, other))
    differences = [
        abs(_strength(first, kernel, filters, backend) - _strength(second, kernel, filters, backend))
        for kernel in (filters.edge, filters.point)
    ]
    strongest = backend.xp.maximum(*differences) * np.float32(math.sqrt(0.5))
    return (strongest ** np.float32(FEATURE_POWER)).clip(0, 1)  # type: ignore[no-any-return]


def _strength(plane: NDArray[Any], kernel: NDArray[np.float32], filters: Filters, backend: Backend) -> NDArray[Any]:
    across = _filtered(plane, filters.smooth, kernel, backend)
    down = _filtered(plane, kernel, filters.smooth, backend)
    return backend.xp.sqrt(across * across + down * down)  # type: ignore[no-any-return]


def _filtered(
    plane: NDArray[Any], down: NDArray[np.float32], across: NDArray[np.float32], backend: Backend
) -> NDArray[Any]:
    return backend.correlate(plane[..., None], down, across)[..., 0]


@lru_cache
def make_filters(ppd: float) -> Filters:
    """The kernels for a resolution in pixels per degree."""
    x = np.arange(-_contrast_radius(ppd), _contrast_radius(ppd) + 1) / ppd
    contrast = []
    for gaussians in SENSITIVITY:
        kernels = [np.exp(-((np.pi * x) ** 2) / b) for _, b in gaussians]
        masses = [
            a * math.sqrt(math.pi / b) * kernel.sum() ** 2 for (a, b), kernel in zip(gaussians, kernels, strict=True)
        ]
        contrast.append(
            tuple((mass / sum(masses), _of_sum_one(kernel)) for mass, kernel in zip(masses, kernels, strict=True))
        )
    deviation = 0.5 * EDGE_WIDTH * ppd
    x = np.arange(-_feature_radius(ppd), _feature_radius(ppd) + 1, dtype=np.float64)
    smooth = np.exp(-(x**2) / (2 * deviation**2))
    edge, point = -x * smooth, (x**2 / deviation**2 - 1) * smooth
    return Filters(tuple(contrast), _of_sum_one(smooth), _balanced(edge), _balanced(point))


def _of_sum_one(kernel: NDArray[np.float64]) -> NDArray[np.float32]:
    return (kernel / kernel.sum()).astype(np.float32)  # type: ignore[no-any-return]


def _balanced(kernel: NDArray[np.float64]) -> NDArray[np.float32]:
    """The kernel with its positive weights scaled to a sum of 1, and its negative ones to -1."""
    positive, negative = kernel[kernel > 0].sum(), -kernel[kernel < 0].sum()
    return np.where(kernel > 0, kernel / positive, kernel / negative).astype(np.float32)  # type: ignore[no-any-return]


def _contrast_radius(ppd: float) -> int:
    return math.ceil(3 * math.sqrt(WIDEST / (2 * math.pi**2)) * ppd)


def _feature_radius(ppd: float) -> int:
    return math.ceil(3 * 0.5 * EDGE_WIDTH * ppd)


@lru_cache
def _most_distant() -> float:
    """The colour difference of pure green and pure blue, the largest of sRGB, raised to COLOUR_POWER."""
    from diffspot.backends import get_backend  # noqa: PLC0415  only the first pair asks

    backend = get_backend("numpy")
    green, blue = (
        _hunt_lab([np.full(1, share, np.float32) for share in colour], backend) for colour in ((0, 1, 0), (0, 0, 1))
    )
    return float(_hyab(green, blue, backend)[0]) ** COLOUR_POWER  # type: ignore[no-any-return]
