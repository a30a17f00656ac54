"""Whether the edges of a crisp picture wander, as those of boards and prints do: no two of them lie in the same places.

All over such a picture shapes are the same, but their edges lie a px or two from where they were, now to one side and
now to the other, so that what was straight is not. A page that was drawn anew keeps its lines and boxes straight.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.pipeline.verdict.ruled import STRAIGHT, along, sides_along
from diffspot.pipeline.verdict.tiles import brightness, cell_maximum, lost

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.tiles import Tiles

LEAST_TILES = 64
"""Tiles with edges that differ at least: an icon has fewer, whose shapes say nothing of how a picture was made."""
EVERYWHERE = 0.85
"""Share of the textured tiles that differ; of a page with changes most are equal to the bit."""
ALIKE = 0.9
"""Correlation of tiles within a px, in the median: 0.92 and more where edges wander by up to 3 px; of pages all of
whose words are others 0.8 at most."""
FURTHEST, SLIVER = 2, 0.25
"""Px of movement that most tiles are explained by, and share of the contrast that it leaves of an edge at most."""
WANDERING, MOSTLY = 0.7, 0.7
"""Share of the tiles that differ which such movement explains; and share of them, moved by one px as a whole or of
another colour, from which edges have not wandered."""
LEAST_STRAIGHT = 100
"""Px of straight edges from which they tell: two sides of a box."""
ASIDE, STILL_STRAIGHT = 4, 0.8
"""Px within which a straight edge is looked for in the other picture, and share of them that are found again where
edges do not wander: all but what changed; at most two thirds where they wander by a px."""


def edges_wander(pair: RegisteredPair, tiles: Tiles, told: NDArray[np.bool_], *, proved: bool = False) -> bool:
    """Whether edges all over a picture lie a px or two from where they were, each for itself.

    Args:
        pair: on the host, levels.
        tiles: in which it differs.
        told: (N,) bool, which of these moved by a px as a whole or are of another colour.
        proved: whether straight edges have to say so; letters, which can be drawn anew, have none.
    """
    count = int(tiles.letters.sum())
    if count < LEAST_TILES or count <= EVERYWHERE * tiles.textured.sum():
        return False
    if told.mean() >= MOSTLY or np.median(tiles.likeness) < ALIKE:
        return False
    return _are_near(pair, tiles) and _bend(pair, proved=proved)


def _are_near(pair: RegisteredPair, tiles: Tiles) -> bool:
    """Whether movement by a px or two explains most tiles."""
    one, other = (brightness(picture) for picture in (pair.reference, pair.candidate))
    active = tiles.index >= 0
    left = cell_maximum(lost(one, other, FURTHEST))[active].astype(np.float32)
    planes = (plane.astype(np.float32) for plane in (one, other))
    contrast = np.maximum(*(cell_maximum(plane) + cell_maximum(-plane) for plane in planes))[active]
    return bool((left < SLIVER * np.maximum(contrast, 1)).mean() > WANDERING)


def _bend(pair: RegisteredPair, *, proved: bool) -> bool:
    """Whether edges that are straight in the reference are not in the candidate; what to say where there are none."""
    count = kept = 0
    for axis in range(len(STRAIGHT)):
        one, other = (sides_along(picture, axis) for picture in (pair.reference, pair.candidate))
        near = cv2.dilate(other.view(np.uint8), along(1 - axis, 2 * ASIDE + 1)).view(bool)
        count, kept = count + int(np.count_nonzero(one)), kept + int(np.count_nonzero(one & near))
    return kept < STILL_STRAIGHT * count if count >= LEAST_STRAIGHT else not proved
