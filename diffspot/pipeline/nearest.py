"""Two compressed pictures as near to each other as what was compressed may have been.

JPEG rounds each frequency of a block to a multiple of a step, so that before it lay within half a step: an interval
for each frequency (the quantization constraint set of Zakhor, IEEE TCSVT 2, 91-95, 1992, DOI 10.1109/76.134377). Where
the intervals of two pictures meet in all frequencies of a block, both may have been the same there, and nothing tells
that anything changed; where they do not, what lies between them is what changed. Levels that were cut off at black or
white may have been any beyond, which is found by descending the gradient (Beck and Teboulle, SIAM J. Imaging Sci. 2,
183-202, 2009, DOI 10.1137/080716542).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.jpeg_traces import BLACK, COLOURS, INVERSE, WHITE
from diffspot.pipeline.quantization import SIDE, UNIT, blocks_of, cosines, steps_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.jpeg_traces import Traces

    Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]
    Units = NDArray[Any]
    """(N, 16, 16, C) levels."""
    Frequencies = NDArray[Any]
    """(N, K, 64): of the blocks of each unit, those of luminance first."""

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
        halved: whether these are compared in half the resolution.
    """

    colours: bool
    halved: bool

    def frequencies(self, units: Units) -> Frequencies:
        """Those of differences; colours of half the resolution are means of 2 x 2 px."""
        if not self.colours:
            return _transformed(units[..., 0])
        planes = units @ COLOURS.T
        if not self.halved:
            return np.concatenate([_transformed(planes[..., each]) for each in range(3)], axis=1)
        means = _means(planes[..., 1:])
        return np.concatenate(
            [_transformed(planes[..., 0]), *(_transformed(means[..., each]) for each in (0, 1))], axis=1
        )

    def planes(self, frequencies: Frequencies) -> Units:
        """(N, 16, 16, 1 or 3) luminance and colours of frequencies; each mean in all its px."""
        levels = frequencies @ cosines()
        if not self.colours:
            return _joined(levels)[..., None]
        if not self.halved:
            return np.stack([_joined(levels[:, start : start + 4]) for start in (0, 4, 8)], axis=-1)
        small = levels[:, 4:].reshape(-1, 2, SIDE, SIDE).repeat(2, axis=2).repeat(2, axis=3)
        return np.stack([_joined(levels[:, :4]), small[:, 0], small[:, 1]], axis=-1)

    def levels(self, frequencies: Frequencies) -> Units:
        """The levels that have these frequencies."""
        planes = self.planes(frequencies)
        return planes @ np.linalg.inv(COLOURS).T.astype(np.float32) if self.colours else planes

    def back(self, frequencies: Frequencies) -> Units:
        """The transpose of `frequencies`."""
        planes = self.planes(frequencies)
        if self.halved:
            planes[..., 1:] /= 4  # each px is a quarter of its mean
        return planes @ COLOURS if self.colours else planes

    def reach(self, traces: Traces) -> NDArray[Any]:
        """(K, 64) by how much the frequencies of a picture may lie off what they were."""
        if traces.quality is None:
            return np.zeros((1, SIDE**2), np.float32)
        half, coloured = (steps_of(traces.quality, colours=colours)[None] / 2 for colours in (False, True))
        if not self.colours:
            return half.repeat(4, axis=0)
        if self.halved and not traces.halved:
            coloured = SPREAD * np.sqrt(np.square(coloured.repeat(4, axis=0)).ravel() @ np.square(_averaged()))[None]
        return np.concatenate([half.repeat(4, axis=0), coloured.repeat(2 if self.halved else 8, axis=0)])


def nearest(
    reference: NDArray[np.uint8], candidate: NDArray[np.uint8], here: Traces, there: Traces
) -> NDArray[np.uint8]:
    """The candidate without what compression explains: as near to the reference as both may have been.

    Args:
        reference: (H, W, C) uint8, C 1 or 3.
        candidate: the same shape.
        here: how the reference was compressed.
        there: how the candidate was.
    """
    grid = Grid(coloured := reference.shape[2] > 1, halved=coloured and (here.halved or there.halved))
    reach = grid.reach(here) + grid.reach(there) + np.float32(ROUNDING)
    made = reference.copy()
    for top in range(0, len(made), ROWS * UNIT):
        rows = slice(top, top + ROWS * UNIT)
        apart = _apart((reference, candidate), rows, (here, there), grid)
        places = np.flatnonzero((np.abs(apart) > reach).any(axis=(1, 2)))
        if not len(places):
            continue
        whole = _whole(made[rows])
        units, other = _units_of(whole), _units_of(_whole(candidate[rows]))[places]
        found = _with_cut_off(apart[places], (units[places], other), grid, reach)
        units[places] = np.clip(np.rint(units[places] - grid.levels(_beyond(found, reach))), BLACK, WHITE)
        made[rows] = _from_units(units, whole.shape[1])[: len(made[rows]), : made.shape[1]]
    return made


def _apart(pair: Pair, rows: slice, traces: tuple[Traces, Traces], grid: Grid) -> Frequencies:
    """(N, K, 64) by how much the frequencies of two pictures differ, of the units of some rows."""
    if not grid.halved:
        here, there = (_units_of(_whole(picture[rows])) for picture in pair)
        return grid.frequencies(np.subtract(here, there, dtype=np.float32))
    begin = max(0, rows.start - 2)  # interpolation takes from the rows beside, an even number of them all in all
    first, count = rows.start - begin, -(-len(pair[0][rows]) // UNIT)
    here, there = (_padded(picture[begin : rows.stop + 2], first + count * UNIT + 2) for picture in pair)
    if traces[0].halved and traces[1].halved:
        sides = [(cv2.subtract(here, there, dtype=cv2.CV_32F), True)]
    else:
        sides = [(here.astype(np.float32), traces[0].halved), (-there.astype(np.float32), traces[1].halved)]
    luminance: Any = 0
    colours: Any = 0
    for levels, between in sides:
        luminance = luminance + cv2.transform(levels[first:][: count * UNIT], COLOURS[:1])
        colours = (
            colours + in_half(cv2.transform(levels, COLOURS[1:]), interpolated=between)[first // 2 :][: count * SIDE]
        )
    small = colours.reshape(count, SIDE, -1, SIDE, 2).transpose(0, 2, 4, 1, 3).reshape(-1, 2, SIDE**2) @ cosines().T
    return np.concatenate([_transformed(_units_of(luminance[..., None])[..., 0]), small], axis=1)


def in_half(colours: NDArray[Any], *, interpolated: bool) -> NDArray[Any]:
    """(H / 2, W / 2, 2) colours in half the resolution, as they were before they were interpolated; or their means."""
    if not interpolated:
        return np.asarray(_means(colours[None])[0])
    filtered = cv2.sepFilter2D(colours, -1, INVERSE, INVERSE, anchor=(1, 1), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(filtered[::2, ::2], np.float32)


def _means(levels: NDArray[Any]) -> NDArray[Any]:
    """(N, H / 2, W / 2, ...) means of 2 x 2 px."""
    lines = levels[:, ::2] + levels[:, 1::2]  # sums over axes as short take twenty times as long
    return np.asarray((lines[:, :, ::2] + lines[:, :, 1::2]) / 4)


def _with_cut_off(apart: Frequencies, pair: Pair, grid: Grid, reach: NDArray[Any]) -> Frequencies:
    """The difference of two pictures with the levels beyond black and white that bring them nearest to each other."""
    here, there = pair
    low = np.where((here == BLACK) | (there == WHITE), -np.inf, 0).astype(np.float32)
    high = np.where((here == WHITE) | (there == BLACK), np.inf, 0).astype(np.float32)
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


def _units_of(rows: NDArray[Any]) -> NDArray[Any]:
    """(N, 16, 16, C) the units of an (H, W, C) picture."""
    height, width, channels = rows.shape
    units = rows.reshape(height // UNIT, UNIT, width // UNIT, UNIT, channels).swapaxes(1, 2)
    return units.reshape(-1, UNIT, UNIT, channels)


def _from_units(units: NDArray[Any], width: int) -> NDArray[Any]:
    across = width // UNIT
    return units.reshape(-1, across, UNIT, UNIT, units.shape[3]).swapaxes(1, 2).reshape(-1, width, units.shape[3])


def _transformed(planes: NDArray[Any]) -> Frequencies:
    """(N, blocks, 64) the frequencies of the blocks of (N, side, side) planes."""
    return blocks_of(planes).reshape(len(planes), -1, SIDE**2) @ cosines().T


def _joined(levels: NDArray[Any]) -> NDArray[Any]:
    """(N, 16, 16) of (N, 4, 64) blocks."""
    return levels.reshape(-1, 2, 2, SIDE, SIDE).swapaxes(2, 3).reshape(-1, UNIT, UNIT)


@lru_cache(maxsize=1)
def _averaged() -> NDArray[np.float32]:
    """(256, 64) what each frequency of the four blocks of a unit gives of those of its means of 2 x 2 px."""
    blocks = np.zeros((4 * SIDE**2, UNIT, UNIT), np.float32)
    for place, rows in enumerate(cosines().reshape(-1, SIDE, SIDE).tolist()):
        for block in range(4):
            y, x = SIDE * (block // 2), SIDE * (block % 2)
            blocks[block * SIDE**2 + place, y : y + SIDE, x : x + SIDE] = rows
    return _transformed(_means(blocks))[:, 0]
