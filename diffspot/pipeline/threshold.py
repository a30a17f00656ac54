"""Stage 4: the threshold of a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend


def find_threshold(
    scores: NDArray[Any],
    valid: NDArray[Any],
    backend: Backend,
    *,
    quantile: float,
    floor: Literal["auto"] | float,
    ceiling: Literal["auto"] | float,
    noise_floor: float,
) -> float:
    """The score above which a pixel of this pair differs: clip(quantile of the scores, floor, ceiling).

    A bare quantile would always flag a share of a noisy pair, and never more than that share of a really changed one.

    Args:
        scores: (H, W) float32 in [0, 1].
        valid: (H, W) bool, whose scores count.
        backend: what the scores live on.
        quantile: in [0, 1].
        floor: a score, or auto: `noise_floor`.
        ceiling: a score, or auto: the floor, for what the quantile adds it takes from faint changes of large areas.
        noise_floor: see `Metric.floor`.
    """
    bottom = noise_floor if floor == "auto" else floor
    if ceiling == "auto":
        return bottom
    bottom = min(bottom, ceiling) if floor == "auto" else bottom
    return min(max(backend.quantile(scores[valid], quantile), bottom), max(ceiling, bottom))
