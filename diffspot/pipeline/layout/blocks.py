"""The blocks of a page: strips across it whose lines moved alike, each with its chain of bands.

One chain is sought over the whole width; where it loses, over the strips that doing nothing does not explain. Strips
that doing nothing explains better than the chain (a fixed sidebar beside moving content) become blocks of their own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from diffspot.pipeline.layout.bands import JITTER, Band, Block
from diffspot.pipeline.layout.chain import BAND_PRICE, STEP_PRICE, best_chain, best_staircase
from diffspot.pipeline.layout.offsets import Offsets, find_offsets
from diffspot.pipeline.layout.signature import agreement, cell_means, line_scores, overlap, soft, unseen_scores

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.layout.chain import Chain

GAIN = 16.0
"""Lines by which a chain must beat doing nothing: more than a line of text that moved for itself."""
QUALITY = 0.7
"""Mean score that lines with structure must reach under the bands: re-rendered pages reach 0.75, photos 0.6."""
ROUNDED_QUALITY = 0.5
"""The same where lines are rounded for themselves: where boxes side by side are rounded otherwise, no band fits all."""
BESIDE = [by for by in range(-JITTER, JITTER + 1) if by]
"""Px that is no movement of a part of a page."""
STRIP_PRICE = 80.0
"""Cells that parting a page into strips must explain per part: two words must not tear a page apart."""


@dataclass(frozen=True, slots=True)
class _Page:
    """Cell means (H, K), votes (D, H, K) and rising offsets (D) of one pair.

    On a page that drifts, `exact` are the votes without nudges, else None; see `Offsets` for `rounded`. On one drawn
    anew `beside` are the votes at each offset of 1 to JITTER px, else None: rows that are much alike moved no further.
    """

    means: NDArray[np.int16]
    votes: NDArray[np.int8]
    offsets: list[int]
    candidate_length: int
    exact: NDArray[np.int8] | None = None
    rounded: bool = False
    beside: NDArray[np.int8] | None = None

    def scores(self, first: int, last: int) -> NDArray[np.float32]:
        """Line scores (D, H) of the cells [first, last)."""
        return line_scores(self.votes[:, :, first:last], self.means[:, first:last], self.candidate_length, self.offsets)

    def still(self, scores: NDArray[np.float32], first: int, last: int) -> float:
        """The sum of these scores of the cells [first, last) where nothing moved by more than JITTER px."""
        nothing = float(scores[self.offsets.index(0)].sum())
        if self.beside is None:
            return nothing
        near = line_scores(self.beside[:, :, first:last], self.means[:, first:last], self.candidate_length, BESIDE)
        return max(nothing, float(near.sum(axis=1).max()))

    def chain(self, scores: NDArray[np.float32], first: int, last: int) -> Chain:
        """The best chain by the line scores of the cells [first, last).

        Where the page drifts, lines that agree at just an offset count whole, those that agree only a px off half.
        """
        means = self.means[:, first:last]
        if self.exact is None:
            return best_chain(scores, unseen_scores(means), self.offsets)
        exact = line_scores(self.exact[:, :, first:last], means, self.candidate_length, self.offsets)
        return best_staircase((scores + exact) * np.float32(0.5), unseen_scores(means), self.offsets)

    def without_drift(self, likely: list[int]) -> _Page:
        """The page at some of its offsets alone."""
        return _Page(self.means, self.votes[np.isin(self.offsets, likely)], likely, self.candidate_length)

    @property
    def price(self) -> float:
        """Lines that the least of bands must explain."""
        return BAND_PRICE if self.exact is None else STEP_PRICE


def find_blocks(
    reference: NDArray[np.uint8], candidate: NDArray[np.uint8], *, rounding: bool = True
) -> tuple[Block, ...] | None:
    """Blocks of two planes (H, W), (H', W) uint8 whose rows may have moved, left to right; None if they did not.

    With `rounding`, lines below what was inserted may lie a px or two higher or lower, each for itself.
    """
    means, other = cell_means(reference), cell_means(candidate)
    width = reference.shape[1]
    found = _find(means, other, width, rounding=rounding)
    return found if found or not rounding else _find_drawn_anew(soft(means), soft(other), width)


def _find_drawn_anew(means: NDArray[np.int16], other: NDArray[np.int16], width: int) -> tuple[Block, ...] | None:
    """The same of softened means; as each line of text is like those near it, none is laid for itself."""
    likely = find_offsets(means, other).likely
    if len(likely) == 1:
        return None
    beside = np.stack([agreement(means, other, offset).near for offset in BESIDE])
    return _blocks(replace(_page(means, other, Offsets(likely, [])), beside=beside), width)


def _find(
    means: NDArray[np.int16], other: NDArray[np.int16], width: int, *, rounding: bool
) -> tuple[Block, ...] | None:
    """Blocks of two planes of cell means of a page so many px wide."""
    offsets = find_offsets(means, other)
    if offsets.rounded and not rounding:
        offsets = Offsets(offsets.likely, [])
    if len(offsets.drift or offsets.likely) == 1:
        return None
    page = _page(means, other, offsets)
    if page.exact is not None:
        drifting = _blocks(page, width)
        told = not page.rounded or _has_inserted(drifting or (), len(other) - len(means))
        if drifting and told and any(block.drifts for block in drifting):
            return drifting
        page = page.without_drift(offsets.likely)
    return _blocks(page, width) if len(page.offsets) > 1 else None


def _has_inserted(blocks: tuple[Block, ...], grown: int) -> bool:
    """Whether lines stayed where they were before others moved, or the page grew by as much as they moved."""
    offsets = [band.offset for block in blocks for band in block.bands]
    return 0 in offsets or any(abs(offset - grown) <= JITTER for offset in offsets)


def _page(means: NDArray[np.int16], other: NDArray[np.int16], offsets: Offsets) -> _Page:
    tried = offsets.drift or offsets.likely
    votes = [agreement(means, other, offset) for offset in tried]
    exact = np.stack([vote.exact for vote in votes]) if offsets.drift else None
    return _Page(means, np.stack([vote.near for vote in votes]), tried, len(other), exact, offsets.rounded)


def _blocks(page: _Page, width: int) -> tuple[Block, ...] | None:
    strip = whole = (0, page.means.shape[1])
    bands = _worthwhile(page, *strip)
    if bands is None:
        strip = _unexplained(page)
        bands = _worthwhile(page, *strip)
    if bands is None:
        return None
    edges = _edges(page, bands)
    if strip == whole == tuple(edges):
        return (Block(0, width, tuple(bands), page.rounded),)
    return tuple(_block(page, first, last, width) for first, last in pairwise(edges))


def _worthwhile(page: _Page, first: int, last: int) -> list[Band] | None:
    """The best bands over cells [first, last), if they clearly beat doing nothing and explain what they cover."""
    scores = page.scores(first, last)
    unseen = unseen_scores(page.means[:, first:last])
    chain = page.chain(scores, first, last)
    bands = _bands(page, chain, scores)
    grew = abs(page.candidate_length - len(page.means)) > JITTER
    if not grew and all(band.offset == 0 for band in bands):
        return None
    if chain.score < page.still(scores, first, last) + (0 if grew else GAIN):
        return None
    least = ROUNDED_QUALITY if page.rounded else QUALITY
    return bands if _quality(page, bands, scores, unseen) >= least else None


def _quality(page: _Page, bands: list[Band], scores: NDArray[np.float32], unseen: NDArray[np.float32]) -> float:
    """Mean score of the bands' lines that have structure in the reference, in [-1, 1]; -1 if they are too few."""
    structured = [scores[page.offsets.index(b.offset), b.start : b.stop][unseen[b.start : b.stop] < 0] for b in bands]
    lines = sum(map(len, structured))
    return sum(float(part.sum()) for part in structured) / lines if lines >= GAIN else -1.0


def _bands(page: _Page, chain: Chain, scores: NDArray[np.float32]) -> list[Band]:
    """The chain's bands, cut to what both pictures have; those that explain little go to their neighbours."""
    starts = list(chain.starts)
    while True:
        found = _cut(page, starts)
        own = [float(scores[i, b.start : b.stop].sum()) if b else 0.0 for b, (_, i) in zip(found, starts, strict=True)]
        weakest = int(np.argmin(own))
        if own[weakest] >= page.price or len(starts) == 1:
            return [band for band in found if band]
        starts = _merged(starts[:weakest] + starts[weakest + 1 :])


def _merged(starts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Bands that follow one another at the same offset made one, the first beginning at the top."""
    kept = [(0, starts[0][1])]
    kept += [later for before, later in pairwise(starts) if before[1] != later[1]]
    return kept


def _cut(page: _Page, starts: list[tuple[int, int]]) -> list[Band | None]:
    """The band of each start, (line, offset index), cut to what both pictures have; None where nothing is left."""
    found: list[Band | None] = []
    for number, (begin, index) in enumerate(starts):
        end, offset = len(page.means), page.offsets[index]
        if number + 1 < len(starts):
            end, after = starts[number + 1]
            end -= max(0, offset - page.offsets[after])
        first, last = overlap(len(page.means), page.candidate_length, offset)
        start, stop = max(begin, first), min(end, last)
        found.append(Band(start, stop, offset) if stop > start else None)
    return found


def _unexplained(page: _Page) -> tuple[int, int]:
    """The cells [first, last) from the first to the last that doing nothing leaves mostly in disagreement."""
    votes = page.votes[page.offsets.index(0)].sum(axis=0, dtype=np.int64)
    bad = np.flatnonzero(votes < -STRIP_PRICE)
    return (int(bad[0]), int(bad[-1]) + 1) if len(bad) else (0, page.means.shape[1])


def _edges(page: _Page, bands: list[Band]) -> list[int]:
    """Cells at which the page falls into strips, from 0 to K: where the bands and doing nothing change places."""
    gain = -page.votes[page.offsets.index(0)].sum(axis=0, dtype=np.int64)
    for band in bands:
        gain += page.votes[page.offsets.index(band.offset), band.start : band.stop].sum(axis=0, dtype=np.int64)
    moved = _two_states(gain.astype(np.float64))
    inner = np.flatnonzero(np.diff(moved)) + 1
    return [0, *(int(edge) for edge in inner), len(moved)]


def _two_states(gain: NDArray[np.float64]) -> NDArray[np.bool_]:
    """For each cell, (K,) bool, whether it moved: the cheapest labelling when each change of label has its price."""
    total = np.zeros(2)
    came_from = np.zeros((len(gain), 2), np.intp)
    for cell, value in enumerate(gain):
        change = total[::-1] - STRIP_PRICE > total
        came_from[cell] = np.where(change, [1, 0], [0, 1])
        total = np.where(change, total[::-1] - STRIP_PRICE, total) + np.array([0.0, value])
    moved = np.zeros(len(gain), np.bool_)
    state = int(total.argmax())
    for cell in range(len(gain) - 1, -1, -1):
        moved[cell] = bool(state)
        state = int(came_from[cell, state])
    return moved


def _block(page: _Page, first: int, last: int, width: int) -> Block:
    """The block of the cells [first, last) of a page `width` px wide, with bands of its own if they are worthwhile."""
    bands = _worthwhile(page, first, last) or _cut(page, [(0, page.offsets.index(0))])
    cells = page.means.shape[1]
    edges = first * width // cells, last * width // cells
    return Block(*edges, tuple(band for band in bands if band), page.rounded)
