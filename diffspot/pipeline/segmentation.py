"""Stages 4 to 7: from scores to a threshold, a mask, its components, and regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.pipeline.windows import find_windows

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.components import Components
    from diffspot.backends.device import Numbers
    from diffspot.backends.interface import Backend

WEAK_SHARE = 0.5
"""Share of the threshold: next to a sure pixel, half of it is still difference rather than noise."""
MIN_WEIGHT = 8
"""Pixels just above the threshold that a change must be worth: a few scattered faint ones are none."""
REACH = 4
"""Px: how far weak pixels extend a sure one, so that the soft rim of a change belongs to its box."""


class Morphology(NamedTuple):
    """What makes a mask of pixels above the threshold.

    Attributes:
        tolerance: px by which it has shrunk every change, rounded up.
        opening: takes specks; odd side of its square, px, as of the next two.
        closing: fills gaps.
        dilation: joins neighbours.
    """

    tolerance: int
    opening: int
    closing: int
    dilation: int


def active_pixels(possible: NDArray[Any], backend: Backend, morphology: Morphology) -> NDArray[Any]:
    """(..., H, W) bool: pixels whose score can change the mask.

    They are the possible ones after opening, dilated by the mask's growth: specks that the opening removes, and pixels
    out of reach of all others, leave the same mask whatever their scores are.

    Args:
        possible: (..., H, W) bool, true at least wherever a score can pass the threshold.
        backend: what the arrays live on.
        morphology: what makes the mask.
    """
    spread, active = growth(morphology), backend.xp.zeros(possible.shape, bool)
    for source, target, crop in find_windows(possible, backend, spread=spread, reach=spread + morphology.opening):
        sure = _opened(possible[source], morphology.opening, backend)
        active[target] = backend.dilate(sure, 2 * spread + 1)[crop]
    return active  # type: ignore[no-any-return]


def growth(morphology: Morphology) -> int:
    """Px around a sure pixel that the mask can reach."""
    return REACH + morphology.tolerance + morphology.closing // 2 + morphology.dilation // 2


def find_thresholds(
    scores: NDArray[Any],
    valid: NDArray[Any],
    backend: Backend,
    *,
    quantile: float | None,
    threshold: Numbers,
) -> Numbers:
    """The score above which a pixel of each pair differs.

    A quantile always flags a share of a noisy pair, and never more than that share of a really changed one: it is only
    taken on request.

    Args:
        scores: (..., H, W) float32 in [0, 1].
        valid: (..., H, W) bool, whose scores count.
        backend: what the scores live on.
        quantile: of the scores, in [0, 1]; None gives `threshold`.
        threshold: a score, one each for a batch.
    """
    if quantile is None:
        return threshold
    if not isinstance(threshold, np.ndarray):
        return backend.quantile(scores[valid], quantile)
    found = [backend.quantile(own[inside], quantile) for own, inside in zip(scores, valid, strict=True)]
    return np.array(found).reshape(threshold.shape)


def make_mask(
    scores: NDArray[Any],
    plain: NDArray[Any],
    threshold: Numbers,
    backend: Backend,
    morphology: Morphology,
    *,
    weak: bool = True,
) -> NDArray[Any]:
    """(..., H, W) bool of what differs.

    Sure pixels pass the threshold and the opening. They reach to weaker neighbours and, because the tolerance has
    shrunk every change by its radius, back to neighbours whose plain difference passes the threshold.

    Args:
        scores: (..., H, W) float32 in [0, 1].
        plain: (..., H, W) levels, the plain difference, without tolerance.
        threshold: a score; one each for a batch.
        backend: what the arrays live on.
        morphology: what is done.
        weak: whether sure pixels reach to weaker neighbours; not where the user gave the threshold.
    """
    tolerance, opening, closing, dilation = morphology
    sure = sure_pixels(scores, threshold, backend, opening)
    if not sure.any():
        return sure
    mask = sure
    if weak:
        weaker = scores > backend.as_scalars(WEAK_SHARE * threshold, scores)
        mask = sure | (backend.dilate(sure, 2 * REACH + 1) & weaker)
    if tolerance:
        mask = mask | backend.dilate(mask, 2 * tolerance + 1) & (plain > backend.as_scalars(255 * threshold, plain))
    mask = backend.erode(backend.dilate(mask, closing), closing)
    return backend.dilate(mask, dilation)


def sure_pixels(scores: NDArray[Any], threshold: Numbers, backend: Backend, opening: int) -> NDArray[Any]:
    """(..., H, W) bool: pixels that pass the threshold, a score, and the opening, px."""
    return _opened(scores > backend.as_scalars(threshold, scores), opening, backend)


def grey_opened(scores: NDArray[Any], size: int, backend: Backend) -> NDArray[Any]:
    """(..., H, W) the highest threshold at which each pixel passes the opening, see `sure_pixels`."""
    low, edge = backend.local_minimum(scores[..., None], size // 2), size // 2
    if edge:
        low[..., :edge, :, :] = low[..., -edge:, :, :] = 0
        low[..., :edge, :] = low[..., -edge:, :] = 0
    return backend.local_maximum(low, edge)[..., 0]


def _opened(mask: NDArray[Any], size: int, backend: Backend) -> NDArray[Any]:
    """Opening to which the outside counts as unset.

    What lies beyond the edge of a picture cannot explain a movement across it, and the sliver that this leaves along
    the edge must not pass for the side of something large.
    """
    eroded, edge = backend.erode(mask, size), size // 2
    if edge:
        eroded[..., :edge, :] = eroded[..., -edge:, :] = False
        eroded[..., :edge] = eroded[..., -edge:] = False
    return backend.dilate(eroded, size)


def find_components(
    mask: NDArray[Any], scores: NDArray[Any], backend: Backend, join: float, origin: tuple[int, int] = (0, 0)
) -> Components:
    """The table of the connected components of a mask.

    Args:
        mask: (..., H, W) bool.
        scores: (..., H, W) float32 in [0, 1].
        backend: what the arrays live on.
        join: px; parts closer than that are one component.
        origin: (x, y) of the mask's first pixel in the picture that the boxes are to lie in.
    """
    labels, count = backend.label(mask, join / 2)
    table = backend.components(labels, count, scores)
    return table._replace(boxes=table.boxes + np.array([*origin, 0, 0]))
