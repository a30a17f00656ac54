"""Which lines of text were drawn anew: from the first letter to the last, with as much ink, and enough of them.

Another rasteriser draws a line as a whole. Who changes a letter leaves those before it equal to the bit, while those
behind it slide by a part of a px, which looks like letters drawn anew. A lone icon or picture says nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diffspot.pipeline.sampling import median
from diffspot.pipeline.verdict.inks import MASS, ink
from diffspot.pipeline.verdict.tiles import TILE
from diffspot.pipeline.verdict.words import LOWEST, Connected

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.tiles import Tiles
    from diffspot.pipeline.verdict.words import Edges

GAP = 13
"""Px across which words are one line: a quarter of type of 52 px, as spaces are; of larger type words are lines."""
TALLEST = 96
"""Px of the tallest line, a heading at two pixels a point."""
LEAST_TILES = 3
"""Tiles that could be letters drawn anew, at least: eight letters take no fewer, and most pairs have less."""
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
    part, letters = np.zeros(len(like), bool), [0.0, 0.0]
    whole = [part.copy(), part.copy()]
    lines, unchanged = _find_lines(pair, differing, edges) if like.sum() >= LEAST_TILES else ([], 0)
    if not lines:
        return Lines(part, part)
    masses = [_mass(pair, line.box) for line in lines]
    usual = median(np.array([*masses, *[0.0] * unchanged]))
    for line, mass in zip(lines, masses, strict=True):
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


def _find_lines(pair: RegisteredPair, differing: NDArray[np.bool_], edges: Edges) -> tuple[list[_Line], int]:
    """The lines of text of a page in which it differs, and how many others there are."""
    lines, unchanged = [], 0
    parts = Connected(edges.either, GAP)
    for number, (x, y, w, h) in enumerate(parts.boxes):
        if not LOWEST <= h <= TALLEST:
            continue
        place = slice(y, y + h), slice(x, x + w)
        changed = differing[place]
        if changed.any():  # as in few, so that for the others their own px need not be told
            own = parts.own(number)
            changed = changed & own
        if not changed.any():
            unchanged += 1
            continue
        letters: NDArray[np.bool_] = np.any(edges.either[place].view(bool) & own, axis=0)
        other = np.flatnonzero(np.any((pair.difference[place] > 0) & own, axis=0))
        still = np.count_nonzero(letters[: other[0]]) + np.count_nonzero(letters[other[-1] + 1 :])
        redrawn = np.count_nonzero(changed.any(axis=0))
        lines.append(_Line((x, y, w, h), changed, np.count_nonzero(letters) / h, redrawn / h, still / h))
    return lines, unchanged


def _mass(pair: RegisteredPair, box: Box) -> float:
    """Natural logarithm of the ratio of the ink of a line; 0 where its ground is uneven."""
    one, other = (ink(picture, box) for picture in (pair.reference, pair.candidate))
    if one is None or other is None:
        return 0.0
    before, after = (float(np.abs(of[1]).sum()) for of in (one, other))
    return float(np.log(max(after, 1.0) / max(before, 1.0)))
