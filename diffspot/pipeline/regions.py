"""Stage 8: from what nothing explains to the regions of a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.model import Region
from diffspot.pipeline.boxes import widened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from diffspot.model import Box
    from diffspot.pipeline.verdict import Judged

MIN_WEIGHT = 8
"""Pixels just above the threshold that a region must be worth: a few scattered faint ones are no change."""


def to_regions(
    judged: Iterable[Judged],
    size: tuple[int, int],
    to_candidate: Callable[[Box], Box],
    *,
    min_area: int,
    least_score: float,
    padding: int,
) -> list[Region]:
    """The regions of what nothing explains.

    Args:
        judged: components, boxes in px of the reference.
        size: (width, height) of the reference, px.
        to_candidate: maps a bbox of the reference to the candidate.
        min_area: px; what has fewer is dropped.
        least_score: a region must be worth MIN_WEIGHT px of this score.
        padding: px by which each bbox is widened on all sides.
    """
    min_area, min_weight = min(min_area, size[0] * size[1]), MIN_WEIGHT * least_score
    regions = []
    for (box, area, peak, mean), kind, (right, down) in judged:
        if area < min_area or area * mean < min_weight:
            continue
        bbox = widened(box, padding, size)
        x, y, w, h = bbox
        moved = min(max(x + right, 0), size[0] - w), min(max(y + down, 0), size[1] - h), w, h
        regions.append(
            Region(
                kind=kind,
                bbox=bbox,
                candidate_bbox=to_candidate(moved),
                area=area,
                peak=round(peak, 6),
                mean=round(mean, 6),
            )
        )
    return regions


def sorted_regions(regions: list[Region]) -> tuple[Region, ...]:
    """By y, then x, of the reference."""
    return tuple(sorted(regions, key=lambda region: (region.bbox[1], region.bbox[0], region.bbox[3], region.bbox[2])))
