"""Which lines of text were drawn anew: from the first letter to the last, with as much ink, and enough of them.

Another rasteriser draws a line as a whole. Who changes a letter leaves those before it equal to the bit, while those
behind it slide by a part of a px, which looks like letters drawn anew. A lone icon or picture says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diffspot.pipeline.verdict.anew import MASS, ink
from diffspot.pipeline.verdict.tiles import TILE
from diffspot.pipeline.verdict.words import LOWEST, connected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.tiles import Tiles
    from diffspot.pipeline.verdict.words import Edges

GAP = 13
"""Px across which words are one line: a quarter of type of 52 px, as spaces are; of larger type words are lines."""
TALLEST = 96
"""Px of the tallest line, a heading at two pixels a point."""
LEAST_LETTERS = 4.0
"""Columns that show letters, in heights of their lines: eight letters; two icons beside each other have 2.3."""
MOST_STILL = 1.0
"""The same of the letters at the ends of a line that stayed equal: two letters, where a line was drawn anew; a lone
stem that lies on whole px does. Where the third letter of a line was changed it is 1.4."""
SAME = 0.6
"""Share of the tiles of a line that are letters drawn anew where it is the same line."""
REMAINS = 0.2
"""Share of the contrast that blending letters anew leaves, which for another letter is too little."""


class _Line(NamedTuple):
    """A line of text.

    Attributes:
        box: around it.
        changed: (h, w) bool, where it differs.
        letters: columns that show letters, in heights of the line; about half the number of letters.
        redrawn: those that differ.
        still: those at its ends that are equal.
    """

    box: Box
    changed: NDArray[np.bool_]
    letters: float
    redrawn: float
    still: float


class Lines(NamedTuple):
    """What the lines of text say about N tiles, (N,) bool each.

    Attributes:
        whole: on lines that were drawn anew as a whole; none where these have too few letters.
        part: on lines of which letters stayed.
    """

    whole: NDArray[np.bool_]
    part: NDArray[np.bool_]


def no_lines(tiles: Tiles) -> Lines:
    """What no lines of text say."""
    return Lines(*(np.zeros(len(tiles.likeness), bool) for _ in Lines._fields))


def read_lines(
    pair: RegisteredPair, differing: NDArray[np.bool_], edges: Edges, tiles: Tiles, like: NDArray[np.bool_]
) -> Lines:
    """Reads the lines of text of a page.

    Args:
        pair: on the host, levels.
        differing: (H, W) bool.
        edges: of its pictures.
        tiles: in which it differs.
        like: (N,) bool, which of them could be letters drawn anew.
    """
    part, whole, letters = no_lines(tiles).part, [no_lines(tiles).whole for _ in range(2)], [0.0, 0.0]
    lines = list(_find_lines(pair, differing, edges))
    masses = [_mass(pair, line) for line in lines]
    usual = float(np.median(masses)) if masses else 0.0
    for line, mass in zip(lines, masses, strict=True):
        if not line.changed.any():
            continue
        rows, columns = np.nonzero(line.changed)
        held = np.unique(tiles.index[(rows + line.box[1]) // TILE, (columns + line.box[0]) // TILE])
        # Clear lines are told by clear ones alone: letters are blended a little differently for many reasons.
        faint = int(tiles.remaining[held].max() < REMAINS)
        if line.still > MOST_STILL and not faint:
            part[held] = True
            continue
        same = like[held].mean() > SAME
        if not same or abs(mass - usual) <= MASS:  # other letters have other ink
            whole[faint][held] = True
            letters[faint] += same * (line.letters if faint else line.redrawn)
    enough = [of & (sum_of >= LEAST_LETTERS) for of, sum_of in zip(whole, letters, strict=True)]
    return Lines(enough[0] | enough[1], part)


def _find_lines(pair: RegisteredPair, differing: NDArray[np.bool_], edges: Edges) -> Iterator[_Line]:
    """The lines of text of a page."""
    for (x, y, w, h), own in connected(edges.either, GAP, TALLEST):
        if h < LOWEST:
            continue
        place = slice(y, y + h), slice(x, x + w)
        changed = differing[place] & own
        letters: NDArray[np.bool_] = np.any(edges.either[place].view(bool) & own, axis=0)
        still = 0.0
        if changed.any():
            other = np.flatnonzero(np.any((pair.difference[place] > 0) & own, axis=0))
            still = float(letters[: other[0]].sum() + letters[other[-1] + 1 :].sum())
        redrawn = np.count_nonzero(changed.any(axis=0))
        yield _Line((x, y, w, h), changed, np.count_nonzero(letters) / h, redrawn / h, still / h)


def _mass(pair: RegisteredPair, line: _Line) -> float:
    """Natural logarithm of the ratio of the ink of a line; 0 where it is unchanged, or its ground is uneven."""
    if not line.changed.any():
        return 0.0
    one, other = (ink(picture, line.box) for picture in (pair.reference, pair.candidate))
    if one is None or other is None:
        return 0.0
    before, after = (float(np.abs(of[1]).sum()) for of in (one, other))
    return float(np.log(max(after, 1.0) / max(before, 1.0)))
