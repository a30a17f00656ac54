"""The verdict on rendered pictures: most of a page is equal to the bit, so what differs says why.

Letters that another rasteriser drew keep their shapes within a px and their strength, and the letters around them were
drawn anew too. Another colour maps each shade to one shade. What moved by whole px is equal to the bit where it went.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.areas import covering, joined_areas
from diffspot.pipeline.sampling import medians
from diffspot.pipeline.verdict.anew import other_letters
from diffspot.pipeline.verdict.aside import with_moved
from diffspot.pipeline.verdict.edges import are_edges, is_little, touching, unexplained
from diffspot.pipeline.verdict.groups import holds, overlap
from diffspot.pipeline.verdict.inks import is_tinted
from diffspot.pipeline.verdict.interface import Judged, Tally
from diffspot.pipeline.verdict.lines import REMAINS
from diffspot.pipeline.verdict.moved import join_moved
from diffspot.pipeline.verdict.page import (
    LEAST_PLACES,
    MOSTLY,
    SIDEWAYS,
    SLIVER,
    STRAY,
    TEXTURED,
    Classes,
    read_page,
)
from diffspot.pipeline.verdict.predicted import find_unlike
from diffspot.pipeline.verdict.ruled import read_ruled
from diffspot.pipeline.verdict.subpixel import without_subpixel
from diffspot.pipeline.verdict.tiles import EXACT, TILE, WINDOW
from diffspot.pipeline.verdict.wandering import edges_wander
from diffspot.pipeline.verdict.windows import shift_codes

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.model import Box, Kind
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.anew import Anew
    from diffspot.pipeline.verdict.edges import Drift
    from diffspot.pipeline.verdict.page import Page
    from diffspot.pipeline.verdict.tiles import Tiles

STRENGTH = 1.15
"""Ratio of the standard deviations over a component, either way, that a rasteriser can cause: bold letters start at
1.25, rasterisers end at 1.09."""
MOSTLY_RECOLORED = 0.4
"""Share of the change that a line from shade to shade leaves, over a whole component."""
REMAINING = 0.6
"""Share of the contrast that letters drawn anew differ by at most, in the median; other letters differ by all of it."""
BLENDED = 0.03
"""Share of the contrast that blending a mark anew loses, and leaves `REMAINS`; 8 levels of any colour lose more."""
LEAST_TILES, REST = 3, 0.05
"""Tiles of a redrawn word, and the share of them that may be something else."""
LEAST_PIXELS = 4
"""Px of what is left of a component; fewer are anti-aliasing."""
CORNER, FAINT_CORNER = 32, 0.2
"""Px of a border's rounded corner that came to lie between pixels, and the score that it stays below."""
ONE_WAY = 0.25
"""Share of the px that went the other way, brighter or darker, than most of them: another colour of text or of its
ground leaves 0.01, bars that were blended anew 0.47."""
BACKGROUND = 0.9
"""Share of a box that is of the colour around it where nothing is drawn."""
RIM = 3
"""Px around a box that show its ground."""


class _Element(NamedTuple):
    """A component: its pixels in its box, its tiles, and which of them letters drawn anew explain."""

    component: Component
    mask: NDArray[np.bool_]
    tiles: NDArray[np.intp]
    explained: NDArray[np.bool_]


def judge_rendered(
    components: Sequence[Component],
    pair: RegisteredPair,
    *,
    limit: float,
    join: float,
    laid: bool,
    by_words: bool,
    drift: Drift | None,
) -> tuple[list[Judged], Tally] | None:
    """Judges the components of a rendered pair.

    Args:
        components: of the mask without tolerance.
        pair: a single one, on the host.
        limit: grey levels that make a pixel differ.
        join: px; parts of what is left of a component that lie closer are one.
        laid: whether parts of the candidate were moved to lie over the reference, each for itself.
        by_words: whether its letters lie as they were drawn, by whole px from where they were, so that words tell.
        drift: of its lines of text, each of which was laid on its own; None where that was not so.

    Returns:
        What nothing explains, and the count of what was explained; None where edges wander all over the picture: then
        nothing is equal to the bit that could tell why the rest differs.
    """
    before = Tally()
    if laid:
        components = [
            part for one in components for part in _off_edges(one, pair, before, drift, limit=limit, join=join)
        ]
    if not components:
        return [], before
    differing = _differing(components, pair, limit)
    # Of a page that was laid, `are_edges` has explained them.
    ruled = read_ruled(pair, np.zeros_like(differing) if laid else differing)
    # What lines say of the page spares asking its letters, which takes longer.
    page = None if ruled.redrawn else read_page(differing, pair, ruled, drift, by_words=by_words)
    if ruled.anew.any() and (page is None or page.redrawn):
        for (box, area, *_), _ in joined_areas(ruled.anew, pair.difference, join):
            before.add("rendering", box, area)
        differing &= ~ruled.anew
        components = [part for part, _ in joined_areas(differing, pair.difference, join)]
        if not components:
            return [], before
        page = None
    page = page or read_page(differing, pair, ruled, drift, by_words=by_words)
    if not page.redrawn and edges_wander(pair, page.tiles, page.classes.told):
        return None
    judged, tally = _judge_page(components, page, join, by_words=by_words)
    return judged, Tally([*before.places, *tally.places])


def _judge_page(
    components: Sequence[Component], page: Page, join: float, *, by_words: bool
) -> tuple[list[Judged], Tally]:
    """Judges components by their tiles, by words, and by what one blend of the px around leaves."""
    judged, tally = _judge_components(components, page, join)
    if page.anew is not None:
        judged = _with_words(judged, page, page.anew, join)
    if page.redrawn and by_words:
        judged = _with_unlike(judged, page, join)
    if by_words:
        judged, tally = without_subpixel(judged, tally, page.pair, page.differing, redrawn=page.redrawn)
    if page.anew is not None:
        tally = _explained_anew(judged, page, page.anew.changed, join)
    judged, tiles = with_moved(judged, page.pair), page.tiles
    return join_moved(judged, lambda: (tiles.textured & (tiles.index < 0), tiles.index >= 0)), tally


def _differing(components: Sequence[Component], pair: RegisteredPair, limit: float) -> NDArray[np.bool_]:
    """(H, W) bool: px in the boxes of components that differ by more than so many levels."""
    inside = covering((box for box, *_ in components), pair.valid.shape)
    differing = np.asarray((pair.difference > limit) & pair.valid & inside)
    return differing if pair.ignored is None else differing & ~pair.ignored


def _judge_components(components: Sequence[Component], page: Page, join: float) -> tuple[list[Judged], Tally]:
    """Judges components by their tiles; where tiles do not know the letters of a page, only what lies beside words."""
    judged, tally = [], Tally()
    if page.anew is not None and not page.alike:
        page = replace(page, differing=page.differing & ~page.anew.text)
        parts = joined_areas(page.differing, page.pair.difference, join)
        components = [part for part, _ in parts if part[1] >= LEAST_PIXELS]
    for component in components:
        element = _element(component, page)
        kind, offset = _kind(element, page)
        if kind != "recolored" and _is_redrawn(element, page):
            left = [Judged(part) for part in _left(element, page, join)]
            judged += left
            tally.add("rendering", component[0], int(element.mask.sum()) - sum(part.component[1] for part in left))
        else:
            judged.append(Judged(component, kind, offset))
    return judged, tally


def _covered(judged: list[Judged], page: Page) -> NDArray[np.bool_]:
    """(H, W) bool: what lies in the box of any that was judged."""
    return covering((one.box for one in judged), page.differing.shape)


def _with_unlike(judged: list[Judged], page: Page, join: float) -> list[Judged]:
    """What was judged on a page drawn anew, and what no blend of its px explains besides."""
    unlike = find_unlike(page.pair, page.differing, _covered(judged, page))
    if page.anew is not None:  # letters that are drawn so all over the page are no change
        unlike = touching(unlike & ~page.anew.same, unlike)
    # As many places as say that a page was drawn anew are words that were rounded to px, each for itself.
    if unlike.any() and len(list(joined_areas(unlike, page.pair.difference, join))) < LEAST_PLACES:
        return _with_parts(judged, page, unlike, join)
    return judged


def _explained_anew(judged: list[Judged], page: Page, anew: NDArray[np.bool_], join: float) -> Tally:
    """The count of what differs on a page drawn anew and no region has, place by place."""
    tally, explained = Tally(), page.differing & ~anew & ~_covered(judged, page)
    for (box, area, *_), _ in joined_areas(explained, page.pair.difference, join):
        tally.add("rendering", box, area)
    return tally


def _with_words(judged: list[Judged], page: Page, anew: Anew, join: float) -> list[Judged]:
    """What tiles found on a page and its words do not explain, and what else changed in its words."""
    kept = []
    for one in judged:
        x, y, w, h = one.box
        mask = page.differing[y : y + h, x : x + w]
        if not anew.explains(one.component, mask, certain=page.alike and one.kind == "content"):
            kept.append(one)
    return _with_parts(_with_parts(kept, page, *anew.restyled), page, anew.changed, join)


def _with_parts(judged: list[Judged], page: Page, changed: NDArray[np.bool_], join: float) -> list[Judged]:
    """What was judged, and what else changed, (H, W) bool."""
    kept = judged
    if not changed.any():  # which takes less than to look for its parts
        return kept
    for part, _ in joined_areas(changed, page.pair.difference, join):
        if part[1] < LEAST_PIXELS:
            continue
        kept = [one for one in kept if not holds(part[0], one.box)]
        if not any(overlap(part[0], one.box) for one in kept):
            kept.append(Judged(part, *_kind(_element(part, page), page)))
    return kept


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
    parts = [
        ((x + a, y + b, c, d), area, peak, mean)
        for ((a, b, c, d), area, peak, mean), _ in joined_areas(left, pair.difference[place], join)
        if area >= LEAST_PIXELS and not (area <= CORNER and peak < FAINT_CORNER)
    ]
    tally.add("rendering", component[0], int(mask.sum()) - sum(area for _, area, *_ in parts))
    return parts


def _element(component: Component, page: Page) -> _Element:
    x, y, w, h = component[0]
    mask = page.differing[y : y + h, x : x + w]
    rows, columns = np.nonzero(mask)
    held = np.zeros(page.tiles.index.shape, bool)
    held[(rows + y) // TILE, (columns + x) // TILE] = True
    tiles = page.tiles.index[held].astype(np.intp)
    own = Classes(*(of[tiles] for of in page.classes))
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


def _is_redrawn(element: _Element, page: Page) -> bool:
    """Whether a component is letters drawn anew, but for some of its tiles."""
    tiles = element.tiles
    if not len(tiles):
        return False
    if _is_blended(tiles, page.tiles):
        return True
    if is_tinted(page.pair, element.component[0], element.mask) or page.is_part(tiles):
        return False
    own = Classes(*(of[tiles] for of in page.classes))
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
        and textured.any()
        and page.is_whole(tiles[textured])
    )


def _left(element: _Element, page: Page, join: float) -> Iterator[Component]:
    """What letters drawn anew do not explain of a component."""
    rest = element.tiles[~element.explained & (page.tiles.stray[element.tiles] <= STRAY)]
    x, y, w, h = element.component[0]
    place = slice(y, y + h), slice(x, x + w)
    rows, columns = np.arange(y, y + h) // TILE, np.arange(x, x + w) // TILE
    unexplained = np.isin(page.tiles.index, rest)[np.ix_(rows, columns)] | page.lines[place]
    if page.anew is None:  # which knows of words
        slanted = page.slanted()[place]
        mostly = 2 * np.count_nonzero(slanted & element.mask) > np.count_nonzero(element.mask)
        unexplained |= slanted | mostly  # with its short words, which do not tell
    if not _is_blended(element.tiles, page.tiles):
        unexplained |= other_letters(page.tiles.strokes[place], STRAY)
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


def _kind(element: _Element, page: Page) -> tuple[Kind, tuple[int, int]]:
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
    mapped = proved and changed and scattered < MOSTLY_RECOLORED * min(changed, shapes)
    if kind == "content" and mapped and not (page.redrawn and _is_softened(element, page.pair)):
        kind = "recolored"
    return kind, (0, 0)


def _is_softened(element: _Element, pair: RegisteredPair) -> bool:
    """Whether what is dark became brighter and what is bright darker, as blending anew makes bars of 2 px."""
    x, y, w, h = element.component[0]
    r, c = (side[y : y + h, x : x + w][element.mask].astype(np.float32) for side in (pair.reference, pair.candidate))
    brighter = float(np.mean((c - r).sum(axis=1) > 0))
    return bool(element.explained.all()) and ONE_WAY <= brighter <= 1 - ONE_WAY


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
    ground = medians(around[rim])
    low, high = ground - EXACT, ground + EXACT
    if picture.dtype == np.uint8:  # to which OpenCV rounds the bounds of bytes
        low, high = np.ceil(low), np.floor(high)
    like = cv2.inRange(picture[y : y + h, x : x + w], low, high)
    return cv2.countNonZero(like) > BACKGROUND * like.size
