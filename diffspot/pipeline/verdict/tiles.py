"""Measures tiles of a pair: how alike they are, and whether a move or another colour turns one into the other.

A tile is TILE x TILE px; it is judged with MARGIN px around it, about a letter of usual text.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from numpy.typing import NDArray

TILE = 12
"""Px; with its margin about the size of a letter of usual text."""
MARGIN = 3
"""Px around a tile that are judged with it."""
SHIFT = 1
"""Px each way within which the likeness of a tile is sought: rasterisers snap letters to whole pixels."""
WINDOW = TILE + 2 * MARGIN
SMOOTHING = 0.7
"""Px, sigma: takes the grain off anti-aliasing, of which each rasteriser has its own."""
FLAT = 400.0 / (3 * WINDOW * WINDOW)
"""Squared grey levels of variance below which a window shows nothing."""
TEXTURE = 20
"""Grey levels from one px to the next, across as well as down, that make a tile textured; straight lines are not."""
EXACT = 2
"""Grey levels: rounding of blended colours. What is nearer than that after a move by whole pixels is the same."""
BIN = 2
"""Grey levels that count as one shade of the reference."""
CHUNK = 512
"""Tiles measured at a time: they stay in the processor's cache."""


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
        scattered: (N,) squared levels by which equal shades of the reference became unequal ones.
        changed: (N,) squared levels by which they changed at all; `scattered` is small beside it where a colour became
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
    scattered: NDArray[np.float64]
    changed: NDArray[np.float64]


class _Measured(NamedTuple):
    """What `Tiles` says of some tiles, field by field."""

    likeness: NDArray[Any]
    shift: NDArray[Any]
    exact: NDArray[Any]
    energy: NDArray[Any]
    remaining: NDArray[Any]
    lost: NDArray[Any]
    scattered: NDArray[Any]
    changed: NDArray[Any]


def measure_tiles(reference: NDArray[Any], candidate: NDArray[Any], differing: NDArray[np.bool_]) -> Tiles:
    """Measures the tiles that hold differing pixels.

    Args:
        reference: (H, W, C) levels.
        candidate: (H, W, C) levels, registered.
        differing: (H, W) bool.

    References:
        Roche, Malandain, Pennec, Ayache: The correlation ratio as a new similarity measure for multimodal image
        registration. MICCAI 1998. doi:10.1007/BFb0056301
    """
    active = cells(differing)
    index = np.full(active.shape, -1, np.int32)
    index[active] = np.arange(int(active.sum()))
    planes = reference, candidate
    bright = [brightness(picture) for picture in planes]
    textured = np.logical_or(*map(_textured, bright))
    rows, columns = np.nonzero(active)
    views = [[_windows(plane) for plane in pictures] for pictures in (bright, map(_smoothed, bright), planes)]
    lost = _cell_maximum(_lost(*bright))[active].astype(np.float32)
    parts = [
        _measure(lost[part], *([view[rows[part] * TILE, columns[part] * TILE] for view in both] for both in views))
        for part in (slice(first, first + CHUNK) for first in range(0, len(rows), CHUNK))
    ]
    return Tiles(index, textured, *map(np.concatenate, zip(*parts, strict=True)))


def cells(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(rows, columns) bool: the cells of the grid that hold a set pixel of an (H, W) mask."""
    return _cell_maximum(mask.view(np.uint8)).astype(bool)


def brightness(picture: NDArray[Any]) -> NDArray[Any]:
    """(H, W) levels of (H, W, C), of the same dtype: luminance of three channels, else their mean."""
    if picture.shape[2] == 3:  # noqa: PLR2004  red, green, blue
        return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
    return np.asarray(picture.mean(axis=2).astype(picture.dtype))


def _smoothed(plane: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(plane.astype(np.float32), (0, 0), SMOOTHING))


def _lost(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    """(H, W) levels by which either brightness lies outside the other's range within a px."""
    around = np.ones((2 * SHIFT + 1, 2 * SHIFT + 1), np.uint8)
    ways = [
        np.maximum(cv2.subtract(a, cv2.dilate(b, around)), cv2.subtract(cv2.erode(b, around), a))
        for a, b in ((one, other), (other, one))
    ]
    return np.maximum(*ways)


def _textured(plane: NDArray[Any]) -> NDArray[np.bool_]:
    across, down = np.zeros_like(plane), np.zeros_like(plane)
    cv2.absdiff(plane[:, 1:], plane[:, :-1], dst=across[:, 1:])
    cv2.absdiff(plane[1:], plane[:-1], dst=down[1:])
    return np.asarray((_cell_maximum(across) > TEXTURE) & (_cell_maximum(down) > TEXTURE))


def _cell_maximum(plane: NDArray[Any]) -> NDArray[Any]:
    height, width = plane.shape
    rows, columns = -(-height // TILE), -(-width // TILE)
    whole = np.zeros((rows * TILE, columns * TILE), plane.dtype)
    whole[:height, :width] = plane
    lines = whole.reshape(rows, TILE, -1).max(axis=1)  # rows first: that is a run through memory
    return np.asarray(lines.reshape(rows, columns, TILE).max(axis=2))


def _windows(picture: NDArray[Any]) -> NDArray[Any]:
    """Every window of a picture with the room to shift it, (H', W', WINDOW + 2, WINDOW + 2) or (H', W', C, ...)."""
    room = MARGIN + SHIFT
    padded = cv2.copyMakeBorder(picture, room, room + TILE, room, room + TILE, cv2.BORDER_REPLICATE)
    if picture.ndim > padded.ndim:  # OpenCV drops a last axis of one
        padded = padded[..., None]
    side = WINDOW + 2 * SHIFT
    return sliding_window_view(padded, (side, side), axis=(0, 1))


def _measure(
    lost: NDArray[Any], bright: list[NDArray[Any]], smooth: list[NDArray[Any]], colour: list[NDArray[Any]]
) -> _Measured:
    """Measures windows of both pictures, (N, side, side) or (N, C, side, side); `lost` is in levels, (N,)."""
    likeness, shift, energy = _best_shift(*smooth)
    stays, moves = (_largest_difference(colour, by) for by in (np.zeros_like(shift), shift))
    contrast = np.maximum(*(_range(_shifted(part, 0, 0)).max(axis=1) for part in colour))
    bright_contrast = np.maximum(*(_range(_shifted(part, 0, 0)) for part in bright))
    exact = (moves <= EXACT) & shift.any(axis=1)
    scattered, changed = _shades(*(_shifted(part, 0, 0).astype(np.float32) for part in bright))
    remaining = np.minimum(stays, moves) / np.maximum(contrast, 1)
    lost = lost / np.maximum(bright_contrast, 1)
    return _Measured(likeness, shift, exact, energy, remaining, lost, scattered, changed)


def _range(windows: NDArray[Any]) -> NDArray[np.float32]:
    """(...) the range of levels of (..., h, w) windows."""
    return np.asarray(windows.max(axis=(-2, -1)).astype(np.float32) - windows.min(axis=(-2, -1)))


def _shifted(windows: NDArray[Any], x: int, y: int) -> NDArray[Any]:
    """The (..., WINDOW, WINDOW) part of windows that lies (x, y) px off their middle."""
    return windows[..., SHIFT + y : SHIFT + y + WINDOW, SHIFT + x : SHIFT + x + WINDOW]


def _best_shift(one: NDArray[Any], other: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """The best likeness of (N, side, side) windows, where it is, and the energies there."""
    area = WINDOW * WINDOW
    a = np.ascontiguousarray(_shifted(one, 0, 0))
    a -= a.mean(axis=(1, 2), keepdims=True)
    power = np.einsum("nij,nij->n", a, a) / area
    likeness, shift = np.full(len(a), -2.0, np.float32), np.zeros((len(a), 2), np.int8)
    energy = np.stack([power, power], axis=1)
    for x, y in sorted(product(range(-SHIFT, SHIFT + 1), repeat=2), key=lambda by: abs(by[0]) + abs(by[1])):
        b = _shifted(other, x, y)
        mean = b.mean(axis=(1, 2))
        other_power = np.maximum(np.einsum("nij,nij->n", b, b) / area - mean * mean, 0)
        common = np.einsum("nij,nij->n", a, b) / area
        here = common / np.sqrt(np.maximum(power * other_power, FLAT * FLAT))
        better = here > likeness + 1e-4  # of equal ones the shortest shift, which comes first
        likeness[better], shift[better], energy[better, 1] = here[better], (x, y), other_power[better]
    return likeness, shift, energy


def _largest_difference(colour: list[NDArray[Any]], shift: NDArray[Any]) -> NDArray[np.float32]:
    """(N,) the largest difference of any channel where each of (N, C, side, side) windows is shifted by its own."""
    one, other = colour
    largest = np.zeros(len(one), np.float32)
    for x, y in np.unique(shift, axis=0).tolist():
        here = (shift == (x, y)).all(axis=1)
        a, b = _shifted(one[here], 0, 0).astype(np.float32), _shifted(other[here], x, y)
        largest[here] = np.abs(a - b).max(axis=(1, 2, 3))
    return largest


def _shades(one: NDArray[Any], other: NDArray[Any]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How far equal shades of (N, WINDOW, WINDOW) brightness became unequal, and changed, (N,) sums of squares each.

    Shades that only one pixel has say nothing and are left out; of those with few pixels the spread is corrected.
    """
    count, bins = len(one), 256 // BIN
    shade = (one.reshape(count, -1) / BIN).astype(np.intp).clip(0, bins - 1)
    owner = (shade + np.arange(count)[:, None] * bins).ravel()
    change = (other - one).reshape(-1).astype(np.float64)
    pixels = np.bincount(owner, minlength=count * bins)
    total, squares = (np.bincount(owner, values, minlength=count * bins) for values in (change, change * change))
    several = pixels > 1
    within = np.where(several, squares - total * total / np.maximum(pixels, 1), 0)
    within *= pixels / np.maximum(pixels - 1, 1)
    return within.reshape(count, bins).sum(axis=1), np.where(several, squares, 0).reshape(count, bins).sum(axis=1)
