"""Reads a page: the tiles in which it differs, what each of them looks like, and whether it was drawn anew."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.areas import covering
from diffspot.pipeline.verdict.anew import drawn_anew
from diffspot.pipeline.verdict.edges import touching
from diffspot.pipeline.verdict.lines import SAME, read_lines
from diffspot.pipeline.verdict.slanted import slanted
from diffspot.pipeline.verdict.twins import Laid
from diffspot.pipeline.verdict.wandering import EVERYWHERE, edges_wander
from diffspot.pipeline.verdict.windows import FLAT, measure_tiles
from diffspot.pipeline.verdict.words import Edges, find_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.anew import Anew
    from diffspot.pipeline.verdict.edges import Drift
    from diffspot.pipeline.verdict.lines import Lines
    from diffspot.pipeline.verdict.ruled import Ruled
    from diffspot.pipeline.verdict.tiles import Tiles

ALIKE = 0.8
"""Correlation of letters drawn anew, nearly all of which reach 0.9; most other letters of that size lie below 0.7."""
LOST = 0.6
"""Share of the contrast that a px of movement leaves of letters drawn anew, 0.5 at most; of other letters 0.8."""
TILE_STRENGTH = 1.33
"""Ratio of the standard deviations of a tile, either way, that a rasteriser can cause."""
SCATTERED = 0.35
"""Share of the change that a line from shade to shade leaves; redrawn letters leave 0.8, recoloured ones 0.03."""
PAGE_REMAINING = 0.8
"""Share of the contrast that letters differ by at most, in the median, where the page says that it was drawn anew."""
PAGE_LETTERS = 0.5
"""Share of all textured tiles that differ which could be letters drawn anew on such a page."""
PAGE_SHARE = 0.6
"""Share of the tiles on lines that differ as a whole which are letters drawn anew, where the page was."""
LEAST_PLACES = 4
"""Places apart that letters or shapes drawn anew take at least where no line of text says so; fewer than half of
them lie side by side or one below the other, as those of a row of a table and the corners of a box do."""
HARDLY_SIDEWAYS = 0.1
"""Share of the redrawn tiles of such places that may have moved sideways: each lies where its place was."""
PAGE_TILES = 12
"""Tiles that differ, at least, where words or places say whether a page was drawn anew."""
ON_LINES = 0.6
"""Share of the textured tiles of a component that lie on lines which differ as a whole."""
CLEAR_SHARE = 0.97
"""Share of redrawn tiles that leaves no doubt; slanted letters reach 0.9."""
DOUBTFUL, DOUBTFUL_SHARE = (0.75, 0.9), 0.08
"""Likeness between the two, and the share of tiles that have it on a redrawn page; slanted letters double that."""
SIDEWAYS = 0.4
"""Share of redrawn tiles that may have moved sideways: letters snap to rows of pixels, spacing moves them along."""
SNAPPING = 0.05
"""Least share of exactly moved letters among redrawn ones where a rasteriser snaps letters to rows of pixels."""
TEXTURED = 0.8
"""Share of exactly moved tiles that hold letters: hinting moves letters by a px, not the lines around them."""
SLIVER = 0.25
"""Share of the contrast that is left of a faint stroke drawn anew."""
STRAY = 0.25
"""Px of strokes that one picture alone has, which make letters others: drawn anew most have 0.02 at most, small ones of
another hinting up to 0.23, and of other letters and digits nearly all have 0.3 or more."""
ALL_OVER = 0.7
"""Share of the textured tiles that differ where a page was drawn anew as a whole."""
MOSTLY = 0.7
"""Share of its tiles that makes a component moved."""


class Classes(NamedTuple):
    """What each of N tiles looks like, (N,) bool each."""

    redrawn: NDArray[np.bool_]
    moved: NDArray[np.bool_]
    snapped: NDArray[np.bool_]
    recolored: NDArray[np.bool_]
    textured: NDArray[np.bool_]
    sideways: NDArray[np.bool_]

    @property
    def told(self) -> NDArray[np.bool_]:
        """Which moved by a px as a whole or are of another colour."""
        return self.moved | self.recolored


@dataclass(frozen=True, slots=True)
class Page:
    """A pair and the tiles in which it differs."""

    differing: NDArray[np.bool_]
    pair: RegisteredPair
    tiles: Tiles
    classes: Classes
    redrawn: bool
    letters_snap: bool
    drift: Drift | None
    lines: NDArray[np.bool_]
    slanted: Callable[[], NDArray[np.bool_]]  # words that are in one picture alone
    alike: bool
    anew: Anew | None
    text: Callable[[], Lines] | None  # what its lines of text say; None where places all over it do instead

    def is_whole(self, tiles: NDArray[np.intp]) -> bool:
        """Whether most of some tiles lie on lines that differ as a whole, or where all over the page does."""
        return self.text is None or bool(self.text().whole[tiles].mean() > ON_LINES)

    def is_part(self, tiles: NDArray[np.intp]) -> bool:
        """Whether most of some tiles lie on lines of which other letters are equal to the bit.

        That says something where other lines are equal, too, but moved by a px; another rasteriser blends most letters.
        """
        if self.text is None:
            return False
        lines, (redrawn, _, snapped, *_) = self.text(), self.classes
        moved = (lines.whole & snapped).sum() > (lines.whole & redrawn).sum()
        return bool(moved) and bool(lines.part[tiles].mean() > ON_LINES)


def read_page(
    differing: NDArray[np.bool_], pair: RegisteredPair, ruled: Ruled, drift: Drift | None, *, by_words: bool
) -> Page:
    """The page of a pair that differs in those px, (H, W) bool, whose ruled lines are read; see `judge_rendered`."""
    tiles = measure_tiles(pair.reference, pair.candidate, differing)
    classes = _classify(tiles)
    snapped, textured = classes.snapped, classes.textured
    letters_snap = bool(
        (snapped & textured).sum() >= max(TEXTURED * snapped.sum(), SNAPPING * (classes.redrawn & textured).sum())
    )
    like = ((classes.redrawn & ~classes.recolored) | snapped) & textured
    edges = Edges(pair.reference, pair.candidate)
    text = cache(partial(read_lines, pair, differing, edges, tiles, like))  # most pairs need none, which takes long
    alike = _is_page_redrawn(like, text, tiles, classes)
    may_be = alike or (_may_be_anew(classes) and not edges_wander(pair, tiles, classes.told, proved=True))
    anew = drawn_anew(pair, differing, edges, STRAY) if by_words and may_be else None
    spread = False
    if not alike and anew is None and like.sum() >= PAGE_TILES and _is_spread(like, tiles):
        spread, alike = True, _are_mostly_redrawn(like, tiles, classes)
    redrawn = alike or anew is not None or ruled.redrawn
    lines = touching(ruled.changed & differing, differing) if redrawn else np.zeros_like(differing)
    aslant = cache(partial(_slanted, pair, differing, edges))
    said = None if spread else text
    return Page(differing, pair, tiles, classes, redrawn, letters_snap, drift, lines, aslant, alike, anew, said)


def _slanted(pair: RegisteredPair, differing: NDArray[np.bool_], edges: Edges) -> NDArray[np.bool_]:
    """(H, W) bool, words that are slanted in one picture alone."""
    words = [Laid.at_rest(box) for box in find_words(edges, differing).boxes]
    return covering(slanted(pair.reference, pair.candidate, words), differing.shape)


def _classify(tiles: Tiles) -> Classes:
    strength = np.sqrt(np.maximum(tiles.energy[:, 1], 1) / np.maximum(tiles.energy[:, 0], 1))
    redrawn = (tiles.likeness > ALIKE) & ~tiles.exact & (tiles.energy[:, 0] >= FLAT) & (tiles.lost < LOST)
    redrawn &= (strength < TILE_STRENGTH) & (strength > 1 / TILE_STRENGTH) & (tiles.stray <= STRAY)
    recolored = tiles.scattered < SCATTERED * np.maximum(tiles.changed, 1)
    sideways = tiles.shift[:, 0] != 0
    return Classes(redrawn, tiles.exact, tiles.exact & ~sideways, recolored, tiles.letters, sideways)


def _is_page_redrawn(like: NDArray[np.bool_], read: Callable[[], Lines], tiles: Tiles, classes: Classes) -> bool:
    """Whether most of what differs are the same letters drawn anew, on lines that were drawn anew as a whole."""
    if like.sum() <= PAGE_LETTERS * classes.textured.sum():
        return False
    text = read()
    whole, part = text.whole, int((like & text.part).sum())
    like = like & whole
    count, total = int(like.sum()), int(whole.sum())
    if count < part or count <= PAGE_SHARE * total or classes.sideways[like].mean() >= SIDEWAYS:
        return False
    if count > CLEAR_SHARE * total:
        return True
    low, high = DOUBTFUL
    likeness = tiles.likeness[whole]
    doubtful = (likeness >= low) & (likeness < high)
    return bool(
        np.median(tiles.remaining[like]) < PAGE_REMAINING and doubtful.sum() <= DOUBTFUL_SHARE * (likeness >= low).sum()
    )


def _are_mostly_redrawn(like: NDArray[np.bool_], tiles: Tiles, classes: Classes) -> bool:
    """Whether most of what differs in places all over a picture was drawn anew where it lay."""
    return bool(
        like.sum() > PAGE_LETTERS * classes.textured.sum()
        and classes.sideways[like].mean() < HARDLY_SIDEWAYS
        and np.median(tiles.remaining[like]) < PAGE_REMAINING
    )


def _is_spread(like: NDArray[np.bool_], tiles: Tiles) -> bool:
    """Whether a picture was drawn anew in many places all over it: signs, labels and shapes, each for itself.

    Most places that differ say so, or that all differ: where next to nothing is equal in both pictures.
    """
    differing = tiles.index >= 0
    textured = differing & tiles.textured
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(differing.view(np.uint8), connectivity=8)
    total = np.bincount(labels[textured], minlength=len(boxes))
    drawn = np.bincount(labels[differing][like], minlength=len(boxes)) > SAME * total
    if textured.sum() > EVERYWHERE * tiles.textured.sum():
        drawn = total > 0
    if drawn.sum() < max(LEAST_PLACES, np.count_nonzero(total) / 2):
        return False
    return all(2 * _most_beside(boxes[drawn], axis) < drawn.sum() for axis in range(2))


def _most_beside(boxes: NDArray[Any], axis: int) -> int:
    """The most of some boxes (N, 5) that meet in one column of cells, or in one row for axis 1."""
    first, after = boxes[:, axis], boxes[:, axis] + boxes[:, axis + 2]
    begun, ended = (np.bincount(ends, minlength=int(after.max()) + 1) for ends in (first, after))
    return int(np.cumsum(begun - ended).max())


def _may_be_anew(classes: Classes) -> bool:
    """Whether most letters that differ neither moved nor are of another colour, and they are many."""
    drawn = classes.textured & ~classes.moved & ~classes.recolored
    return bool(drawn.sum() >= max(PAGE_TILES, ALL_OVER * classes.textured.sum()))
