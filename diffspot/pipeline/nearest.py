"""Two compressed pictures as near to each other as what was compressed may have been.

JPEG rounds each frequency of a block to a multiple of a step, so that before it lay within half a step: an interval
for each frequency (the quantization constraint set of Zakhor, IEEE TCSVT 2, 91-95, 1992, DOI 10.1109/76.134377). Where
the intervals of two pictures meet in all frequencies of a block, both may have been the same there, and nothing tells
that anything changed; where they do not, what lies between them is what changed. Levels that were cut off at black or
white may have been any beyond, which is found by descending the gradient (Beck and Teboulle, SIAM J. Imaging Sci. 2,
183-202, 2009, DOI 10.1137/080716542).
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.jpeg_traces import BLACK, COLOURS, INVERSE, WHITE
from diffspot.pipeline.quantization import FULL, SIDE, UNIT, blocks_of, cosines

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Compression

    Ways = tuple[Compression | None, Compression | None]
    """How each of two pictures was compressed; None where it was not."""
    Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]
    Units = NDArray[Any]
    """(N, 16, 16, C) levels."""
    Frequencies = NDArray[Any]
    """(N, K, 64): of the blocks of each unit, those of luminance first."""

AS_IT_IS, MEAN = (np.array(kernel, np.float32) for kernel in ([0, 1, 0, 0], [0, 0.5, 0.5, 0]))
"""What leaves a sample as it is, and what takes the mean with the next one; see `INVERSE`."""
ROUNDING = 1
"""By how much pixels and colours in whole levels move a frequency, four times their deviation of 0.25."""
SPREAD = 1.2
"""Times the root of the sum of squares of half steps within which frequencies lie that come of many such steps."""
TURNS = 10
"""Steps down the gradient, after which what was cut off leaves 3 levels of 30."""
CLEAR = 4
"""From which one frequency is told: half a level of a block."""
ROWS = 4
"""Rows of units that are looked at at once, so that what is worked out stays in the cache."""


class Grid(NamedTuple):
    """What blocks a unit has.

    Attributes:
        colours: whether it has colours.
        sampling: px, down and across, that have one colour where colours are compared.
    """

    colours: bool
    sampling: tuple[int, int] = FULL

    def frequencies(self, units: Units) -> Frequencies:
        """Those of differences; colours of a lower resolution are means."""
        if not self.colours:
            return _transformed(units[..., 0])
        planes = units @ COLOURS.T
        means = _means(planes[..., 1:], self.sampling)
        parts = planes[..., 0], means[..., 0], means[..., 1]
        return np.concatenate([_transformed(part) for part in parts], axis=1)

    def planes(self, frequencies: Frequencies) -> Units:
        """(N, 16, 16, 1 or 3) luminance and colours of frequencies; each mean in all its px."""
        levels = frequencies @ cosines()
        brightness = _joined(levels[:, :4], UNIT, UNIT)
        if not self.colours:
            return brightness[..., None]
        down, across = self.sampling
        colours = (_joined(part, UNIT // down, UNIT // across) for part in np.split(levels[:, 4:], 2, axis=1))
        return np.stack([brightness, *(part.repeat(down, axis=1).repeat(across, axis=2) for part in colours)], axis=-1)

    def levels(self, frequencies: Frequencies) -> Units:
        """The levels that have these frequencies."""
        planes = self.planes(frequencies)
        return planes @ np.linalg.inv(COLOURS).T.astype(np.float32) if self.colours else planes

    def back(self, frequencies: Frequencies) -> Units:
        """The transpose of `frequencies`."""
        planes = self.planes(frequencies)
        if self.sampling != FULL:
            planes[..., 1:] /= math.prod(self.sampling)  # each px is one part of its mean
        return planes @ COLOURS if self.colours else planes

    def reach(self, compression: Compression | None) -> NDArray[Any]:
        """(K, 64) by how much the frequencies of a picture may lie off what they were."""
        if compression is None:
            return np.zeros((1, SIDE**2), np.float32)
        half, coloured = (np.array(steps, np.float32)[None] / 2 for steps in compression[:2])
        if not self.colours:
            return half.repeat(4, axis=0)
        finer = self.sampling[0] // compression.sampling[0], self.sampling[1] // compression.sampling[1]
        if finer != FULL:
            squares = np.square(coloured.repeat(math.prod(finer), axis=0)).ravel() @ np.square(_averaged(finer))
            coloured = SPREAD * np.sqrt(squares)[None]
        return np.concatenate([half.repeat(4, axis=0), coloured.repeat(8 // math.prod(self.sampling), axis=0)])


def nearest(
    reference: NDArray[np.uint8],
    candidate: NDArray[np.uint8],
    here: Compression | None,
    there: Compression | None,
    *,
    unseen: tuple[int, int] = (0, 0),
) -> NDArray[np.uint8]:
    """The candidate without what compression explains: as near to the reference as both may have been.

    Args:
        reference: (H, W, C) uint8, C 1 or 3.
        candidate: the same shape.
        here: how the reference was compressed; None where it was not.
        there: how the candidate was.
        unseen: rows and columns, the first ones, that nobody saw: they may have been anything.
    """
    ways = here, there
    grid = Grid(reference.shape[2] > 1, (_most(ways, 0), _most(ways, 1)) if reference.shape[2] > 1 else FULL)
    reach = grid.reach(here) + grid.reach(there) + np.float32(ROUNDING)
    made = reference.copy()
    for top in range(0, len(made), ROWS * UNIT):
        rows = slice(top, top + ROWS * UNIT)
        apart = _apart((reference, candidate), rows, ways, grid)
        places = np.flatnonzero((np.abs(apart) > reach).any(axis=(1, 2)))
        if not len(places):
            continue
        whole = _whole(made[rows])
        units, other = _units_of(whole), _units_of(_whole(candidate[rows]))[places]
        free = _free(whole.shape[:2], (max(0, unseen[0] - top), unseen[1]))[places]
        found = _with_cut_off(apart[places], (units[places], other), free, grid, reach)
        units[places] = np.clip(np.rint(units[places] - grid.levels(_beyond(found, reach))), BLACK, WHITE)
        made[rows] = _from_units(units, whole.shape[1])[: len(made[rows]), : made.shape[1]]
    return made


def _most(ways: Ways, axis: int) -> int:
    """Px along an axis that have one colour in the coarser of two pictures."""
    return max(FULL[axis] if way is None else way.sampling[axis] for way in ways)


def _apart(pair: Pair, rows: slice, ways: Ways, grid: Grid) -> Frequencies:
    """(N, K, 64) by how much the frequencies of two pictures differ, of the units of some rows."""
    if grid.sampling == FULL:
        here, there = (_units_of(_whole(picture[rows])) for picture in pair)
        return grid.frequencies(np.subtract(here, there, dtype=np.float32))
    begin = max(0, rows.start - 2)  # interpolation takes from the rows beside, an even number of them all in all
    first, height = rows.start - begin, -(-len(pair[0][rows]) // UNIT) * UNIT
    here, there = (_padded(picture[begin : rows.stop + 2], first + height + 2) for picture in pair)
    samplings = [FULL if way is None else way.sampling for way in ways]
    if samplings[0] == samplings[1]:
        sides = [(cv2.subtract(here, there, dtype=cv2.CV_32F), samplings[0])]
    else:
        sides = list(zip((here.astype(np.float32), -there.astype(np.float32)), samplings, strict=True))
    brightness: Any = 0
    colours: Any = 0
    for levels, sampling in sides:
        brightness = brightness + cv2.transform(levels[first:][:height], COLOURS[:1])
        colours = colours + sampled(cv2.transform(levels, COLOURS[1:]), sampling, grid.sampling)
    down, across = grid.sampling
    small = _units_of(colours[first // down :][: height // down], UNIT // down, UNIT // across)
    parts = _units_of(brightness[..., None])[..., 0], small[..., 0], small[..., 1]
    return np.concatenate([_transformed(part) for part in parts], axis=1)


def sampled(colours: NDArray[Any], before: tuple[int, int], sampling: tuple[int, int]) -> NDArray[Any]:
    """(H, W, 2) colours in a lower resolution: as they were before they were interpolated, or means.

    Args:
        colours: of each px.
        before: px, down and across, that had one colour.
        sampling: px that have one now, no fewer.
    """
    if before == FULL:
        return np.asarray(_means(colours[None], sampling)[0])
    down, across = (
        AS_IT_IS if one == 1 else INVERSE if was > 1 else MEAN for was, one in zip(before, sampling, strict=True)
    )
    filtered = cv2.sepFilter2D(colours, -1, across, down, anchor=(1, 1), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(filtered[:: sampling[0], :: sampling[1]], np.float32)


def _means(levels: NDArray[Any], sampling: tuple[int, int]) -> NDArray[Any]:
    """(N, H, W, ...) means of as many px down and across, 1 or 2 each."""
    down, across = sampling  # sums over axes as short as theirs take twenty times as long
    lines = (levels[:, ::2] + levels[:, 1::2]) / 2 if down > 1 else levels
    return (lines[:, :, ::2] + lines[:, :, 1::2]) / 2 if across > 1 else lines


def _free(size: tuple[int, int], unseen: tuple[int, int]) -> NDArray[np.bool_]:
    """(N, 16, 16, 1) the px of the units of some rows that nobody saw."""
    free = np.zeros((*size, 1), np.bool_)
    free[: unseen[0]] = free[:, : unseen[1]] = True
    return _units_of(free)


def _with_cut_off(
    apart: Frequencies, pair: Pair, free: NDArray[np.bool_], grid: Grid, reach: NDArray[Any]
) -> Frequencies:
    """The difference of two pictures with the levels, cut off or unseen, that bring them nearest to each other."""
    here, there = pair
    low = np.where((here == BLACK) | (there == WHITE) | free, -np.inf, 0).astype(np.float32)
    high = np.where((here == WHITE) | (there == BLACK) | free, np.inf, 0).astype(np.float32)
    far = np.abs(_beyond(apart, reach)).max(axis=(1, 2)) > CLEAR
    cut = np.flatnonzero(far & (low != high).any(axis=(1, 2, 3)))
    if not len(cut):
        return apart
    low, high = low[cut], high[cut]
    beyond = ahead = np.zeros_like(low)
    pace = 1.0
    for _ in range(TURNS):
        slope = grid.back(_beyond(apart[cut] + grid.frequencies(ahead), reach))
        after, following = np.clip(ahead - slope, low, high), (1 + np.sqrt(1 + 4 * pace**2)) / 2
        ahead = after + np.float32((pace - 1) / following) * (after - beyond)
        beyond, pace = after, following
    found = apart.copy()
    found[cut] += grid.frequencies(beyond)
    return found


def _beyond(apart: Frequencies, reach: NDArray[Any]) -> Frequencies:
    """By how much differences of frequencies are larger than they may be."""
    return np.asarray(apart - np.clip(apart, -reach, reach))


def _padded(rows: NDArray[np.uint8], least: int) -> NDArray[np.uint8]:
    """Rows that continue up to whole units to the right, and up to so many rows, as encoders have it."""
    height, width, channels = rows.shape
    below, beside = max(0, least - height), -width % UNIT
    if not below and not beside:
        return rows
    whole = cv2.copyMakeBorder(rows, 0, below, 0, beside, cv2.BORDER_REPLICATE)
    return np.asarray(whole, np.uint8).reshape(*whole.shape[:2], channels)


def _whole(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Rows that continue up to whole units."""
    return _padded(rows, -(-len(rows) // UNIT) * UNIT)


def _units_of(rows: NDArray[Any], tall: int = UNIT, wide: int = UNIT) -> NDArray[Any]:
    """(N, tall, wide, C) the units of an (H, W, C) picture."""
    height, width, channels = rows.shape
    units = rows.reshape(height // tall, tall, width // wide, wide, channels).swapaxes(1, 2)
    return units.reshape(-1, tall, wide, channels)


def _from_units(units: NDArray[Any], width: int) -> NDArray[Any]:
    across = width // UNIT
    return units.reshape(-1, across, UNIT, UNIT, units.shape[3]).swapaxes(1, 2).reshape(-1, width, units.shape[3])


def _transformed(planes: NDArray[Any]) -> Frequencies:
    """(N, blocks, 64) the frequencies of the blocks of (N, height, width) planes."""
    return blocks_of(planes).reshape(len(planes), -1, SIDE**2) @ cosines().T


def _joined(levels: NDArray[Any], height: int, width: int) -> NDArray[Any]:
    """(N, height, width) of (N, K, 64) blocks."""
    blocks = levels.reshape(-1, height // SIDE, width // SIDE, SIDE, SIDE)
    return blocks.swapaxes(2, 3).reshape(-1, height, width)


@lru_cache(maxsize=4)
def _averaged(finer: tuple[int, int]) -> NDArray[np.float32]:
    """(64 K, 64) what each frequency of the K blocks of a unit gives of those of means of `finer` px, down and across.

    K blocks, as many down and across, become one.
    """
    down, across = finer
    count = down * across
    blocks = np.zeros((count * SIDE**2, SIDE * down, SIDE * across), np.float32)
    for place, wave in enumerate(cosines().reshape(-1, SIDE, SIDE)):
        for block in range(count):
            y, x = SIDE * (block // across), SIDE * (block % across)
            blocks[block * SIDE**2 + place, y : y + SIDE, x : x + SIDE] = wave
    return _transformed(_means(blocks, finer))[:, 0]
