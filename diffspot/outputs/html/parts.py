"""Which pairs the page lists: all, but of a large report only those that there is something to tell of, in parts."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from diffspot.outputs.html import INDEX_NAME
from diffspot.outputs.words import is_listed, sort_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from diffspot.model import PairResult, RunReport
    from diffspot.options.types import Sort

MOST_LISTED = 10_000
"""Pairs of one part: 10 to 15 MB of page, which browsers open in a second or two."""


class Part(NamedTuple):
    """What one of the page's files lists.

    Attributes:
        number: from 1.
        of: how many parts there are.
        pairs: in the order of the report.
        unlisted: how many pairs of the report no part lists, because they are the same.
    """

    number: int
    of: int
    pairs: tuple[PairResult, ...]
    unlisted: int

    @property
    def files(self) -> list[str]:
        """The names of all parts."""
        return [part_name(number) for number in range(1, self.of + 1)]


def part_name(number: int) -> str:
    """What the file of a part is called; the first is the page itself."""
    stem, _, kind = INDEX_NAME.partition(".")
    return INDEX_NAME if number == 1 else f"{stem}-{number}.{kind}"


def page_parts(report: RunReport, sort: Sort) -> Iterator[Part]:
    """The parts of the page, in the order that was asked for, or the severest pairs first."""
    listed = _listed(report)
    if len(listed) > MOST_LISTED:
        key = sort_key(sort)
        listed = sorted(listed, key=lambda place: key(report.pairs[place]))
    count = max(1, -(-len(listed) // MOST_LISTED))
    for number in range(1, count + 1):
        places = sorted(listed[(number - 1) * MOST_LISTED : number * MOST_LISTED])
        pairs = tuple(report.pairs[place] for place in places)
        yield Part(number, count, pairs, len(report.pairs) - len(listed))


def _listed(report: RunReport) -> Sequence[int]:
    """The places of the pairs that are listed, in order."""
    if len(report.pairs) <= MOST_LISTED:
        return range(len(report.pairs))
    told = (place for place, pair in enumerate(report.pairs) if report.stands_out(pair) or is_listed(pair))
    return array("Q", told)
