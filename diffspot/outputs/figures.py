"""The numbers of a pair that are compared from pair to pair and from run to run."""

from __future__ import annotations

import math
from itertools import repeat
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from diffspot.model import PairResult, Registration, RunReport

NO_ONE_SHIFT = "layout"
"""The registration method that moves each part of a page by itself."""


class Figures(Struct, frozen=True, kw_only=True):
    """The numbers of one pair; None where there is none, because nothing was compared.

    Attributes:
        regions: how many.
        area: differing pixels of all regions.
        share: of the reference's pixels, 0..1.
        peak: highest score of all regions, 0..1.
        severity: sum of area times mean score, px of full difference.
        confidence: of the registration, 0..1.
        shift_x: px to the right by which the middle of the picture was moved to lie over the reference.
        shift_y: px down, for the same.
        angle: degrees clockwise by which the candidate was turned for that.
        seconds: that the pair took.
    """

    name: str
    status: str
    regions: int = 0
    area: int = 0
    share: float | None = None
    peak: float | None = None
    severity: float | None = None
    confidence: float | None = None
    shift_x: float | None = None
    shift_y: float | None = None
    angle: float | None = None
    seconds: float | None = None


def timed(report: RunReport) -> Iterator[tuple[PairResult, float | None]]:
    """Every pair and the seconds that it took, in the order of the report."""
    return zip(report.pairs, report.times.pairs or repeat(None, len(report.pairs)), strict=True)


def figures(pair: PairResult, seconds: float | None) -> Figures:
    """The figures of a pair that took so many seconds."""
    area, size, way = sum(region.area for region in pair.regions), pair.size, pair.registration
    moved = size and way and way.method != NO_ONE_SHIFT
    shift_x, shift_y, angle = _movement(way, size) if size and way and moved else (None, None, None)
    return Figures(
        name=pair.name,
        status=pair.status,
        regions=len(pair.regions),
        area=area,
        share=round(area / (size[0] * size[1]), 6) if size else None,
        peak=max((region.peak for region in pair.regions), default=0.0) if size else None,
        severity=pair.severity,
        confidence=way.confidence if way else None,
        shift_x=shift_x,
        shift_y=shift_y,
        angle=angle,
        seconds=seconds,
    )


def _movement(way: Registration, size: tuple[int, int]) -> tuple[float, float, float]:
    """How the middle of the picture was moved, px right and down, and by how many degrees it was turned."""
    (a, b, c), (d, e, f), (g, h, i) = way.matrix
    x, y = size[0] / 2, size[1] / 2
    depth = g * x + h * y + i
    right, down = (a * x + b * y + c) / depth - x, (d * x + e * y + f) / depth - y
    return round(right, 3), round(down, 3), round(math.degrees(math.atan2(d - b, a + e)), 4)
