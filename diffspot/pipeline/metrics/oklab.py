"""Perceived colour: the distance of two colours in OKLab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from diffspot.pipeline.metrics.colour import alpha_difference, linear_rgb, transformed
from diffspot.pipeline.metrics.interface import Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

# fmt: off
CONES = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
"""Linear sRGB to the responses of the eye's three kinds of cones."""
LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
"""Cube roots of the responses to lightness, green to red, and blue to yellow."""
# fmt: on


@dataclass(frozen=True)
class Oklab(Metric):
    """The distance of two colours in OKLab: black and white are 1 apart, a just visible step about 0.02."""

    name: ClassVar[str] = "oklab"
    is_of_colours: ClassVar[bool] = True

    crisp_floor: ClassVar[float] = 0.02
    grainy_floor: ClassVar[float] = 0.05
    highest_floor: ClassVar[float] = 0.2
    high_threshold: ClassVar[float] = 0.1

    def distance(self, reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> NDArray[Any]:
        """See `Metric.distance`; alpha counts where it differs by more than the colour."""
        one, other = (oklab(levels, backend) for levels in (reference, candidate))
        squares = [(x - y) * (x - y) for x, y in zip(one, other, strict=True)]
        scores = backend.xp.sqrt(squares[0] + squares[1] + squares[2]).clip(0, 1)
        alpha = alpha_difference(reference, candidate)
        return scores if alpha is None else backend.xp.maximum(scores, alpha)  # type: ignore[no-any-return]


def oklab(levels: NDArray[Any], backend: Backend) -> list[NDArray[Any]]:
    """Lightness in [0, 1], green to red and blue to yellow, each (..., H, W) float32, of (..., H, W, C) levels of sRGB.

    References:
        Ottosson: A perceptual color space for image processing, 2020. https://bottosson.github.io/posts/oklab/
    """
    cones = transformed(linear_rgb(levels, backend), CONES)
    return transformed([backend.xp.cbrt(plane) for plane in cones], LAB)
