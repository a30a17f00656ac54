"""The status of a pair: the same where its regions stay within the budgets, different otherwise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec.structs import replace

from diffspot.model import MISSED
from diffspot.options.types import in_px, split_limit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diffspot.model import PairResult, Region
    from diffspot.options.options import Options
    from diffspot.pipeline.comparison import Comparison


def with_status(known: PairResult, comparison: Comparison, options: Options) -> PairResult:
    """The result of a pair: what was known before it was compared, and what the pipeline found."""
    missed = missed_limits(comparison.measures, options)
    same = comparison.lined_up and is_within_budget(comparison.regions, comparison.size, options, missed=missed)
    notes = (*comparison.notes, *(f"{MISSED}{one}" for one in missed))
    return replace(
        known,
        status="same" if same else "different",
        size=comparison.size,
        regions=comparison.regions,
        threshold=comparison.threshold,
        tolerance=comparison.tolerance,
        registration=comparison.registration,
        forgiven=comparison.forgiven,
        normalization=comparison.normalization,
        notes=(*notes, budget_note(comparison.regions)) if same and comparison.regions else notes,
        ignored=comparison.ignored,
        measures={name: value if math.isfinite(value) else None for name, value in comparison.measures.items()},
    )


def is_within_budget(
    regions: Sequence[Region], size: tuple[int, int], options: Options, *, missed: Sequence[str] = ()
) -> bool:
    """Whether a pair with these regions counts as the same.

    Every budget that is given must hold, limits on measures among them; without any, no region is allowed.

    Args:
        regions: what differs.
        size: (width, height) of the reference in px; 100 % is all of it.
        options: `max_regions`, `max_diff_area`, `fail_below` and `fail_above`.
        missed: see `missed_limits`.
    """
    most, area = options.max_regions, options.max_diff_area
    kept = [not missed] if options.fail_below or options.fail_above else []
    if most != "none":
        kept.append(len(regions) <= most)
    if area != "none":
        kept.append(sum(region.area for region in regions) <= in_px(area, size[0] * size[1]))
    return all(kept) if kept else not regions


def missed_limits(measures: Mapping[str, float], options: Options) -> list[str]:
    """What is said of each limit that the measures of a pair miss; one without a value misses all of them."""
    missed = []
    for limits, sign, word in ((options.fail_below, 1, "below"), (options.fail_above, -1, "above")):
        for name, limit in map(split_limit, limits):
            value = measures[name]
            if not sign * value >= sign * limit:
                missed.append(f"{name} has no value" if math.isnan(value) else f"{name} {value:g} is {word} {limit:g}")
    return missed


def budget_note(regions: Sequence[Region]) -> str:
    """What is said of a pair that is the same although it has regions."""
    return f"within budget: {len(regions)} region{'s' * (len(regions) != 1)}, {sum(r.area for r in regions)} px"
