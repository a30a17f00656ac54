"""What the pipeline found out about a pair, and what that makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from diffspot.pipeline.budgets import budget_note, is_within_budget

if TYPE_CHECKING:
    from diffspot.model import IgnoredAreas, Normalization, PairResult, Region, Registration, Status
    from diffspot.options.options import Options


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the pipeline found out about two pictures; all fields but the last are those of `PairResult`.

    Attributes:
        hidden: the ignored area in the reference, (H, W) bool, and in the candidate, (h, w) bool; None without one.
    """

    size: tuple[int, int]
    registration: Registration
    notes: tuple[str, ...]
    normalization: Normalization | None = None
    tolerance: float | None = None
    threshold: float | None = None
    regions: tuple[Region, ...] = ()
    ignored: float | None = None
    hidden: IgnoredAreas | None = None

    def result(self, known: PairResult, options: Options) -> PairResult:
        """This, added to what is known of a pair and judged by the budgets of `options`."""
        same = is_within_budget(self.regions, self.size, options)
        status: Status = "same" if same else "different"
        found = {name: getattr(self, name) for name in self.__slots__ if name != "hidden"}
        if same and self.regions:
            found["notes"] = (*self.notes, budget_note(self.regions))
        return replace(known, status=status, **found)
