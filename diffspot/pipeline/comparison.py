"""What the pipeline found in a pair."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diffspot.model import Registration
from diffspot.pipeline.ignored import ignored_share

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from diffspot.model import Forgiven, IgnoredAreas, Maps, Normalization, Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the pipeline found in two pictures; all fields but the last four are those of `PairResult`.

    Attributes:
        over_max_box: how many parts were dropped because a side of theirs is too large.
        lined_up: whether the pictures could be laid together; where they could not, no budget makes them the same.
        maps: what the stages made, where that was asked for.
        ignored_areas: in the pixels of either picture; None where all of the reference is compared.
    """

    size: tuple[int, int]
    registration: Registration
    notes: tuple[str, ...]
    normalization: Normalization | None = None
    tolerance: float | None = None
    threshold: float | None = None
    regions: tuple[Region, ...] = ()
    forgiven: tuple[Forgiven, ...] = ()
    ignored: float | None = None
    over_max_box: int = 0
    lined_up: bool = True
    maps: Maps | None = None
    ignored_areas: IgnoredAreas | None = None


def unchanged(
    size: tuple[int, int], notes: tuple[str, ...], ignored: NDArray[np.bool_] | None, maps: Maps | None = None
) -> Comparison:
    """The comparison of two pictures that are equal in every pixel that is compared."""
    return Comparison(size=size, registration=Registration(), notes=notes, ignored=ignored_share(ignored), maps=maps)
