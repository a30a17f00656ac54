"""What a layout shift is made of: bands, the blocks that hold them, and the stretches between them.

Everything is written along rows ("lines" stands for rows, or for columns when `Bands.axis` is 1).
Intervals are half-open and in px.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.model import Box

JITTER = 2
"""An offset this close (px) to 0 or a likelier one is left to the tolerance: other hinting lifts lines of text by a px,
exactly as an insertion would, and pictures cut carelessly differ in size by as much."""
ALIKE_JITTER = 1
"""The same of a page whose lines drift by more and show letters equal to the bit."""
DRIFT = 4
"""Px that small steps add up to where a page drifts: one margin, or a line of text that another rasteriser lifted, adds
less."""

Kind = Literal["inserted-rows", "removed-rows", "inserted-columns", "removed-columns"]


@dataclass(frozen=True, slots=True)
class Band:
    """Reference lines [start, stop) that lie at [start + offset, stop + offset) in the candidate."""

    start: int
    stop: int
    offset: int


def small_steps(bands: Sequence[Band], most: int = JITTER) -> list[int]:
    """Px, of at most so many, by which bands lie further down than the one before."""
    steps = (after.offset - before.offset for before, after in pairwise(bands))
    return [step for step in steps if abs(step) <= most]


def drifts(bands: Sequence[Band]) -> bool:
    """Whether bands lie further and further off, by steps of at most JITTER px."""
    return abs(sum(small_steps(bands))) >= DRIFT


@dataclass(frozen=True, slots=True)
class Block:
    """The bands, in rising order, of the strip [start, stop) across the lines (columns of a page whose rows moved).

    Where they are `rounded`, each line of text and box below what was inserted lies a px or two higher or lower. Steps
    of at most `jitter` px are no insertions where they are rounded or drift.
    """

    start: int
    stop: int
    bands: tuple[Band, ...]
    rounded: bool = False
    jitter: int = JITTER

    @property
    def drifts(self) -> bool:
        """Whether small steps are no insertions: lines are laid for themselves."""
        return self.rounded or drifts(self.bands)

    @property
    def drifted(self) -> int:
        """Px by which such steps add up at most."""
        return max(map(abs, accumulate(small_steps(self.bands, self.jitter))), default=0) if self.drifts else 0

    def place(self, line: int) -> int:
        """The candidate line of a reference line; of a line without counterpart, that of the nearest line with one."""
        band = min(self.bands, key=lambda b: max(b.start - line, line - (b.stop - 1), 0))
        return min(max(line, band.start), band.stop - 1) + band.offset


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines that only one picture has; the other picture's bbox is one px thick and lies at the seam."""

    kind: Kind
    bbox: Box
    candidate_bbox: Box

    @property
    def area(self) -> int:
        """Px that only one picture has."""
        return max(w * h for _, _, w, h in (self.bbox, self.candidate_bbox))


@dataclass(frozen=True, slots=True)
class Bands:
    """A layout shift along `axis` (0: rows moved up or down, 1: columns moved sideways).

    The blocks are disjoint and cover the width that both pictures share; sizes are (height, width).
    """

    axis: Literal[0, 1]
    blocks: tuple[Block, ...]
    reference_size: tuple[int, int]
    candidate_size: tuple[int, int]

    @property
    def slides(self) -> bool:
        """Whether all of a picture of one size moved alike."""
        offsets = {tuple(band.offset for band in block.bands) for block in self.blocks}
        return self.reference_size == self.candidate_size and len(offsets) == 1 and len(*offsets) == 1

    @property
    def drifts(self) -> bool:
        """Whether lines of text are laid for themselves, a px or two off, in a block at least."""
        return any(block.drifts for block in self.blocks)

    @property
    def rounded(self) -> bool:
        """Whether that is because what was inserted is no whole number of px high."""
        return any(block.rounded for block in self.blocks)

    @property
    def drifted(self) -> int:
        """Px by which a line lies off at most that is explained as drift."""
        return max(block.drifted for block in self.blocks)

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The inserted and removed stretches but for the drift, by y, then x, of their place in the reference."""
        return self._split()[0]

    @property
    def drift(self) -> tuple[Stretch, ...]:
        """The stretches of a px or two by which the lines of a page that drifts lie ever further off."""
        return self._split()[1]

    def _split(self) -> tuple[tuple[Stretch, ...], tuple[Stretch, ...]]:
        found: tuple[list[Stretch], list[Stretch]] = [], []
        for block in self.blocks:
            for stretch in self._stretches_of(block):
                thickness = stretch.area // (block.stop - block.start)
                found[block.drifts and thickness <= block.jitter].append(stretch)
        stretches, drift = (sorted(part, key=lambda s: (s.bbox[1], s.bbox[0], s.kind)) for part in found)
        return tuple(stretches), tuple(drift)

    def to_candidate(self, bbox: Box) -> Box:
        """Where a reference bbox [x, y, w, h] lies in the candidate, stretched over what was inserted inside it."""
        x, y, w, h = bbox
        line, length, across, breadth = (y, h, x, w) if self.axis == 0 else (x, w, y, h)
        centre = across + breadth // 2
        block = min(self.blocks, key=lambda b: max(b.start - centre, centre - (b.stop - 1), 0))
        first = block.place(line)
        last = max(first, block.place(line + length - 1))
        return self._bbox(first, last + 1, across, across + breadth)

    def _stretches_of(self, block: Block) -> list[Stretch]:
        reference_end, candidate_end = self.reference_size[self.axis], self.candidate_size[self.axis]
        found: list[Stretch] = []
        line = place = 0
        for band in block.bands:
            found += self._between(block, line, band.start, place, band.start + band.offset)
            line, place = band.stop, band.stop + band.offset
        if reference_end != candidate_end:  # equal sizes: the view was cut off there, nothing was inserted or removed
            found += self._between(block, line, reference_end, place, candidate_end)
        return found

    def _between(self, block: Block, line: int, next_line: int, place: int, next_place: int) -> list[Stretch]:
        """The stretches between two bands: reference [line, next_line), candidate [place, next_place)."""
        found = []
        if next_line > line:
            seam = min(place, self.candidate_size[self.axis] - 1)
            kind: Kind = "removed-rows" if self.axis == 0 else "removed-columns"
            found.append(self._stretch(kind, block, (line, next_line), (seam, seam + 1)))
        if next_place > place:
            seam = min(next_line, self.reference_size[self.axis] - 1)
            kind = "inserted-rows" if self.axis == 0 else "inserted-columns"
            found.append(self._stretch(kind, block, (seam, seam + 1), (place, next_place)))
        return found

    def _stretch(self, kind: Kind, block: Block, reference: tuple[int, int], candidate: tuple[int, int]) -> Stretch:
        return Stretch(
            kind,
            self._bbox(*reference, block.start, block.stop),
            self._bbox(*candidate, block.start, block.stop),
        )

    def _bbox(self, line: int, line_stop: int, across: int, across_stop: int) -> Box:
        if self.axis == 0:
            return across, line, across_stop - across, line_stop - line
        return line, across, line_stop - line, across_stop - across
