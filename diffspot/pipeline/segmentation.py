"""Stages 5 and 6: from scores above the threshold to a mask, and from the mask to regions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from diffspot.model import Region
from diffspot.pipeline.boxes import widened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from diffspot.backends.components import Component, Components
    from diffspot.backends.device import Numbers
    from diffspot.backends.interface import Backend
    from diffspot.model import Box

WEAK_SHARE = 0.5
"""Of the threshold: next to a sure pixel, half of it is still difference rather than noise."""
REACH = 4
"""Px: how far weak pixels extend a sure one, so that the soft rim of a change belongs to its box."""


class Morphology(NamedTuple):
    """What makes a mask of pixels above the threshold.

    Attributes:
        tolerance: px by which it has shrunk every change, rounded up.
        opening: takes specks; odd side of its square, px, likewise the next two.
        closing: fills gaps.
        dilation: joins neighbours.
    """

    tolerance: int
    opening: int
    closing: int
    dilation: int


def deciding(possible: NDArray[Any], backend: Backend, morphology: Morphology) -> NDArray[Any]:
    """(..., H, W) bool: whose scores can decide anything if none but the possible pixels, likewise, pass the threshold.

    Specks that the opening takes, and what lies out of reach of all else, come out the same whatever their scores are.
    """
    sure = _opened(possible, morphology.opening, backend)
    return backend.dilate(sure, 2 * growth(morphology) + 1)


def growth(morphology: Morphology) -> int:
    """Px around a sure pixel that the mask can reach."""
    return REACH + morphology.tolerance + morphology.closing // 2 + morphology.dilation // 2


def make_mask(
    scores: NDArray[Any], plain: NDArray[Any], threshold: Numbers, backend: Backend, morphology: Morphology
) -> NDArray[Any]:
    """(..., H, W) bool of what differs.

    Sure pixels pass the threshold and the opening. They reach to weaker neighbours and, because the tolerance has
    shrunk every change by its radius, back to neighbours whose plain difference passes the threshold.

    Args:
        scores: (..., H, W) float32 in [0, 1].
        plain: (..., H, W) levels, the plain difference, without tolerance.
        threshold: a score; one each for a stack.
        backend: what the arrays live on.
        morphology: what is done.
    """
    tolerance, opening, closing, dilation = morphology
    sure = _opened(scores > backend.against(threshold, scores), opening, backend)
    if not sure.any():
        return sure
    weak = scores > backend.against(WEAK_SHARE * threshold, scores)
    mask = sure | (backend.dilate(sure, 2 * REACH + 1) & weak)
    if tolerance:
        mask |= backend.dilate(mask, 2 * tolerance + 1) & (plain > backend.against(255 * threshold, plain))
    mask = backend.erode(backend.dilate(mask, closing), closing)
    return backend.dilate(mask, dilation)


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


def find_components(mask: NDArray[Any], scores: NDArray[Any], backend: Backend, join: float) -> Components:
    """The table of the connected components of a mask.

    Args:
        mask: (..., H, W) bool.
        scores: (..., H, W) float32 in [0, 1].
        backend: what the arrays live on.
        join: px; parts closer than that are one component.
    """
    labels, count = backend.label(mask, join / 2)
    return backend.components(labels, count, scores)


def to_regions(
    components: Iterable[Component],
    *,
    origin: tuple[int, int],
    size: tuple[int, int],
    min_area: int,
    min_weight: float,
    padding: int,
    to_candidate: Callable[[Box], Box],
) -> list[Region]:
    """The regions of one picture.

    Args:
        components: of a mask of the reference or of a rectangle cut from it.
        origin: (x, y) of the mask's first pixel in the reference.
        size: (width, height) of the reference, px.
        min_area: px; what has fewer is dropped.
        min_weight: sum of scores; what has less is dropped.
        padding: px by which each bbox is widened on all sides.
        to_candidate: maps a bbox of the reference to the candidate.
    """
    regions = []
    for (x, y, w, h), area, peak, mean in components:
        if area < min_area or area * mean < min_weight:
            continue
        bbox = widened((x + origin[0], y + origin[1], w, h), padding, size)
        regions.append(
            Region(
                bbox=bbox,
                candidate_bbox=to_candidate(bbox),
                area=area,
                peak=round(peak, 6),
                mean=round(mean, 6),
            )
        )
    return regions


def sorted_regions(regions: list[Region]) -> tuple[Region, ...]:
    """By y, then x, of the reference."""
    return tuple(sorted(regions, key=lambda region: (region.bbox[1], region.bbox[0], region.bbox[3], region.bbox[2])))
