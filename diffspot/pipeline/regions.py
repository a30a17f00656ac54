"""Stage 8: from what nothing explains to the regions of a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from diffspot.model import Region
from diffspot.options.types import in_px
from diffspot.pipeline.boxes import shifted, widened
from diffspot.pipeline.segmentation import MIN_WEIGHT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from diffspot.model import Box
    from diffspot.pipeline.verdict import Judged
    from diffspot.pipeline.verdict.interface import Tally

WHOLE = ("inserted-rows", "removed-rows", "inserted-columns", "removed-columns")
"""Kinds of whole stretches, which hold other changes beside them."""

TOUCHING = 2
"""Px between a seam and what was inserted there still touches."""
SHADE, MOSTLY = 0.3, 0.5
"""A score that shadows stay below, and the share of a seam that they lie along."""


def without_large(judged: list[Judged], size: tuple[int, int], most: int | str) -> tuple[list[Judged], int]:
    """The components none of whose sides is larger than a share of the picture's, and how many are.

    Args:
        judged: components, boxes in px of the reference.
        size: (width, height) of the reference, px.
        most: a percentage of each side, or `none`.
    """
    if most == "none":
        return judged, 0
    widest, highest = (in_px(most, side) for side in size)
    kept = [one for one in judged if one.box[2] <= widest and one.box[3] <= highest]
    return kept, len(judged) - len(kept)


def to_regions(
    judged: Iterable[Judged],
    size: tuple[int, int],
    to_candidate: Callable[[Box], Box],
    *,
    min_area: int,
    least: float | None,
    padding: int,
    dropped: Tally,
) -> list[Region]:
    """The regions of what nothing explains.

    Args:
        judged: components, boxes in px of the reference.
        size: (width, height) of the reference, px.
        to_candidate: maps a bbox of the reference to the candidate.
        min_area: px; what has fewer is dropped.
        least: a region must be worth MIN_WEIGHT px of this score; None where the user gave the threshold: then
            every component is a region, and its box may lie in another.
        padding: px by which each bbox is widened on all sides.
        dropped: counts what is too small or too weak.
    """
    min_area, min_weight = min(min_area, size[0] * size[1]), MIN_WEIGHT * (least or 0)
    regions = []
    for (box, area, peak, mean), kind, offset in judged:
        if area < min_area or area * mean < min_weight:
            dropped.add("small" if area < min_area else "noise", box, area)
            continue
        bbox = widened(box, padding, size)
        regions.append(
            Region(
                kind=kind,
                bbox=bbox,
                candidate_bbox=to_candidate(shifted(bbox, offset, size)),
                area=area,
                peak=round(peak, 6),
                mean=round(mean, 6),
            )
        )
    return regions if least is None else without_nested(regions)


def with_stretches(regions: Sequence[Region], stretches: Sequence[Region]) -> list[Region]:
    """The regions and the stretches, of which each has the shade that what was inserted casts on its neighbours.

    Args:
        regions: what differs elsewhere.
        stretches: rows or columns that only one picture has.
    """
    rest, kept = list(regions), []
    for stretch in stretches:
        shade = [region for region in rest if _is_shade(region, stretch)]
        rest = [region for region in rest if region not in shade]
        kept.append(replace(stretch, area=stretch.area + sum(region.area for region in shade)))
    return [*rest, *kept]


def _is_shade(region: Region, stretch: Region) -> bool:
    """Whether a region is faint, no thicker than what was inserted, and lies along most of its seam."""
    if stretch.kind not in ("inserted-rows", "inserted-columns"):
        return False
    along, across = (0, 1) if stretch.kind == "inserted-rows" else (1, 0)
    seam, length = stretch.bbox[across], stretch.bbox[2 + along]
    start, thickness = region.bbox[across], region.bbox[2 + across]
    touches = start <= seam + TOUCHING and start + thickness >= seam - TOUCHING
    thin = thickness <= stretch.candidate_bbox[2 + across]
    return touches and thin and region.peak < SHADE and region.bbox[2 + along] > MOSTLY * length


def without_nested(regions: list[Region]) -> list[Region]:
    """The regions whose box lies in no other; that one has their pixels too.

    Stretches of rows or columns that only one picture has say something else and stay.
    """
    whole = [region for region in regions if region.kind in WHOLE]
    own = sorted((region for region in regions if region.kind not in WHOLE), key=_size, reverse=True)
    kept: list[Region] = []
    for region in own:
        outer = next((index for index, other in enumerate(kept) if _holds(other.bbox, region.bbox)), None)
        if outer is None:
            kept.append(region)
        else:
            kept[outer] = _with(kept[outer], region)
    return [*kept, *whole]


def _size(region: Region) -> int:
    return region.bbox[2] * region.bbox[3]


def _holds(outer: Box, inner: Box) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and outer[0] + outer[2] >= inner[0] + inner[2]
        and outer[1] + outer[3] >= inner[1] + inner[3]
    )


def _with(outer: Region, inner: Region) -> Region:
    area = outer.area + inner.area
    mean = (outer.area * outer.mean + inner.area * inner.mean) / area
    kind = outer.kind if outer.kind == inner.kind else "content"
    return replace(outer, kind=kind, area=area, peak=max(outer.peak, inner.peak), mean=round(mean, 6))


def sorted_regions(regions: list[Region]) -> tuple[Region, ...]:
    """By y, then x, of the reference."""
    return tuple(sorted(regions, key=lambda region: (region.bbox[1], region.bbox[0], region.bbox[3], region.bbox[2])))
