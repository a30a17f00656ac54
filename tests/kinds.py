"""Drawn pairs of the kinds that `make accuracy` measures, for tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.agreement import overlap
from benchmarks.pairs.kinds import KINDS
from diffspot import compare

if TYPE_CHECKING:
    from benchmarks.pairs.kinds import Kind
    from benchmarks.pairs.pair import Pair
    from diffspot import PairResult


def kind(name: str) -> Kind:
    """The kind of that name."""
    return next(one for one in KINDS if one.name == name)


def assert_changes_found(pair: Pair, *, alone: bool = True) -> PairResult:
    """Every change of a pair is found, with a third of its area at least; `alone`, and as many regions as changes."""
    result = compare(pair.reference, pair.candidate)
    found = [region.bbox for region in result.regions]
    if alone:
        assert len(found) == len(pair.boxes)
    for true in pair.boxes:
        assert any(overlap(one, true) > 0.33 for one in found)
    return result
