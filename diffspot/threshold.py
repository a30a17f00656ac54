"""Stage 4: the threshold of a pair, from its scores and its noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

NOISE_MULTIPLE = 4.0
"""A Gaussian median of |x| is 0.67 sigma, so 4 of them lie at 2.7 sigma, and opening does the rest."""
CRISP_FLOOR = 8
"""Steps of the pictures' depth: the faintest change of shade on a rendered page that an eye finds."""
GRAINY_FLOOR = 12 / 255
"""What JPEG leaves in flat areas at usual qualities."""
CEILING = 45 / 255
"""An edge median can be driven up by wandering edges; no clear change may drown in it."""

Bound = Literal["auto"] | float


def find_threshold(
    scores: NDArray[Any], backend: Backend, *, quantile: float, floor: Bound, ceiling: Bound, noise_floor: float
) -> float:
    """The score above which a pixel of this pair differs: clip(quantile of the scores, floor, ceiling).

    A bare quantile would always flag a share of a noisy pair, and never more than that share of a really changed one.

    Args:
        scores: (N,) float32 in [0, 1], those of the valid area.
        backend: what the scores live on.
        quantile: in [0, 1].
        floor: a score, or auto: `noise_floor`.
        ceiling: a score, or auto: CEILING.
        noise_floor: see `find_noise_floor`.
    """
    top = CEILING if ceiling == "auto" else ceiling
    bottom = min(noise_floor, top) if floor == "auto" else floor
    return min(max(backend.quantile(scores, quantile), bottom), max(top, bottom))


def find_noise_floor(noise: float, *, grainy: bool, step: float) -> float:
    """The score that noise does not reach: a multiple of its level, and no less than the eye or JPEG need.

    Args:
        noise: a score, see `noise_level`.
        grainy: see `is_grainy`.
        step: of the pictures' depth, a score: 1/255 for 8 bits.
    """
    return max(NOISE_MULTIPLE * noise, GRAINY_FLOOR if grainy else CRISP_FLOOR * step)
