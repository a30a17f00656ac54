"""Words that were slanted: their upper half moved along the line against their lower half, as no rasteriser moves it.

Another rasteriser or hinting moves letters as a whole. Slanted type that is made from upright one, as browsers and most
sans serif faces make it, is upright type of which each row lies further aside than the one below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.pipeline.sampling import median
from diffspot.pipeline.verdict.tiles import brightness
from diffspot.pipeline.verdict.words import GAP, LONG, LOWEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from diffspot.model import Box
    from diffspot.pipeline.verdict.twins import Laid

TALLEST = 96
"""Px of the tallest word: a heading at two pixels a point."""
REACH = 3
"""Px by which either half is laid aside, in halves of a px: a slant of 12 degrees moves those of type of 40 px by 2 px
each."""
SLANT = 0.5
"""Px by which the halves of a word lie aside from each other, at least; of small type 0.75."""
GAIN, RATIO = 0.03, 1.4
"""Squares that laying each half for itself explains beside laying both as one, of those of the ink, at least; and how
many times as much the latter leaves. Of 5101 words drawn anew none reaches 0.02 with that ratio, and of 163 slanted
ones 160 reach 0.05 with 1.5."""


def slanted(reference: NDArray[Any], candidate: NDArray[Any], words: Iterable[Laid]) -> Iterator[Box]:
    """The boxes of the words that are slanted in one picture alone.

    Args:
        reference: (H, W, C) uint8 levels.
        candidate: (H, W, C) uint8 levels.
        words: as they lie in it, within `REACH`.
    """
    one, other = brightness(reference), brightness(candidate)
    for word in words:
        _, _, w, h = word.box
        if LOWEST <= h <= TALLEST and w - GAP + 1 >= LONG * h and _is_slanted(one, other, word):
            yield word.box


def _is_slanted(one: NDArray[Any], other: NDArray[Any], word: Laid) -> bool:
    x, y, w, h = word.box
    rows = np.arange(y + word.down, y + h + word.down).clip(0, len(one) - 1)
    ends = np.repeat(word.columns[[0, -1]], REACH)
    columns = np.arange(x - REACH, x + w + REACH) + np.concatenate([ends[:REACH], word.columns, ends[REACH:]])
    mine = _ink(one[y : y + h, x : x + w])
    around = _ink(other[rows][:, columns.clip(0, one.shape[1] - 1)])
    power, own = (np.square(each).sum(axis=1) for each in (mine, around[:, REACH:-REACH]))
    if np.square(around[:, REACH:-REACH] - mine).sum() <= GAIN * min(power.sum(), own.sum()):
        return False  # as laying both halves as one leaves no more than that
    middle = int(np.searchsorted(np.cumsum(power), power.sum() / 2))  # half of the ink is above
    if not 2 <= middle <= h - 2:  # noqa: PLR2004  rows that show a stroke
        return False
    between = np.asarray((around[:, 1:] + around[:, :-1]) / 2, np.float32)
    steps = [plane[:, right : right + w] for right in range(2 * REACH) for plane in (around, between)]
    laid: NDArray[np.float32] = np.stack([*steps, around[:, 2 * REACH :]])
    left = np.square(laid - mine).sum(axis=2)
    halves = np.s_[:middle], np.s_[middle:]
    upper, lower = (left[:, half].sum(axis=1) / max(min(power[half].sum(), own[half].sum()), 1.0) for half in halves)
    together, apart = float((upper + lower).min()) / 2, float(upper.min() + lower.min()) / 2
    aside = abs(int(upper.argmin()) - int(lower.argmin())) / 2
    return aside >= SLANT and together - apart > GAIN and together > RATIO * apart


def _ink(word: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Levels of a word less its ground, which its first and last rows show."""
    levels = np.asarray(word, np.float32)
    return np.asarray(levels - np.float32(median(levels[[0, -1]].ravel())), np.float32)
