"""What the pipeline found in a pair."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from diffspot.model import Registration
from diffspot.pipeline.ignored import ignored_share

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from diffspot.model import Forgiven, IgnoredAreas, Maps, Normalization, Region

OF_EQUAL = {"mse": 0.0, "psnr": math.inf, "ssim": 1.0, "ms-ssim": 1.0, "ncc": 1.0, "norm": 0.0, "lpips": 0.0}
"""The measures of two pictures that are equal in every pixel that is compared."""
INFINITE = "psnr is infinite: the pictures are equal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the pipeline found in two pictures; all fields but the last four are those of `PairResult`.

    Attributes:
        measures: by name; infinite or NaN where they have no value.
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
    measures: dict[str, float] = field(default_factory=dict)
    over_max_box: int = 0
    lined_up: bool = True
    maps: Maps | None = None
    ignored_areas: IgnoredAreas | None = None


def unchanged(
    size: tuple[int, int],
    notes: tuple[str, ...],
    ignored: NDArray[np.bool_] | None,
    measures: Sequence[str],
    maps: Maps | None = None,
) -> Comparison:
    """The comparison, with those measures, of two pictures that are equal in every pixel that is compared."""
    return Comparison(
        size=size,
        registration=Registration(),
        notes=(*notes, INFINITE) if "psnr" in measures else notes,
        ignored=ignored_share(ignored),
        measures={name: OF_EQUAL[name] for name in measures},
        maps=maps,
    )
