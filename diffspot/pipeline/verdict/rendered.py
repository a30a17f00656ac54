"""The verdict on rendered pictures: most of a page is equal to the bit, so what differs says why.

Letters that another rasteriser drew keep their shapes within a px and their strength, and the letters around them were
drawn anew too. Another colour maps each shade to one shade. What moved by whole px is equal to the bit where it went.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.areas import joined_areas
from diffspot.pipeline.verdict.edges import are_edges, is_little, straight_changes, unexplained
from diffspot.pipeline.verdict.interface import Judged, Tally
from diffspot.pipeline.verdict.moved import join_moved
from diffspot.pipeline.verdict.tiles import EXACT, FLAT, TILE, WINDOW, measure_tiles, shift_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.model import Box, Kind
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.edges import Drift
    from diffspot.pipeline.verdict.tiles import Tiles

ALIKE = 0.8
"""Correlation of letters drawn anew, nearly all of which reach 0.9; most other letters of that size lie below 0.7."""
LOST = 0.6
"""Share of the contrast that a px of movement leaves of letters drawn anew, 0.5 at most; of other letters 0.8."""
TILE_STRENGTH = 1.33
"""Ratio of the standard deviations of a tile, either way, that a rasteriser can cause."""
STRENGTH = 1.15
"""The same ratio over a whole component: bold letters start at 1.25, rasterisers end at 1.09."""
SCATTERED = 0.35
"""Share of the change that a line from shade to shade leaves; redrawn letters leave 0.8, recoloured ones 0.03."""
MOSTLY_RECOLORED = 0.4
"""The same share over a whole component."""
REMAINING = 0.6
"""Share of the contrast that letters drawn anew differ by at most, in the median; other letters differ by all of it."""
PAGE_REMAINING = 0.8
"""The same where the whole page says that it was drawn anew."""
PAGE_TILES, PAGE_SHARE = 12, 0.6
"""Redrawn tiles, and their share of all that differ, that make a page redrawn as a whole."""
ANEW_LETTERS, ANEW_TEXTURED = 0.5, 0.22
"""Share of the textured tiles that differ, and of all there are on the page, that are redrawn on such a page, too."""
HARDLY_SIDEWAYS = 0.1
"""Share of those that may have moved sideways."""
FEW_TILES, FEW_SHARE = 8, 0.9
"""The same where only a few places differ."""
CLEAR_SHARE = 0.97
"""Share of redrawn tiles that leaves no doubt; slanted letters reach 0.9."""
DOUBTFUL, DOUBTFUL_SHARE = (0.75, 0.9), 0.08
"""Likeness between the two, and the share of tiles that have it on a redrawn page; slanted letters double that."""
NEARLY_ALL = 0.8
"""Share of the textured tiles of a page that differ where all of its text was drawn anew, wherever its letters went."""
SIDEWAYS = 0.4
"""Share of redrawn tiles that may have moved sideways: letters snap to rows of pixels, spacing moves them along."""
BLENDED, REMAINS = 0.03, 0.2
"""Shares of the contrast that blending a mark anew loses and leaves; 8 levels of any colour lose more."""
SNAPPING = 0.05
"""Least share of exactly moved letters among redrawn ones where a rasteriser snaps letters to rows of pixels."""
TEXTURED = 0.8
"""Share of exactly moved tiles that hold letters: hinting moves letters by a px, not the lines around them."""
AROUND = 0.6
"""Share of the textured tiles around a component that must differ too."""
CROWDED = 0.25
"""Share of all tiles that differ on such a picture at least."""
EVERYWHERE, WANDERING = 0.85, 0.7
"""Share of the textured tiles that differ where edges wander, as those of boards and prints do, and share of these that
a px of movement explains; of a page with changes most tiles are equal to the bit."""
SLIVER = 0.25
"""Share of the contrast that is left of an edge that wandered, or of a faint stroke drawn anew."""
STRAY = 0.12
"""Px of strokes that one picture alone has, which make letters others: drawn anew they have 0.02 at most, and of other
letters and digits nearly all have 0.3 or more."""
DOUBTFUL_STRAY = 0.03
"""Px of them from which a letter beside such a one may be another one, too."""
LEAST_TILES, REST = 3, 0.05
"""Tiles of a redrawn word, and the share of them that may be something else."""
LEAST_PIXELS = 4
"""Px of what is left of a component; fewer are anti-aliasing."""
CORNER, FAINT_CORNER = 32, 0.2
"""Px of a border's rounded corner that came to lie between pixels, and the score that it stays below."""
MOSTLY = 0.7
"""Share of its tiles that makes a component moved."""
BACKGROUND = 0.9
"""Share of a box that is of the colour around it where nothing is drawn."""
RIM = 3
"""Px around a box that show its ground."""


class _Classes(NamedTuple):
    """What each of N tiles looks like, (N,) bool each."""

    redrawn: NDArray[np.bool_]
    moved: NDArray[np.bool_]
    snapped: NDArray[np.bool_]
    recolored: NDArray[np.bool_]
    textured: NDArray[np.bool_]
    sideways: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Page:
    """A pair and the tiles in which it differs."""

    differing: NDArray[np.bool_]
    pair: RegisteredPair
    tiles: Tiles
    classes: _Classes
    redrawn: bool
    letters_snap: bool
    drift: Drift | None
    lines: NDArray[np.bool_]


class _Element(NamedTuple):
    """A component: its pixels in its box, its tiles, and which of them letters drawn anew explain."""

    component: Component
    mask: NDArray[np.bool_]
    tiles: NDArray[np.intp]
    explained: NDArray[np.bool_]


def judge_rendered(
    components: Sequence[Component], pair: RegisteredPair, *, limit: float, join: float, laid: bool, drift: Drift | None
) -> tuple[list[Judged], Tally] | None:
    """Judges the components of a rendered pair.

    Args:
        components: of the mask without tolerance.
        pair: a single one, on the host.
        limit: grey levels that make a pixel differ.
        join: px; parts of what is left of a component that lie closer are one.
        laid: whether the candidate was moved to lie over the reference.
        drift: of its lines of text, each of which was laid on its own; None where that was not so.

    Returns:
        What nothing explains, and the count of what was explained; None where edges wander all over the picture: then
        nothing is equal to the bit that could tell why the rest differs.
    """
    tally = Tally()
    if laid:
        components = [
            part for one in components for part in _off_edges(one, pair, tally, drift, limit=limit, join=join)
        ]
    if not components:
        return [], tally
    page = _read_page(components, pair, limit, drift, laid=laid)
    if not page.redrawn and _edges_wander(page.tiles, page.classes):
        return None
    judged: list[Judged] = []
    for component in components:
        element = _element(component, page)
        kind, offset = _kind(element, page)
        if kind != "recolored" and _is_redrawn(element, page):
            left = [Judged(part) for part in _left(element, page, join)]
            judged += left
            tally.add("rendering", component[0], int(element.mask.sum()) - sum(part.component[1] for part in left))
        else:
            judged.append(Judged(component, kind, offset))
    return join_moved(judged, still=page.tiles.textured & (page.tiles.index < 0)), tally


def _off_edges(
    component: Component, pair: RegisteredPair, tally: Tally, drift: Drift | None, *, limit: float, join: float
) -> Sequence[Component]:
    """What is left of a component without edges that were drawn anew, which are counted.

    Only where lines and boxes are rounded for themselves is it taken apart: what was may touch a change there.
    """
    x, y, w, h = component[0]
    place = slice(y, y + h), slice(x, x + w)
    mask = (pair.difference[place] > limit) & pair.valid[place]
    left = unexplained(pair, component[0], mask, drift)
    if is_little(left, mask):
        tally.add("rendering", component[0], int(mask.sum()))
        return []
    if not (drift and drift.rounded):
        return [component]
    tally.add("rendering", component[0], int(mask.sum() - left.sum()))
    parts = [part for part, _ in joined_areas(left, pair.difference[place], join)]
    return [
        ((x + a, y + b, c, d), area, peak, mean)
        for (a, b, c, d), area, peak, mean in parts
        if area >= LEAST_PIXELS and not (area <= CORNER and peak < FAINT_CORNER)
    ]


def _read_page(
    components: Sequence[Component], pair: RegisteredPair, limit: float, drift: Drift | None, *, laid: bool
) -> _Page:
    inside = np.zeros(pair.valid.shape, bool)
    for (x, y, w, h), *_ in components:
        inside[y : y + h, x : x + w] = True
    differing = (pair.difference > limit) & pair.valid & inside
    if pair.ignored is not None:
        differing &= ~pair.ignored
    tiles = measure_tiles(pair.reference, pair.candidate, differing)
    classes = _classify(tiles)
    snapped, textured = classes.snapped, classes.textured
    letters_snap = bool(
        (snapped & textured).sum() >= max(TEXTURED * snapped.sum(), SNAPPING * (classes.redrawn & textured).sum())
    )
    redrawn = _is_page_redrawn(tiles, classes)
    # Of a page that was laid, `are_edges` has explained them.
    lines = straight_changes(pair, differing) if redrawn and not laid else np.zeros_like(differing)
    return _Page(differing, pair, tiles, classes, redrawn, letters_snap, drift, lines)


def _classify(tiles: Tiles) -> _Classes:
    strength = np.sqrt(np.maximum(tiles.energy[:, 1], 1) / np.maximum(tiles.energy[:, 0], 1))
    redrawn = (tiles.likeness > ALIKE) & ~tiles.exact & (tiles.energy[:, 0] >= FLAT) & (tiles.lost < LOST)
    redrawn &= (strength < TILE_STRENGTH) & (strength > 1 / TILE_STRENGTH) & (tiles.stray <= STRAY)
    recolored = tiles.scattered < SCATTERED * np.maximum(tiles.changed, 1)
    textured = np.zeros(len(redrawn), bool)
    textured[tiles.index[tiles.index >= 0]] = tiles.textured[tiles.index >= 0]
    sideways = tiles.shift[:, 0] != 0
    return _Classes(redrawn, tiles.exact, tiles.exact & ~sideways, recolored, textured, sideways)


def _is_page_redrawn(tiles: Tiles, classes: _Classes) -> bool:
    """Whether most of what differs are letters drawn anew."""
    like = ((classes.redrawn & ~classes.recolored) | classes.snapped) & classes.textured
    count, total = int(like.sum()), len(like)
    many = count >= PAGE_TILES and count > PAGE_SHARE * total
    # Where much else changed: letters drawn anew all over a page.
    all_over = count > ANEW_LETTERS * classes.textured.sum() and count > ANEW_TEXTURED * tiles.textured.sum()
    all_over &= count >= PAGE_TILES and classes.sideways[like].mean() < HARDLY_SIDEWAYS
    if not many and not all_over and not (count >= FEW_TILES and count >= FEW_SHARE * total):
        return False
    all_of_it = like.sum() > NEARLY_ALL * tiles.textured.sum()
    if not all_of_it and classes.sideways[like].mean() >= SIDEWAYS:
        return False
    if count > CLEAR_SHARE * total:
        return True
    if all_over and np.median(tiles.remaining[like]) < PAGE_REMAINING:
        return True
    low, high = DOUBTFUL
    doubtful = (tiles.likeness >= low) & (tiles.likeness < high)
    return bool(
        np.median(tiles.remaining[like]) < PAGE_REMAINING
        and doubtful.sum() <= DOUBTFUL_SHARE * (tiles.likeness >= low).sum()
    )


def _edges_wander(tiles: Tiles, classes: _Classes) -> bool:
    """Whether edges all over a picture lie a px or two from where they were, each for itself."""
    if (tiles.index >= 0).mean() < CROWDED:
        return False
    everywhere = classes.textured.sum() > EVERYWHERE * tiles.textured.sum()
    return bool(everywhere and (tiles.lost < SLIVER).mean() > WANDERING and classes.moved.mean() < MOSTLY)


def _element(component: Component, page: _Page) -> _Element:
    x, y, w, h = component[0]
    mask = page.differing[y : y + h, x : x + w]
    rows, columns = np.nonzero(mask)
    held = np.zeros(page.tiles.index.shape, bool)
    held[(rows + y) // TILE, (columns + x) // TILE] = True
    tiles = page.tiles.index[held].astype(np.intp)
    own = _Classes(*(of[tiles] for of in page.classes))
    snaps = page.letters_snap if page.redrawn else own.textured
    explained = own.redrawn | (own.snapped & snaps)
    if page.redrawn:  # among letters drawn anew a faint stroke can gain or lose much of its strength
        explained |= page.tiles.lost[tiles] < SLIVER
    explained &= page.tiles.stray[tiles] <= STRAY
    if _is_blended(tiles, page.tiles):
        explained[:] = True
    return _Element(component, mask, tiles, explained)


def _is_blended(chosen: NDArray[np.intp], tiles: Tiles) -> bool:
    """Whether some tiles are marks of a few px whose edges alone were blended anew."""
    if not len(chosen) or tiles.exact[chosen].any():
        return False
    return bool(tiles.lost[chosen].max() < BLENDED and tiles.remaining[chosen].max() < REMAINS)


def _is_redrawn(element: _Element, page: _Page) -> bool:
    """Whether a component is letters drawn anew, but for some of its tiles."""
    tiles = element.tiles
    if not len(tiles):
        return False
    if _is_blended(tiles, page.tiles):
        return True
    own = _Classes(*(of[tiles] for of in page.classes))
    energy = page.tiles.energy[tiles].astype(np.float64).sum(axis=0)
    strength = np.sqrt(energy[1] / max(energy[0], 1))
    weak = not 1 / STRENGTH < strength < STRENGTH
    letters_only = not own.snapped.any() or (own.snapped & own.textured).sum() >= TEXTURED * own.snapped.sum()
    if page.redrawn:
        return bool((letters_only or page.letters_snap) and not (weak and len(tiles) >= LEAST_TILES))
    textured = own.textured
    sideways = own.sideways[textured].mean() if textured.any() else 0.0
    return bool(
        letters_only
        and not weak
        and len(tiles) >= LEAST_TILES
        and (~element.explained).mean() <= REST
        and sideways < SIDEWAYS
        and (np.median(page.tiles.remaining[tiles]) < REMAINING or 2 * (own.snapped & textured).sum() > len(tiles))
        and _share_around(element.component[0], page.tiles) > AROUND
    )


def _share_around(box: Box, tiles: Tiles) -> float:
    """Share of the textured tiles in and beside a box, in its rows, that differ."""
    x, y, w, h = box
    rows = slice(y // TILE, (y + h - 1) // TILE + 1)
    columns = slice(max(x // TILE - 2, 0), (x + w - 1) // TILE + 3)
    textured = tiles.textured[rows, columns]
    return float((textured & (tiles.index[rows, columns] >= 0)).sum() / max(int(textured.sum()), 1))


def _left(element: _Element, page: _Page, join: float) -> Iterator[Component]:
    """What letters drawn anew do not explain of a component."""
    rest = element.tiles[~element.explained & (page.tiles.stray[element.tiles] <= STRAY)]
    x, y, w, h = element.component[0]
    place = slice(y, y + h), slice(x, x + w)
    rows, columns = np.arange(y, y + h) // TILE, np.arange(x, x + w) // TILE
    unexplained = np.isin(page.tiles.index, rest)[np.ix_(rows, columns)] | page.lines[place]
    if not _is_blended(element.tiles, page.tiles):
        unexplained |= _other_letters(page.tiles.strokes[place])
    mask = element.mask & unexplained
    if not mask.any():
        return
    for ((left, top, width, height), area, peak, mean), own in joined_areas(
        mask, page.pair.difference[y : y + h, x : x + w], join
    ):
        box = x + left, y + top, width, height
        drifted = page.drift and are_edges(page.pair, box, own, page.drift)
        if area >= LEAST_PIXELS and not drifted:
            yield box, area, peak, mean


def _other_letters(strokes: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(h, w) bool: around strokes that one picture alone has, with the fainter ones beside: words change as a whole."""
    if strokes.max(initial=0) <= STRAY:
        return np.zeros(strokes.shape, bool)
    labels = cv2.connectedComponents((strokes > DOUBTFUL_STRAY).view(np.uint8), connectivity=8)[1]
    return np.isin(labels, np.unique(labels[strokes > STRAY]))


def _kind(element: _Element, page: _Page) -> tuple[Kind, tuple[int, int]]:
    """What sort of difference a component is, and by how many px it moved."""
    tiles = element.tiles
    if not len(tiles):
        return "content", (0, 0)
    moved = page.classes.moved[tiles]
    if moved.mean() > MOSTLY:
        steps = page.tiles.shift[tiles[moved]]
        codes = shift_codes(steps)
        x, y = steps[(codes == np.bincount(codes).argmax()).argmax()].tolist()
        return "moved", (x, y)
    changed, scattered = (float(of[tiles].sum()) for of in (page.tiles.changed, page.tiles.scattered))
    # Among letters drawn anew a tile or two can look recolored by chance.
    proved = not page.redrawn or len(tiles) >= LEAST_TILES
    # Where nothing is left, every shade became one shade, too.
    kind = _one_sided(element.component[0], page.pair)
    # Whatever became much brighter left little beside that change; what shapes were there must be there still.
    shapes = WINDOW * WINDOW * float(page.tiles.energy[tiles, 1].sum()) + len(tiles)
    if kind == "content" and proved and changed and scattered < MOSTLY_RECOLORED * min(changed, shapes):
        kind = "recolored"
    return kind, (0, 0)


def _one_sided(box: Box, pair: RegisteredPair) -> Kind:
    """`added` or `removed` where one picture shows nothing but the ground around a box, else `content`."""
    empty = [is_ground(picture, box) for picture in (pair.reference, pair.candidate)]
    return "content" if empty[0] == empty[1] else "added" if empty[0] else "removed"


def is_ground(picture: NDArray[Any], box: Box) -> bool:
    """Whether a box in an (H, W, C) picture is all but of the colour that lies around it."""
    x, y, w, h = box
    left, top = max(x - RIM, 0), max(y - RIM, 0)
    around = picture[top : y + h + RIM, left : x + w + RIM]
    rim = np.ones(around.shape[:2], bool)
    rim[y - top : y - top + h, x - left : x - left + w] = False
    if not rim.any():
        return False
    ground = np.median(around[rim], axis=0)
    low, high = ground - EXACT, ground + EXACT
    if picture.dtype == np.uint8:  # to which OpenCV rounds the bounds of bytes
        low, high = np.ceil(low), np.floor(high)
    like = cv2.inRange(picture[y : y + h, x : x + w], low, high)
    return cv2.countNonZero(like) > BACKGROUND * like.size
