"""Budgets: how much may differ in a pair that still counts as the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.options.lengths import in_px

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.model import Region
    from diffspot.options.options import Options


def is_within_budget(regions: Sequence[Region], size: tuple[int, int], options: Options) -> bool:
    """Whether a pair with these regions counts as the same.

    Every budget that is given must hold; without any, no region is allowed.

    Args:
        regions: what differs.
        size: (width, height) of the reference in px; 100 % is all of it.
        options: `max_regions` and `max_diff_area`.
    """
    most, area = options.max_regions, options.max_diff_area
    kept = []
    if most != "none":
        kept.append(len(regions) <= most)
    if area != "none":
        kept.append(sum(region.area for region in regions) <= in_px(area, size[0] * size[1]))
    return all(kept) if kept else not regions


def budget_note(regions: Sequence[Region]) -> str:
    """What is said of a pair that is the same although it has regions."""
    return f"within budget: {len(regions)} region{'s' * (len(regions) != 1)}, {sum(r.area for r in regions)} px"
