"""The status of a pair: the same where its regions stay within the budgets, different otherwise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from msgspec.structs import astuple, replace

from diffspot.model import MISSED, LeftOut
from diffspot.options.types import in_px, split_limit
from diffspot.outputs.words import count

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from diffspot.model import PairResult, Region
    from diffspot.options.options import Options
    from diffspot.pipeline.comparison import Comparison


def with_status(known: PairResult, comparison: Comparison, options: Options) -> PairResult:
    """The result of a pair: what was known before it was compared, and what the pipeline found."""
    shown, left_out = _shown(comparison, options.top)
    missed = missed_limits(comparison.measures, options)
    same = comparison.lined_up and is_within_budget(comparison.regions, comparison.size, options, missed=missed)
    notes = (*comparison.notes, *(f"{MISSED}{one}" for one in missed))
    notes = (*notes, budget_note(comparison.regions)) if same and comparison.regions else notes
    return replace(
        known,
        status="same" if same else "different",
        size=comparison.size,
        regions=shown,
        left_out=left_out,
        threshold=comparison.threshold,
        tolerance=comparison.tolerance,
        registration=comparison.registration,
        forgiven=comparison.forgiven,
        normalization=comparison.normalization,
        notes=(*notes, *_left_out_notes(left_out, options)),
        ignored=comparison.ignored,
        measures={name: value if math.isfinite(value) else None for name, value in comparison.measures.items()},
    )


def _shown(comparison: Comparison, top: int | str) -> tuple[tuple[Region, ...], LeftOut | None]:
    """The regions that are reported, in their order, and how many are not."""
    regions = comparison.regions
    most = len(regions) if isinstance(top, str) else top
    largest = sorted(regions, key=lambda region: (region.area, region.peak), reverse=True)[:most]
    left_out = LeftOut(top=len(regions) - len(largest), max_box=comparison.over_max_box)
    # by identity: two regions may be equal
    kept = {id(region) for region in largest}
    return tuple(region for region in regions if id(region) in kept), left_out if any(astuple(left_out)) else None


def _left_out_notes(left_out: LeftOut | None, options: Options) -> list[str]:
    """Notes on regions that are not reported."""
    if left_out is None:
        return []
    notes = [f"--top {options.top} left out {count(left_out.top, 'smaller region')}"] if left_out.top else []
    if left_out.max_box:
        notes.append(f"--max-box {options.max_box} left out {count(left_out.max_box, 'larger region')}")
    return notes


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
    """A note on each limit that the measures of a pair miss; one without a value misses all of them."""
    missed = []
    for limits, sign, word in ((options.fail_below, 1, "below"), (options.fail_above, -1, "above")):
        for name, limit in map(split_limit, limits):
            value = measures[name]
            if not sign * value >= sign * limit:
                missed.append(f"{name} has no value" if math.isnan(value) else f"{name} {value:g} is {word} {limit:g}")
    return missed


def budget_note(regions: Sequence[Region]) -> str:
    """The note on a pair that is the same although it has regions."""
    return f"within budget: {len(regions)} region{'s' * (len(regions) != 1)}, {sum(r.area for r in regions)} px"
