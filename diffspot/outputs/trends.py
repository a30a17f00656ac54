"""Trends of a history: which pairs come and go, and which get worse from run to run."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from statistics import median
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from diffspot.outputs.history import Entry, History

RUNS = 50
"""The last runs that a trend covers, by default."""
FLIPS = 3
"""Changes between the same and not the same from which on a pair is flaky: a fault that came and was mended has two."""
SURE = 0.05
"""Chance below which severities in no order at all would rise as they do."""
BARS = "▁▂▃▄▅▆▇█"
ABSENT, UNCOMPARED = " ", "·"

Course = Literal["flaky", "grows", "steady"]


class Trend(Struct, frozen=True, kw_only=True):
    """What each run found for one pair.

    Attributes:
        statuses: in each run, oldest first; None where the pair was not in it.
        severities: in each run, px of full difference; None where nothing was compared.
        course: flaky, where its status changed between the same and another at least FLIPS times; grows, where its
            severity rises since it was last the same; else steady.
        growth: px of full difference a run, if it grows.
    """

    name: str
    statuses: tuple[str | None, ...]
    severities: tuple[float | None, ...]
    course: Course
    growth: float | None = None

    @property
    def failed(self) -> int:
        """How many runs found it not to be the same."""
        return sum(status not in (None, "same") for status in self.statuses)

    @property
    def took_part(self) -> int:
        """How many runs had the pair."""
        return sum(status is not None for status in self.statuses)

    @property
    def severest(self) -> float:
        """The highest severity of all runs."""
        return max((severity for severity in self.severities if severity is not None), default=0.0)

    @property
    def worth(self) -> tuple[bool, bool, float, int]:
        """What orders trends: flaky ones, then those that grow, then the severest, then those that failed most."""
        return self.course == "flaky", self.course == "grows", self.severest, self.failed


def find_trends(history: History, last: int = RUNS) -> list[Trend]:
    """The trend of each pair over the last runs, in the order of `Trend.worth`, then by name."""
    runs = history.runs[-last:]
    trends = (_trend(name, [own.get(run) for run in runs]) for name, own in history.entries.items())
    return sorted(
        (trend for trend in trends if trend.took_part), key=lambda trend: (*map(_down, trend.worth), trend.name)
    )


def _down(value: float) -> float:
    return -value


def _trend(name: str, entries: Sequence[Entry | None]) -> Trend:
    severities = tuple(entry.severity if entry else None for entry in entries)
    statuses = tuple(entry.status if entry else None for entry in entries)
    flips = sum((a == "same") != (b == "same") for a, b in pairwise(filter(None, statuses)))
    growth = None if flips >= FLIPS else growth_of(_since_same(entries))
    course: Course = "flaky" if flips >= FLIPS else "steady" if growth is None else "grows"
    return Trend(name=name, statuses=statuses, severities=severities, course=course, growth=growth)


def _since_same(entries: Iterable[Entry | None]) -> list[float]:
    """The severities since the pair was last the same; what was never compared is left out."""
    found: list[float] = []
    for entry in entries:
        if entry and entry.status == "same":
            found = []
        elif entry and entry.severity is not None:
            found.append(entry.severity)
    return found


def growth_of(values: Sequence[float]) -> float | None:
    """By how much values rise from one to the next, where chance hardly explains that they do; else None.

    The test is that of Mann (1945, doi:10.2307/1907187) and Kendall in its normal approximation, with ties; the growth
    is the median of all slopes (Sen 1968, doi:10.1080/01621459.1968.10480934), so that one wild value changes little.

    Args:
        values: in their order; three are too few for any trend.
    """
    spread = math.sqrt(_variance(values))
    rises = sum((b > a) - (b < a) for a, b in combinations(values, 2))
    if not spread or 0.5 * math.erfc(rises / spread / math.sqrt(2)) >= SURE:
        return None
    return median((values[j] - values[i]) / (j - i) for i, j in combinations(range(len(values)), 2))


def _variance(values: Sequence[float]) -> float:
    """That of the number of rises less falls among all pairs of values in no order."""
    ties = (values.count(value) for value in set(values))
    return (_kendall(len(values)) - sum(map(_kendall, ties))) / 18


def _kendall(number: int) -> int:
    return number * (number - 1) * (2 * number + 5)


def sparkline(trend: Trend) -> str:
    """The severities as bars, one a run, up to the highest of them; a dot where nothing was compared."""
    most = trend.severest
    return "".join(
        ABSENT if status is None else UNCOMPARED if severity is None else BARS[_level(severity, most)]
        for status, severity in zip(trend.statuses, trend.severities, strict=True)
    )


def _level(severity: float, most: float) -> int:
    """The bar of a severity: the lowest for none at all alone."""
    return min(len(BARS) - 1, 1 + int(severity / most * (len(BARS) - 1))) if severity > 0 else 0
