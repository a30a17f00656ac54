"""The best monotone chain of bands: which offset holds for which reference lines.

Dynamic programming over the number of bands, whole lines at a time: each further band must pay for itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from diffspot.pipeline.layout.bands import JITTER

if TYPE_CHECKING:
    from numpy.typing import NDArray

BAND_PRICE = 10.0
"""Lines that a further band must explain beyond what the chain without it does: about one line of text."""
STEP_PRICE = 4.0
"""The same for a step of at most JITTER px on a page that drifts."""
STRIDE = 4
"""Lines between two places where such a step can be: lines of text are higher, and seams are moved later."""
MAX_BANDS = 12
"""Bands in a chain at most; the work grows with them."""
PATIENCE = 2
"""Further bands tried without gain before giving up: leaving an offset and coming back to it takes two."""


@dataclass(frozen=True, slots=True)
class Chain:
    """First reference line and offset index of each band, and the chain's total score, prices paid."""

    starts: tuple[tuple[int, int], ...]
    score: float


@dataclass(frozen=True, slots=True)
class _Level:
    """Best totals (D, H + 1) with one band more; where that band began, and after which offset, both (D, H + 1)."""

    total: NDArray[np.float64]
    began: NDArray[np.intp]
    came_from: NDArray[np.intp]


def best_chain(scores: NDArray[np.float32], unseen: NDArray[np.float32], offsets: list[int]) -> Chain:
    """The chain of highest score: `scores` (D, H), `unseen` (H,) the score of a line left out, `offsets` rising."""
    prefix = np.zeros((scores.shape[0], scores.shape[1] + 1))
    np.cumsum(scores, axis=1, out=prefix[:, 1:])
    skipped = np.concatenate([[0.0], np.cumsum(unseen, dtype=np.float64)])
    levels = [_Level(prefix, np.zeros_like(prefix, np.intp), np.zeros_like(prefix, np.intp))]
    best = 0
    while len(levels) < MAX_BANDS and len(levels) - best <= PATIENCE and len(offsets) > 1:
        levels.append(_extend(levels[-1], prefix, skipped, offsets))
        if levels[-1].total[:, -1].max() > levels[best].total[:, -1].max():
            best = len(levels) - 1
    return _trace(levels[: best + 1], offsets)


def _extend(level: _Level, prefix: NDArray[np.float64], skipped: NDArray[np.float64], offsets: list[int]) -> _Level:
    """One band more, at every offset, ending at every line."""
    total = np.empty_like(prefix)
    began, came_from = np.empty_like(level.began), np.empty_like(level.began)
    for index in range(len(offsets)):
        entry, came_from[index] = _entries(level.total, skipped, offsets, index)
        ahead = entry - prefix[index]
        best = np.maximum.accumulate(ahead)
        total[index] = prefix[index] + best
        fresh = np.concatenate([[True], ahead[1:] > best[:-1]])
        began[index] = np.maximum.accumulate(np.where(fresh, np.arange(len(ahead)), 0))
    return _Level(total, began, came_from)


def _entries(
    total: NDArray[np.float64], skipped: NDArray[np.float64], offsets: list[int], index: int
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Best total with which the band at offset `index` can begin at each line, and the offset before it."""
    options = np.full_like(total, -np.inf)
    for before, offset in enumerate(offsets):
        gap = max(0, offset - offsets[index])
        if before == index or gap >= total.shape[1]:
            continue
        until = total.shape[1] - gap
        options[before, gap:] = total[before, :until] + skipped[gap:] - skipped[:until]
    came_from = options.argmax(axis=0)
    return np.take_along_axis(options, came_from[None], axis=0)[0] - BAND_PRICE, came_from


def best_staircase(scores: NDArray[np.float32], unseen: NDArray[np.float32], offsets: list[int]) -> Chain:
    """The chain of highest score where steps of at most JITTER px are cheap, however many bands it has.

    The arguments are those of `best_chain`. Bellman's recursion (the Viterbi algorithm), with steps at every STRIDE-th
    line: its work grows with the lines and the square of the offsets, but not with the bands.
    """
    count, lines = scores.shape
    prefix, skipped = np.zeros((lines + 1, count)), np.zeros(lines + 1)
    np.cumsum(scores.T, axis=0, out=prefix[1:])
    np.cumsum(unseen, out=skipped[1:])
    step = np.subtract.outer(offsets, offsets)  # [before, after]
    gap = np.maximum(step, 0)
    price = np.where(step == 0, 0.0, np.where(np.abs(step) <= JITTER, STEP_PRICE, BAND_PRICE))
    places = [*range(0, lines, STRIDE), lines]
    total, came_from = np.zeros((len(places), count)), np.empty((len(places) - 1, count), np.intp)
    before, own = np.arange(count)[:, None], np.arange(count)
    for number, (place, after) in enumerate(pairwise(places)):
        until = np.maximum(place - gap, 0)
        last = until // STRIDE  # the last place before the lines left out
        options = total[last, before] + prefix[until, before] - prefix[last * STRIDE, before]
        options += skipped[place] - skipped[until] - price
        options[gap > place] = -np.inf
        came_from[number] = options.argmax(axis=0)
        total[number + 1] = options[came_from[number], own] + prefix[after] - prefix[place]
    return _retrace(total[-1], came_from, gap)


def _retrace(total: NDArray[np.float64], came_from: NDArray[np.intp], gap: NDArray[np.intp]) -> Chain:
    """Follows a staircase back from its end."""
    index, number = int(total.argmax()), len(came_from) - 1
    starts: list[tuple[int, int]] = []
    end = index
    while number >= 0:
        before = int(came_from[number, index])
        if before != index:
            starts.append((number * STRIDE, index))
        number = (number * STRIDE - int(gap[before, index])) // STRIDE - 1
        index = before
    return Chain((*reversed([*starts, (0, index)]),), float(total[end]))


def _trace(levels: list[_Level], offsets: list[int]) -> Chain:
    end = levels[-1].total.shape[1] - 1
    index = int(levels[-1].total[:, end].argmax())
    score = float(levels[-1].total[index, end])
    starts: list[tuple[int, int]] = []
    for level in reversed(levels[1:]):
        start = int(level.began[index, end])
        starts.append((start, index))
        before = int(level.came_from[index, start])
        end, index = start - max(0, offsets[before] - offsets[index]), before
    return Chain((*reversed([*starts, (0, index)]),), score)
