"""Measures tiles of a pair: how alike they are, and whether a move or another colour turns one into the other.

A tile is TILE x TILE px; it is judged with MARGIN px around it, about a letter of usual text.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

TILE = 12
"""Px; with its margin about the size of a letter of usual text."""
MARGIN = 3
"""Px around a tile that are judged with it."""
BLOCK = 6
"""Px: windows are made of 3 x 3 blocks, and the next window begins 2 blocks on, so that sums are shared."""
WINDOW = TILE + 2 * MARGIN
SHIFT = 1
"""Px each way within which the likeness of a tile is sought: rasterisers snap letters to whole pixels."""
AROUND = np.ones((3, 3), np.uint8)
"""A pixel or block and its neighbours: SHIFT px each way, and the blocks of a window."""
SMOOTHING = 0.7
"""Px, sigma: takes the grain off anti-aliasing, of which each rasteriser has its own."""
FLAT = 0.4
"""Squared grey levels of variance below which a window shows nothing."""
TEXTURE = 20
"""Grey levels from one px to the next, across as well as down, that make a tile textured; straight lines are not."""
EXACT = 2
"""Grey levels: rounding of blended colours. What is nearer than that after a move by whole pixels is the same."""
ROUNDING = 0.1
"""Squared grey levels: colours are rounded in both pictures, which of their brightness leaves 2 * 0.46 / 12."""
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
ROOM = MARGIN + SHIFT
"""Px around a tile that windows and shifts take."""
SPREAD = 3
"""Px that the smoothing reaches: four sigma, as OpenCV cuts it."""
SHIFTS = sorted(product(range(-SHIFT, SHIFT + 1), repeat=2), key=lambda by: (abs(by[0]) + abs(by[1]), by))
"""(x, y) px, the shortest first."""
BETTER = 1e-4
"""Correlation by which a longer shift must beat a shorter one; float32 may be off by less."""


@dataclass(frozen=True, slots=True)
class Tiles:
    """N tiles in which a pair differs, and the grid that they lie in.

    Attributes:
        index: (rows, columns) int32 of the whole picture, the number of the tile in each cell; -1 where none is.
        textured: (rows, columns) bool, whether either picture has edges in both directions in a cell.
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
    textured: NDArray[np.bool_]
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


class _Strip(NamedTuple):
    """Both pictures around some tiles: MARGIN + SHIFT px above and left of the first, as many behind the last.

    Attributes:
        colour: two (h, w, C) levels.
        bright: two (h, w) float32.
        smooth: two (h, w) float32, smoothed.
        rows: of the tiles, from the strip's first.
        columns: of the tiles, from the strip's first.
    """

    colour: list[NDArray[Any]]
    bright: list[NDArray[np.float32]]
    smooth: list[NDArray[np.float32]]
    rows: NDArray[np.intp]
    columns: NDArray[np.intp]


def measure_tiles(reference: NDArray[Any], candidate: NDArray[Any], differing: NDArray[np.bool_]) -> Tiles:
    """Measures the tiles that hold differing pixels.

    Args:
        reference: (H, W, C) levels.
        candidate: (H, W, C) levels, registered.
        differing: (H, W) bool.
    """
    active = cells(differing)
    index = np.full(active.shape, -1, np.int32)
    index[active] = np.arange(int(active.sum()))
    bright = [brightness(picture) for picture in (reference, candidate)]
    textured = np.logical_or(*map(_textured, bright))
    gone, strokes = lost_in(active, *bright)
    gone, stray = (cell_maximum(plane)[active] for plane in (gone, strokes))
    parts = [_measure(strip) for strip in _strips([reference, candidate], bright, active)]
    likeness, shift, energy, stays, moves, contrast, bright_contrast, scattered, changed = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    return Tiles(
        index,
        textured,
        likeness,
        shift,
        exact=(moves <= EXACT) & shift.any(axis=1),
        energy=energy,
        remaining=np.minimum(stays, moves) / np.maximum(contrast, 1),
        lost=gone / np.maximum(bright_contrast, 1),
        stray=stray,
        strokes=strokes,
        scattered=scattered,
        changed=changed,
    )


def cells(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(rows, columns) bool: the cells of the grid that hold a set pixel of an (H, W) mask."""
    return cell_maximum(mask.view(np.uint8)).astype(bool)


def brightness(picture: NDArray[Any]) -> NDArray[Any]:
    """(H, W) levels of (H, W, C), of the same dtype: luminance of three channels, else their mean."""
    if picture.shape[2] == 3:  # noqa: PLR2004  red, green, blue
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    return np.asarray(picture.mean(axis=2).astype(picture.dtype))


def lost_in(
    active: NDArray[np.bool_], one: NDArray[Any], other: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[np.float32]]:
    """`lost` and `stray`, both (H, W), in the rows and columns of cells that hold tiles; 0 elsewhere."""
    found, beyond = np.zeros_like(one), np.zeros(one.shape, np.float32)
    for rows, columns in _runs(active):
        (top, bottom), (left, right) = ((int(run[0]) * TILE, (int(run[-1]) + 1) * TILE) for run in (rows, columns))
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
    """(H, W) px, see `Tiles.stray`, of the letter around each pixel."""
    near = np.ones((2 * NEAR + 1, 2 * NEAR + 1), np.uint8)
    contrast = np.maximum(*(cv2.subtract(cv2.dilate(plane, near), cv2.erode(plane, near)) for plane in (one, other)))
    beside = RINGING * cv2.dilate(contrast, np.ones((2 * BESIDE + 1, 2 * BESIDE + 1), np.uint8))
    share = gone / np.maximum(np.maximum(contrast, beside), np.float32(LEAST_CONTRAST)) - HALF
    return np.asarray(cv2.boxFilter(np.maximum(share, 0), -1, LETTER, normalize=False, borderType=cv2.BORDER_CONSTANT))


def _runs(active: NDArray[np.bool_]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """The runs of rows of cells that hold tiles, from top to bottom, and the columns from the first to the last."""
    lines = np.flatnonzero(active.any(axis=1))
    for rows in np.split(lines, np.flatnonzero(np.diff(lines) > 1) + 1):
        columns = np.flatnonzero(active[rows].any(axis=0))
        yield rows, np.arange(columns[0], columns[-1] + 1)


def lost(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """(H, W) levels by which either brightness lies outside the other's range within SHIFT px."""
    ways = [
        np.maximum(cv2.subtract(a, cv2.dilate(b, AROUND)), cv2.subtract(cv2.erode(b, AROUND), a))
        for a, b in ((one, other), (other, one))
    ]
    return np.maximum(*ways)


def _textured(plane: NDArray[Any]) -> NDArray[np.bool_]:
    across, down = np.zeros_like(plane), np.zeros_like(plane)
    cv2.absdiff(plane[:, 1:], plane[:, :-1], dst=across[:, 1:])
    cv2.absdiff(plane[1:], plane[:-1], dst=down[1:])
    return np.asarray((cell_maximum(across) > TEXTURE) & (cell_maximum(down) > TEXTURE))


def cell_maximum(plane: NDArray[Any]) -> NDArray[Any]:
    """(rows, columns) the highest value of an (H, W) plane in each cell."""
    height, width = plane.shape
    rows, columns = -(-height // TILE), -(-width // TILE)
    whole = cv2.copyMakeBorder(plane, 0, rows * TILE - height, 0, columns * TILE - width, cv2.BORDER_CONSTANT, value=0)
    return block_extremes(np.maximum, whole[..., None], TILE)[0]


def block_extremes(pick: np.ufunc, levels: NDArray[Any], side: int) -> list[NDArray[Any]]:
    """The highest or lowest level of each block of (h, w, C) levels of whole blocks, (h / side, w / side) a channel."""
    # Whole rows against each other, then every side-th column: a maximum along so short an axis is ten times slower.
    height, width, channels = levels.shape
    rows = levels.reshape(height, width * channels)
    lines = rows[::side].copy()
    for row in range(1, side):
        pick(lines, rows[row::side], out=lines)
    found, step = [], side * channels
    for channel in range(channels):
        blocks = lines[:, channel::step].copy()
        for column in range(1, side):
            pick(blocks, lines[:, channel + column * channels :: step], out=blocks)
        found.append(blocks)
    return found


def _strips(colour: list[NDArray[Any]], bright: list[NDArray[Any]], active: NDArray[np.bool_]) -> Iterator[_Strip]:
    """The runs of rows of cells that hold tiles, cut to the columns that do, from top to bottom.

    Numbers of tiles run along rows, so a strip has all of its rows' tiles.
    """
    for run, across in _runs(active):
        rows, columns = np.nonzero(active[run])
        first, last = int(across[0]), int(across[-1])
        top, bottom, left, right = int(run[0]) * TILE, (int(run[-1]) + 1) * TILE, first * TILE, (last + 1) * TILE
        sides = (top, bottom), (left, right)
        pictures = [_cut(plane, *sides, ROOM) for plane in colour]
        wider: list[NDArray[np.float32]] = [_cut(plane, *sides, ROOM + SPREAD).astype(np.float32) for plane in bright]
        # Blurred with what lies around it, so that a tile looks the same whatever else the strip holds.
        smooth = [np.asarray(cv2.GaussianBlur(plane, (0, 0), SMOOTHING), np.float32) for plane in wider]
        trim = np.s_[SPREAD:-SPREAD, SPREAD:-SPREAD]
        yield _Strip(
            pictures, [plane[trim] for plane in wider], [plane[trim] for plane in smooth], rows, columns - first
        )


def _cut(plane: NDArray[Any], rows: tuple[int, int], columns: tuple[int, int], room: int) -> NDArray[Any]:
    """Part of a plane with `room` px around it; beyond the edge of the picture the edge is repeated."""
    (top, bottom), (left, right) = rows, columns
    height, width = plane.shape[:2]
    inside = plane[max(top - room, 0) : bottom + room, max(left - room, 0) : right + room]
    above, before = max(room - top, 0), max(room - left, 0)
    below, behind = max(bottom + room - height, 0), max(right + room - width, 0)
    whole = cv2.copyMakeBorder(inside, above, below, before, behind, cv2.BORDER_REPLICATE)
    return whole if whole.ndim == plane.ndim else whole[..., None]  # OpenCV drops a last axis of one


def _measure(strip: _Strip) -> tuple[NDArray[Any], ...]:
    """Likeness, shift, energy, levels left by staying and moving, contrasts, scattered and changed of each tile."""
    likeness, shift, energy = _best_shift(strip)
    stays = _largest(strip, (0, 0))
    moves, codes = stays.copy(), shift_codes(shift)
    for code in np.flatnonzero(np.bincount(codes)):
        here = codes == code
        x, y = shift[here.argmax()].tolist()
        if (x, y) != (0, 0):
            moves[here] = _largest(strip, (x, y))[here]
    contrast = np.maximum(*(_range(picture, strip) for picture in strip.colour))
    bright_contrast = np.maximum(*(_range(plane[..., None], strip) for plane in strip.bright))
    return likeness, shift, energy, stays, moves, contrast, bright_contrast, *_line(strip)


def shift_codes(shift: NDArray[np.int8]) -> NDArray[np.int64]:
    """(N,) a number for each of N shifts (x, y), rising with x, then y."""
    return (shift[:, 0].astype(np.int64) + SHIFT) * (2 * SHIFT + 1) + shift[:, 1] + SHIFT


def _shifted(plane: NDArray[Any], x: int, y: int) -> NDArray[Any]:
    """A strip's plane without its room for shifts, as it lies (x, y) px off."""
    height, width = plane.shape[:2]
    return plane[SHIFT + y : height - SHIFT + y, SHIFT + x : width - SHIFT + x]


def _means(plane: NDArray[np.float32], strip: _Strip) -> NDArray[np.float32]:
    """(N,) the mean over each tile's window of a plane without room for shifts."""
    height, width = plane.shape
    blocks = cv2.resize(plane, (width // BLOCK, height // BLOCK), interpolation=cv2.INTER_AREA)
    windows = cv2.boxFilter(blocks, -1, (3, 3))
    # The window of tile (row, column) begins 2 * row blocks down, so its middle block is one further on.
    return np.asarray(windows[2 * strip.rows + 1, 2 * strip.columns + 1])


def _best_shift(strip: _Strip) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The best likeness of each tile, where it is, and the energies there."""
    one, other = strip.smooth
    # Variances are differences of large numbers: about the strip's own level float32 is precise enough.
    level = np.float32(one.mean())
    a, whole = np.ascontiguousarray(_shifted(one, 0, 0)) - level, other - level
    mean, power = _means(a, strip), _means(a * a, strip)
    power = np.maximum(power - mean * mean, 0)
    likeness, shift = np.full(len(mean), -2.0, np.float32), np.zeros((len(mean), 2), np.int8)
    energy = np.stack([power, power], axis=1)
    for x, y in SHIFTS:
        b = np.ascontiguousarray(_shifted(whole, x, y))
        other_mean = _means(b, strip)
        other_power = np.maximum(_means(b * b, strip) - other_mean * other_mean, 0)
        common = _means(a * b, strip) - mean * other_mean
        here = common / np.sqrt(np.maximum(power * other_power, FLAT * FLAT))
        better = here > likeness + BETTER
        likeness[better], shift[better], energy[better, 1] = here[better], (x, y), other_power[better]
    return likeness, shift, energy


def _largest(strip: _Strip, shift: tuple[int, int]) -> NDArray[np.float32]:
    """(N,) the largest difference of any channel in each tile's window if the candidate lies `shift` px off."""
    one, other = strip.colour
    here, there = np.ascontiguousarray(_shifted(one, 0, 0)), np.ascontiguousarray(_shifted(other, *shift))
    return np.asarray(_extremes(np.maximum, cv2.absdiff(here, there).reshape(here.shape), strip).max(axis=0))


def _range(picture: NDArray[Any], strip: _Strip) -> NDArray[np.float32]:
    """(N,) the range of levels in each tile's window, the largest of the channels."""
    here = np.ascontiguousarray(_shifted(picture, 0, 0))
    return np.asarray((_extremes(np.maximum, here, strip) - _extremes(np.minimum, here, strip)).max(axis=0))


def _extremes(pick: np.ufunc, levels: NDArray[Any], strip: _Strip) -> NDArray[np.float32]:
    """(C, N) the highest or lowest level in each tile's window of (h, w, C) levels without room for shifts."""
    grow = cv2.dilate if pick is np.maximum else cv2.erode
    windows = [grow(blocks, AROUND) for blocks in block_extremes(pick, levels, BLOCK)]
    return np.array([plane[2 * strip.rows + 1, 2 * strip.columns + 1] for plane in windows], np.float32)


def _line(strip: _Strip) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Squared levels of the candidate that no line from the reference explains, and by which it changed; sums."""
    # Changes of a few levels are told from their rounding, so brightness is not rounded once more.
    bright = [brightness(_shifted(picture, 0, 0).astype(np.float32)) for picture in strip.colour]
    level = np.float32(bright[0].mean())
    a, b = (plane - level for plane in bright)
    mean, other_mean = _means(a, strip), _means(b, strip)
    power = np.maximum(_means(a * a, strip) - mean * mean, 0)
    other_power = np.maximum(_means(b * b, strip) - other_mean * other_mean, 0)
    common = _means(a * b, strip) - mean * other_mean
    left = other_power - common * common / np.maximum(power, FLAT) - ROUNDING
    change = _means((b - a) ** 2, strip)
    return WINDOW * WINDOW * np.maximum(left, 0), WINDOW * WINDOW * change
