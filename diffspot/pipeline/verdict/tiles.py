"""Tiles of a pair: the grid that they lie in, which are textured, and what of them no movement within a px explains.

A tile is TILE x TILE px; it is judged with MARGIN px around it, about a letter of usual text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.pipeline.derived import once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

TILE = 12
"""Px; with its margin about the size of a letter of usual text."""
MARGIN = 3
"""Px around a tile that are judged with it."""
WINDOW = TILE + 2 * MARGIN
SHIFT = 1
"""Px each way within which the likeness of a tile is sought: rasterisers snap letters to whole pixels."""
AROUND = np.ones((3, 3), np.uint8)
"""A pixel and its neighbours, SHIFT px each way."""
TEXTURE = 20
"""Grey levels from one px to the next, across as well as down, that make a tile textured; straight lines are not."""
EXACT = 2
"""Grey levels: rounding of blended colours. What is nearer than that after a move by whole pixels is the same."""
NEAR = 3
"""Px around a pixel whose contrast its loss is measured by: the letter it belongs to, and no other."""
LEAST_CONTRAST, HALF = 24, np.float32(0.5)
"""Grey levels of it at the least, and the share of it that a rasteriser can make of a stroke between two pixels."""
BESIDE, RINGING = 4, np.float32(0.6)
"""Px further on, and twice the share of the contrast there that the ringing of JPEG reaches."""
LETTER = 7, 9
"""Px, width and height of a letter of small text."""
REACH = SHIFT + NEAR + BESIDE + LETTER[1] // 2
"""Px around a pixel that all this depends on."""
STRIP = 100
"""Rows of tiles of which the texture is told at a time."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """N tiles in which a pair differs, and the grid that they lie in.

    Attributes:
        index: (rows, columns) int32 of the whole picture, the number of the tile in each cell; -1 where none is.
        find_textured: gives `textured`, which most pairs with few changes do not ask for.
        letters: (N,) bool, the same of the tiles alone.
        likeness: (N,) correlation of brightness in [-1, 1], the best within SHIFT px.
        shift: (N, 2) int, the (x, y) px by which the candidate lies off where the likeness is best.
        exact: (N,) bool, whether that shift is not (0, 0) and turns one tile into the other.
        energy: (N, 2) squared grey levels, the variance of brightness of either picture.
        remaining: (N,) in [0, 1], what neither staying nor that shift explains, as a share of the contrast.
        lost: (N,) in [0, 1], what no movement within a px explains of the brightness, as a share of the contrast.
        stray: (N,) px, strokes that one picture alone has: what no movement within a px explains beyond half of the
            contrast around each pixel, summed over a letter of small text, the most of any place in the tile.
        strokes: (H, W) the same sum around each pixel of the tiles; 0 elsewhere.
        scattered: (N,) squared levels of the candidate's brightness that no line from the reference's explains.
        changed: (N,) squared levels by which it changed at all; `scattered` is small beside it where a colour became
            another one and the shapes stayed.
    """

    index: NDArray[np.int32]
    find_textured: Callable[[], NDArray[np.bool_]]
    letters: NDArray[np.bool_]
    likeness: NDArray[np.float32]
    shift: NDArray[np.int8]
    exact: NDArray[np.bool_]
    energy: NDArray[np.float32]
    remaining: NDArray[np.float32]
    lost: NDArray[np.float32]
    stray: NDArray[np.float32]
    strokes: NDArray[np.float32]
    scattered: NDArray[np.float32]
    changed: NDArray[np.float32]

    @property
    def textured(self) -> NDArray[np.bool_]:
        """(rows, columns) bool, whether either picture has edges in both directions in a cell."""
        return self.find_textured()


def cells(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(rows, columns) bool: the cells of the grid that hold a set pixel of an (H, W) mask."""
    return cell_maximum(mask.view(np.uint8)).astype(bool)


def brightness(picture: NDArray[Any]) -> NDArray[Any]:
    """(H, W) levels of (H, W, C), of the same dtype: luminance of three channels, else their mean."""
    return once(picture, "brightness that tells letters", partial(_brightness, picture))


def _brightness(picture: NDArray[Any]) -> NDArray[Any]:
    if picture.shape[2] == 3:  # noqa: PLR2004  red, green, blue
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    return np.asarray(picture.mean(axis=2).astype(picture.dtype))


def lost_in(
    active: NDArray[np.bool_], one: NDArray[Any], other: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[np.float32]]:
    """`lost` and `stray`, both (H, W), in the rows and columns of cells that hold tiles; 0 elsewhere."""
    found, beyond = np.zeros_like(one), np.zeros(one.shape, np.float32)
    for rows, columns in runs(active):
        (top, bottom), (left, right) = sides(rows), sides(columns)
        above, before = max(top - REACH, 0), max(left - REACH, 0)
        around = slice(above, bottom + REACH), slice(before, right + REACH)
        inside = found[top:bottom, left:right]
        height, width = inside.shape
        gone = lost(one[around], other[around])
        inner = slice(top - above, top - above + height), slice(left - before, left - before + width)
        inside[:] = gone[inner]
        beyond[top:bottom, left:right] = stray_of(gone, one[around], other[around])[inner]
    return found, beyond


def stray_of(gone: NDArray[Any], one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float32]:
    """(H, W) px, see `Tiles.stray`, of the letter around each pixel; worked out around what is strong enough alone."""
    found, strong = np.zeros(gone.shape, np.float32), gone > HALF * LEAST_CONTRAST
    rows = np.flatnonzero(strong.any(axis=1))
    for band in np.split(rows, np.flatnonzero(np.diff(rows) > 2 * REACH) + 1) if len(rows) else []:
        columns = np.flatnonzero(strong[band[0] : band[-1] + 1].any(axis=0))
        top, left = max(int(band[0]) - REACH, 0), max(int(columns[0]) - REACH, 0)
        place = slice(top, int(band[-1]) + REACH + 1), slice(left, int(columns[-1]) + REACH + 1)
        found[place] = _stray(gone[place], one[place], other[place])
    return found


def _stray(gone: NDArray[Any], one: NDArray[Any], other: NDArray[Any]) -> NDArray[np.float32]:
    near = np.ones((2 * NEAR + 1, 2 * NEAR + 1), np.uint8)
    contrast = np.maximum(*(cv2.subtract(cv2.dilate(plane, near), cv2.erode(plane, near)) for plane in (one, other)))
    beside = RINGING * cv2.dilate(contrast, np.ones((2 * BESIDE + 1, 2 * BESIDE + 1), np.uint8))
    share = gone / np.maximum(np.maximum(contrast, beside), np.float32(LEAST_CONTRAST)) - HALF
    return np.asarray(cv2.boxFilter(np.maximum(share, 0), -1, LETTER, normalize=False, borderType=cv2.BORDER_CONSTANT))


def runs(active: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """The runs of rows of cells that hold tiles, from top to bottom, and the columns from the first to the last."""
    lines = np.flatnonzero(active.any(axis=1))
    for rows in np.split(lines, np.flatnonzero(np.diff(lines) > 1) + 1) if len(lines) else []:
        columns = np.flatnonzero(active[rows].any(axis=0))
        yield rows, np.arange(columns[0], columns[-1] + 1)


def lost(one: NDArray[Any], other: NDArray[Any], within: int = SHIFT) -> NDArray[Any]:
    """(H, W) levels by which either brightness lies outside the other's range within so many px."""
    around = np.ones((2 * within + 1, 2 * within + 1), np.uint8)
    ways = [
        np.maximum(cv2.subtract(a, cv2.dilate(b, around)), cv2.subtract(cv2.erode(b, around), a))
        for a, b in ((one, other), (other, one))
    ]
    return np.maximum(*ways)


def find_textured(plane: NDArray[Any]) -> NDArray[np.bool_]:
    """(rows, columns) bool, see `Tiles.textured`; some rows at a time, which stay in the cache of a processor."""
    rows = STRIP * TILE
    parts = [_textured_strip(plane[max(top - 1, 0) : top + rows], top > 0) for top in range(0, len(plane), rows)]
    return np.concatenate(parts)


def textured_tiles(plane: NDArray[Any], active: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(N,) bool, the same of the cells that hold tiles."""
    bands = [(rows, sides(rows)) for rows, _ in runs(active)]
    parts = [_textured_strip(plane[max(top - 1, 0) : bottom], top > 0)[active[rows]] for rows, (top, bottom) in bands]
    return np.concatenate([np.zeros(0, bool), *parts])


def highest_in_tiles(plane: NDArray[Any], active: NDArray[np.bool_]) -> NDArray[Any]:
    """(N,) the highest value of an (H, W) plane in each cell that holds a tile."""
    parts = []
    for rows, columns in runs(active):
        (top, bottom), (left, right) = sides(rows), sides(columns)
        parts.append(cell_maximum(plane[top:bottom, left:right])[active[np.ix_(rows, columns)]])
    return np.concatenate([np.zeros(0, plane.dtype), *parts])


def _textured_strip(lines: NDArray[Any], above: bool) -> NDArray[np.bool_]:  # noqa: FBT001
    """The same of some lines; whether the first of them only lies above those that are asked for."""
    across, down = (np.zeros_like(lines[above:]) for _ in range(2))
    cv2.absdiff(lines[above:, 1:], lines[above:, :-1], dst=across[:, 1:])
    cv2.absdiff(lines[1:], lines[:-1], dst=down[1 - above :])
    return np.asarray((cell_maximum(across) > TEXTURE) & (cell_maximum(down) > TEXTURE))


def cell_maximum(plane: NDArray[Any], side: int = TILE) -> NDArray[Any]:
    """(rows, columns) the highest value of an (H, W) plane in each cell of `side` px; the last ones may be smaller."""
    # Whole rows against each other, then every column: a maximum along so short an axis is ten times slower.
    return _highest_rows(_highest_rows(plane, side).T, side).T


def _highest_rows(plane: NDArray[Any], side: int) -> NDArray[Any]:
    """(rows, W) the highest of each `side` rows of an (H, W) plane; the last ones may be fewer."""
    highest = plane[::side].copy()
    for row in range(1, min(side, len(plane))):
        lines = plane[row::side]
        np.maximum(highest[: len(lines)], lines, out=highest[: len(lines)])
    return highest


def sides(cells: NDArray[np.intp]) -> tuple[int, int]:
    """From which px to which a run of cells reaches."""
    return int(cells[0]) * TILE, (int(cells[-1]) + 1) * TILE
