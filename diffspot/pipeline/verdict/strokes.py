"""Scans in black and white: which strokes of one page the other lacks, where the edges of all wander.

A threshold makes a few grey levels of noise a px of ink or none, so nearly every edge of a scanned or faxed page lies
elsewhere and thin strokes break. As densities, blurred by about the width of a pen, both pages are the same wherever
the same strokes lie; a digit that became another one is not. How unlike same strokes are is told by those all over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.areas import joined_areas
from diffspot.pipeline.sampling import median
from diffspot.pipeline.verdict.displacement import CELL, aligned_to
from diffspot.pipeline.verdict.far import far_strokes
from diffspot.pipeline.verdict.interface import Judged, Tally
from diffspot.pipeline.verdict.lone import WINDOW
from diffspot.pipeline.verdict.tiles import brightness, cell_maximum

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.pair import RegisteredPair

END = 8
"""Grey levels from black or white that count as such."""
GREY = 0.001
"""Share of other px of a picture in black and white."""
SAMPLED = 64
"""Rows apart that are looked at first: nearly every other picture shows grey there."""
PEN = 1.2
"""Px, sigma of the densities: a stroke of text of 10 to 20 px is two or three px wide."""
MOST_WIDE = 0.7
"""Share of the ink that lies in shapes wider than a window: of text, rules, stamps and bars up to half; of conductors
of a board, whose notches and pinholes are smaller than a stroke, nine tenths."""
ASIDE = 1
"""Px to which either edge of such a conductor wanders where it is narrowest."""
LEAST_CELLS = 32
"""Cells with edges that tell how strokes wander: some words."""
EVERYWHERE = 0.6
"""Share of the cells with edges in which a page differs whose edges wander; of scans nine tenths do, of a page with
changes few."""
STEP = 0.33
"""Density by which an edge changes that lies a px aside: the peak of a Gaussian of sigma PEN. Same strokes are not that
unlike all over a window, however they wander."""
LEAST = 0.22
"""Root of the mean square of densities that both edges of a stroke a px aside leave in a window: no change alone."""
TAIL = 0.99
"""Of the cells whose strokes are the same, share that tells how far these wander; the strongest of hundreds exceeds it
by a third at most, of pages drawn with noise, blur and turns."""
BEYOND = 1.4
"""Times that a stroke must leave which is another one."""
BODY, ABOVE = 0.25, 3.2
"""Share of all cells below which none is changed, and times what they show beyond which a cell says nothing of the
wander: of pages drawn with noise and turned one cell in a hundred shows 2.2 times as much. So changes all over half of
a page hide none of them."""
FAINTER = 0.75
"""Of that, what is left of the other strokes of a word that became another one; same strokes leave half in the mean."""
LETTER = 40
"""Px, sides of the largest letter; a region holds those that it touches, but no frame."""
HALF = 0.5
"""Density from which a px is ink."""
STEPS = 512
"""Densities that are told apart: twice the grey levels."""


def is_bilevel(picture: NDArray[Any]) -> bool:
    """Whether an (H, W, C) picture is in black and white: a scan of 1 bit, however it is stored."""
    if picture.dtype != np.uint8:
        return False
    rows = picture.reshape(len(picture), -1)
    return _has_no_grey(np.ascontiguousarray(rows[::SAMPLED])) and _has_no_grey(rows)


def _has_no_grey(samples: NDArray[Any]) -> bool:
    grey = cv2.inRange(samples, END + 1, 254 - END)
    return cv2.countNonZero(grey) <= GREY * grey.size


class _Strokes(NamedTuple):
    """What two pages in black and white show.

    Attributes:
        ink: (H, W) bool, where either has ink.
        apart: (H, W) float32 in [0, 1], by how much the densities of both differ.
        unlike: (H, W) float32, root of the mean square of that over a window.
        usual: of each cell with edges that is compared, the most that it is unlike, (N,).
        far: (H, W) bool, hairlines that one alone has.
    """

    ink: NDArray[np.bool_]
    apart: NDArray[Any]
    unlike: NDArray[Any]
    usual: NDArray[Any]
    far: NDArray[np.bool_]


def judge_strokes(pair: RegisteredPair, *, limit: float, join: float) -> tuple[list[Judged], Tally] | None:
    """Judges what differs between two scans in black and white.

    Args:
        pair: a single one, on the host; the candidate was in black and white before it was laid.
        limit: grey levels that make a pixel differ.
        join: px; what lies closer is one region.

    Returns:
        The strokes that one page alone has, and the count of the px that differ besides; None where this is no such
        pair, its edges lie still, or the pages have little in common.
    """
    if not is_bilevel(pair.reference):
        return None
    differing = (pair.difference > limit) & pair.valid
    strokes = _read(pair, differing)
    if strokes is None or median(strokes.usual) > STEP:
        return None
    mask = _whole_letters(_others(strokes, join), strokes.ink) & pair.valid
    if pair.ignored is not None:
        mask &= ~pair.ignored
    judged = [Judged(part) for part, _ in joined_areas(mask, 255 * strokes.apart, join)]
    return judged, _rest(judged, differing, pair, join)


def _read(pair: RegisteredPair, differing: NDArray[np.bool_]) -> _Strokes | None:
    """What both pages show; None where these are no strokes, or too few edges differ to wander."""
    one, other = (brightness(picture) for picture in (pair.reference, pair.candidate))
    inks = [light.astype(np.float32) / 255 for light in (one, other)]
    if np.median(inks[0]) > HALF:  # ink is what there is less of
        inks = [1 - ink for ink in inks]
    one, other = (_density(ink) for ink in inks)
    hidden = ~pair.valid if pair.ignored is None else ~pair.valid | pair.ignored
    silent = hidden | _bars(one, other) | _bars(other, one)  # a bar on one page alone is what changed
    shown = [np.where(silent, np.float32(0), density) for density in (one, other)]
    if not all(map(_is_written, shown)) or _are_conductors(one, other):
        return None
    seen = cell_maximum(hidden.astype(np.uint8), CELL) == 0
    first, second = (seen & _has_edges(density) for density in (one, other))
    edges, common = first | second, first & second
    if common.sum() < LEAST_CELLS or cell_maximum(differing.astype(np.uint8), CELL)[edges].mean() < EVERYWHERE:
        return None
    laid = aligned_to(shown[0], shown[1], inks[1])
    densities = one, _density(laid)
    far = far_strokes(inks[0] > HALF, laid > HALF, densities, ~hidden)
    other = _as_dark(densities[1], one, common)
    ink = np.maximum(one, other) > STEP
    apart = np.abs(one - other)
    unlike = np.sqrt(np.maximum(cv2.blur(apart * apart, (WINDOW, WINDOW)), 0))
    return _Strokes(ink, apart, unlike, cell_maximum(unlike, CELL)[edges], far)


def _density(ink: NDArray[Any]) -> NDArray[Any]:
    return cv2.GaussianBlur(ink, (0, 0), PEN)


def _has_edges(density: NDArray[Any]) -> NDArray[np.bool_]:
    """Which cells hold edges, (rows, columns)."""
    return np.asarray(cell_maximum(density, CELL) + cell_maximum(-density, CELL) > STEP)


def _wide(density: NDArray[Any], width: int = WINDOW) -> NDArray[np.uint8]:
    """(H, W) of shapes wider than so many px."""
    ink = (density > HALF).astype(np.uint8)
    return np.asarray(cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((width, width), np.uint8)), np.uint8)


def _bars(density: NDArray[Any], other: NDArray[Any]) -> NDArray[np.bool_]:
    """(H, W) bool: wide shapes that one page alone has, and what lies beside: these would pull at what lies near by."""
    near = np.ones((WINDOW, WINDOW), np.uint8)
    alone = (_wide(density) > 0) & (cv2.dilate(_wide(other), near) == 0)
    return np.asarray(cv2.dilate(alone.astype(np.uint8), near) > 0)


def _is_written(density: NDArray[Any], width: int = WINDOW) -> bool:
    """Whether most ink is strokes of so many px at most."""
    return cv2.countNonZero(_wide(density, width)) <= MOST_WIDE * int(np.count_nonzero(density > HALF))


def _are_conductors(one: NDArray[Any], other: NDArray[Any]) -> bool:
    """Whether most ink is shapes as wide as a window, which are narrower where their edges wander to both sides."""
    near = any(_is_written(density, WINDOW - 2 * ASIDE) for density in (one, other))
    return not near and not all(map(_is_written, (one, other)))


def _others(strokes: _Strokes, join: float) -> NDArray[np.bool_]:
    """(H, W) bool: strokes that one page alone has, and fainter ones beside them, as of a word."""
    bar, window = _bar(strokes.usual), np.ones((WINDOW, WINDOW), np.uint8)
    sure, faint = (
        (cv2.dilate((strokes.unlike > least).astype(np.uint8), window) > 0) & (strokes.apart > STEP)
        for least in (bar, FAINTER * bar)
    )
    kept = strokes.far.copy()
    for ((x, y, w, h), *_), own in joined_areas(faint, 255 * strokes.apart, join):
        place = slice(y, y + h), slice(x, x + w)
        if (sure[place] & own).any():
            kept[place] |= own & faint[place]
    return kept


def _whole_letters(mask: NDArray[np.bool_], ink: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """A mask with the letters that it touches: of two digits most strokes are the same."""
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    touched = np.zeros(len(boxes), bool)
    touched[np.unique(labels[mask])] = True
    touched &= boxes[:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1].max(axis=1) <= LETTER
    touched[0] = False
    return np.asarray(mask | touched[labels])


def _as_dark(density: NDArray[Any], like: NDArray[Any], common: NDArray[np.bool_]) -> NDArray[Any]:
    """A density with the distribution of another one: another threshold made all strokes bolder or finer.

    Cells in which both have strokes tell it: what one page alone has says nothing of the others.
    """
    steps, height, width = np.arange(STEPS) / STEPS, *density.shape
    told = common.repeat(CELL, axis=0).repeat(CELL, axis=1)[:height, :width]
    before, after = (
        np.cumsum(np.histogram(plane[told].clip(0, 1), bins=STEPS, range=(0, 1))[0]) / np.count_nonzero(told)
        for plane in (density, like)
    )
    levels = np.interp(before, after, steps)
    dark = np.full(density.shape, levels[0], np.float32)
    written = density > 0  # of most px nothing is
    dark[written] = np.interp(density[written], steps, levels)
    return dark


def _bar(usual: NDArray[Any]) -> float:
    """How unlike strokes are that are others, from the cells whose strokes are the same."""
    most = ABOVE * float(np.quantile(usual, BODY))
    return max(LEAST, min(most, STEP, BEYOND * float(np.quantile(usual[usual <= most], TAIL))))


def _rest(judged: list[Judged], differing: NDArray[np.bool_], pair: RegisteredPair, join: float) -> Tally:
    """The count of what differs and no region has, place by place."""
    tally, rest = Tally(), differing if pair.ignored is None else differing & ~pair.ignored
    for x, y, w, h in (one.box for one in judged):
        rest[y : y + h, x : x + w] = False
    for (box, area, *_), _ in joined_areas(rest, pair.difference, join):
        tally.add("noise", box, area)
    return tally
