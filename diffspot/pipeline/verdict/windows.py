"""Measures tiles in the windows around them: how alike they are, and whether a move or another colour explains them."""

from __future__ import annotations

from functools import cache
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from diffspot.pipeline.verdict.tiles import (
    EXACT,
    MARGIN,
    SHIFT,
    TILE,
    WINDOW,
    Tiles,
    brightness,
    cells,
    find_textured,
    highest_in_tiles,
    lost_in,
    runs,
    sides,
    textured_tiles,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

SMOOTHING = 0.7
"""Px, sigma: takes the grain off anti-aliasing, of which each rasteriser has its own."""
FLAT = 0.4
"""Squared grey levels of variance below which a window shows nothing."""
ROUNDING = 0.1
"""Squared grey levels: colours are rounded in both pictures, which of their brightness leaves 2 * 0.46 / 12."""
ROOM = MARGIN + SHIFT
"""Px around a tile that windows and shifts take."""
SIDE = TILE + 2 * ROOM
TOGETHER = 512
"""Tiles that are measured at a time: what is worked out of them stays in the cache of a processor."""
SPREAD = 3
"""Px that the smoothing reaches: four sigma, as OpenCV cuts it."""
SHIFTS = sorted(product(range(-SHIFT, SHIFT + 1), repeat=2), key=lambda by: (abs(by[0]) + abs(by[1]), by))
"""(x, y) px, the shortest first."""
BETTER = 1e-4
"""Correlation by which a longer shift must beat a shorter one; float32 may be off by less."""


class _Stack(NamedTuple):
    """Both pictures around N tiles, SIDE x SIDE px of each.

    The tiles are the last axis: work on a window goes through its px one by one, and through all tiles at once.

    Attributes:
        colour: two (SIDE, SIDE, C, N) levels.
        bright: two (SIDE, SIDE, 1, N) levels.
        smooth: two (SIDE, SIDE, N) float32, smoothed brightness.
        light: two (SIDE, SIDE, N) float32, brightness that is not rounded.
    """

    colour: list[NDArray[Any]]
    bright: list[NDArray[Any]]
    smooth: list[NDArray[np.float32]]
    light: list[NDArray[np.float32]]


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
    gone, strokes = lost_in(active, *bright)
    gone, stray = (highest_in_tiles(plane, active) for plane in (gone, strokes))
    parts = [_measure(stack) for stack in _stacks([reference, candidate], bright, active)]
    likeness, shift, energy, stays, moves, contrast, bright_contrast, scattered, changed = (
        np.concatenate(columns) for columns in zip(*parts, strict=True)
    )
    return Tiles(
        index,
        cache(lambda: np.logical_or(*(find_textured(brightness(picture)) for picture in (reference, candidate)))),
        np.logical_or(*(textured_tiles(plane, active) for plane in bright)),
        likeness,
        shift,
        exact=(moves <= EXACT) & shift.any(axis=1),
        energy=energy,
        remaining=np.minimum(stays, moves) / np.maximum(contrast, 1),
        lost=np.maximum(gone, 0) / np.maximum(bright_contrast, 1),
        stray=stray,
        strokes=strokes,
        scattered=scattered,
        changed=changed,
    )


def _stacks(colour: list[NDArray[Any]], bright: list[NDArray[Any]], active: NDArray[np.bool_]) -> Iterator[_Stack]:
    """The cells that hold tiles along rows from top to bottom, TOGETHER at a time."""
    rows, columns = np.nonzero(active)
    if not len(rows):
        return
    down, across = (np.arange(of.min(), of.max() + 1) for of in (rows, columns))
    windows = [
        [_windows(_cut(plane, sides(down), sides(across), ROOM)) for plane in (*colour, *bright)],
        [_windows(_smoothed(plane, active, down, across)) for plane in bright],
    ]
    rows, columns = rows - down[0], columns - across[0]
    for first in range(0, len(rows), TOGETHER):
        chosen = rows[first : first + TOGETHER], columns[first : first + TOGETHER]
        levels, smooth = ([view[chosen] for view in views] for views in windows)
        pictures, planes = levels[:2], levels[2:]
        light = [brightness(level.reshape(-1, SIDE, level.shape[2] // SIDE).astype(np.float32)) for level in pictures]
        yield _Stack(
            [_stacked(one, SIDE, SIDE, one.shape[2] // SIDE) for one in pictures],
            [_stacked(one, SIDE, SIDE, 1) for one in planes],
            [_stacked(one, SIDE, SIDE) for one in smooth],
            [_stacked(one.reshape(-1, SIDE, SIDE), SIDE, SIDE) for one in light],
        )


def _windows(plane: NDArray[Any]) -> NDArray[Any]:
    """(rows, columns, SIDE, SIDE * C) view of what lies around each cell of (h, w) or (h, w, C) levels."""
    flat, channels = plane.reshape(len(plane), -1), plane.size // (plane.shape[0] * plane.shape[1])
    return sliding_window_view(flat, (SIDE, SIDE * channels))[::TILE, :: TILE * channels]


def _stacked(windows: NDArray[Any], *shape: int) -> NDArray[Any]:
    """(*shape, N) of N windows of that shape."""
    return np.asarray(cv2.transpose(windows.reshape(len(windows), -1))).reshape(*shape, len(windows))


def _smoothed(
    plane: NDArray[Any], active: NDArray[np.bool_], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> NDArray[np.float32]:
    """(h, w) some rows and columns of cells with ROOM px around them, smoothed where tiles lie, anything elsewhere."""
    whole = np.empty((len(rows) * TILE + 2 * ROOM, len(columns) * TILE + 2 * ROOM), np.float32)
    for run in runs(active):
        wider = _cut(plane, sides(run[0]), sides(run[1]), ROOM + SPREAD).astype(np.float32)
        # Blurred with what lies around it, so that a tile looks the same whatever else differs.
        smooth = cv2.GaussianBlur(wider, (0, 0), SMOOTHING)[SPREAD:-SPREAD, SPREAD:-SPREAD]
        above, before = (TILE * int(of[0] - first) for of, first in zip(run, (rows[0], columns[0]), strict=True))
        whole[above : above + smooth.shape[0], before : before + smooth.shape[1]] = smooth
    return whole


def _cut(plane: NDArray[Any], rows: tuple[int, int], columns: tuple[int, int], room: int) -> NDArray[Any]:
    """Part of a plane with `room` px around it; beyond the edge of the picture the edge is repeated."""
    (top, bottom), (left, right) = rows, columns
    height, width = plane.shape[:2]
    inside = plane[max(top - room, 0) : bottom + room, max(left - room, 0) : right + room]
    above, before = max(room - top, 0), max(room - left, 0)
    below, behind = max(bottom + room - height, 0), max(right + room - width, 0)
    if not (above or below or before or behind):
        return inside
    whole = cv2.copyMakeBorder(inside, above, below, before, behind, cv2.BORDER_REPLICATE)
    return whole if whole.ndim == plane.ndim else whole[..., None]  # OpenCV drops a last axis of one


def _measure(stack: _Stack) -> tuple[NDArray[Any], ...]:
    """Likeness, shift, energy, levels left by staying and moving, contrasts, scattered and changed of each tile."""
    likeness, shift, energy = _best_shift(stack)
    one, other = stack.colour
    stays = _largest(one, other, (0, 0))
    moves, codes = stays.copy(), shift_codes(shift)
    for code in np.flatnonzero(np.bincount(codes)):
        here = np.flatnonzero(codes == code)
        x, y = shift[here[0]].tolist()
        if (x, y) != (0, 0):
            moves[here] = _largest(one[..., here], other[..., here], (x, y))
    contrast, bright_contrast = (np.maximum(*map(_range, planes)) for planes in (stack.colour, stack.bright))
    return likeness, shift, energy, stays, moves, contrast, bright_contrast, *_line(stack)


def shift_codes(shift: NDArray[np.int8]) -> NDArray[np.int64]:
    """(N,) a number for each of N shifts (x, y), rising with x, then y."""
    return (shift[:, 0].astype(np.int64) + SHIFT) * (2 * SHIFT + 1) + shift[:, 1] + SHIFT


def _shifted(stack: NDArray[Any], x: int, y: int) -> NDArray[Any]:
    """(WINDOW, WINDOW, ...) the windows of a stack as they lie (x, y) px off."""
    return stack[SHIFT + y : SHIFT + y + WINDOW, SHIFT + x : SHIFT + x + WINDOW]


def _means(*windows: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N,) the mean of one (WINDOW, WINDOW, N) array, or of the product of two."""
    total = np.einsum("hwn,hwn->n", *windows) if len(windows) > 1 else np.add.reduce(windows[0], axis=(0, 1))
    return np.asarray(total / np.float32(WINDOW * WINDOW))


def _level(stack: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N,) the mean of each tile's window."""
    return _means(_shifted(stack, 0, 0))


def _best_shift(stack: _Stack) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The best likeness of each tile, where it is, and the energies there."""
    one, other = stack.smooth
    # Variances are differences of large numbers: about each tile's own level float32 is precise enough.
    a, whole = _shifted(one, 0, 0) - _level(one), other - _level(other)
    power = _means(a, a)
    likeness, shift = np.full(len(power), -2.0, np.float32), np.zeros((len(power), 2), np.int8)
    energy = np.stack([power, power], axis=1)
    for x, y in SHIFTS:
        b = _shifted(whole, x, y)
        mean = _means(b)
        other_power = np.maximum(_means(b, b) - mean * mean, 0)
        here = _means(a, b) / np.sqrt(np.maximum(power * other_power, FLAT * FLAT))
        better = here > likeness + BETTER
        likeness[better], shift[better], energy[better, 1] = here[better], (x, y), other_power[better]
    return likeness, shift, energy


def _largest(one: NDArray[Any], other: NDArray[Any], shift: tuple[int, int]) -> NDArray[np.float32]:
    """(N,) the largest difference of any channel in each tile's window if the candidate lies `shift` px off."""
    here, there = (_shifted(stack, *by).reshape(WINDOW, -1) for stack, by in ((one, (0, 0)), (other, shift)))
    difference = cv2.absdiff(here, there).reshape(-1, one.shape[-1])
    return np.asarray(difference.max(axis=0), np.float32)


def _range(stack: NDArray[Any]) -> NDArray[np.float32]:
    """(N,) the range of levels in each tile's window, the largest of the channels."""
    here = _shifted(stack, 0, 0)
    return np.asarray((here.max(axis=(0, 1)).astype(np.float32) - here.min(axis=(0, 1))).max(axis=0))


def _line(stack: _Stack) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Squared levels of the candidate that no line from the reference explains, and by which it changed; sums."""
    # Changes of a few levels are told from their rounding, so brightness is not rounded once more.
    one, other = (_shifted(light, 0, 0) for light in stack.light)
    a, b = one - _means(one), other - _means(other)
    power, other_power, common, change = (_means(*each) for each in ((a, a), (b, b), (a, b), (other - one,) * 2))
    left = other_power - common * common / np.maximum(power, FLAT) - ROUNDING
    return WINDOW * WINDOW * np.maximum(left, 0), WINDOW * WINDOW * change
