"""What JPEG of each quality would leave of how two pictures differ: all qualities at once, on a few blocks.

Hundreds of trips through an encoder and a decoder take four times as long for pictures as small as that.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.model import Compression

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SIDE, UNIT = 8, 16
"""Px, sides of a block, and of what is coded at once where colours have half the resolution."""
FULL, HALVED = (1, 1), (2, 2)
"""Px, down and across, that have one colour, where colours have full resolution and where they have the usual half."""
MIDDLE = 128
"""Level that is taken off before the transform."""
STEPS = np.array(
    [
        [16, 11, 10, 16, 24, 40, 51, 61],
        [12, 12, 14, 19, 26, 58, 60, 55],
        [14, 13, 16, 24, 40, 57, 69, 56],
        [14, 17, 22, 29, 51, 87, 80, 62],
        [18, 22, 37, 56, 68, 109, 103, 77],
        [24, 35, 55, 64, 81, 104, 113, 92],
        [49, 64, 78, 87, 103, 121, 120, 101],
        [72, 92, 95, 98, 112, 100, 103, 99],
    ]
)
"""To which the frequencies of luminance are rounded with quality 50: ITU-T T.81, table K.1."""
COLOUR_STEPS = np.pad(
    [[17, 18, 24, 47], [18, 21, 26, 66], [24, 26, 56, 99], [47, 66, 99, 99]], (0, 4), constant_values=99
)
"""And those of colour differences: table K.2."""


def left_by_quality(
    better: NDArray[np.uint8], other: NDArray[np.uint8], qualities: Sequence[int]
) -> NDArray[np.float64]:
    """Mean difference of each unit from the other picture's once the better one is compressed, for each quality.

    The transform is the exact one, which libjpeg's in whole numbers leaves by a level in few pixels.

    Args:
        better: (N, side, side) levels, `side` a multiple of 8.
        other: the same shape.
        qualities: Q of them, 1 to 100, as libjpeg scales its tables by them.

    Returns:
        (Q, N) levels; the outermost px of each unit are not looked at.
    """
    count, side = better.shape[:2]
    waves = cosines()
    steps = np.stack([steps_of(quality) for quality in qualities])[:, None]
    frequencies = (blocks_of(better) - np.float32(MIDDLE)) @ waves.T
    rounded = np.rint(frequencies / steps)
    rounded *= steps
    levels = (rounded.reshape(-1, SIDE**2) @ waves).reshape(rounded.shape)
    levels += np.float32(MIDDLE)
    np.rint(levels, out=levels)
    np.clip(levels, 0, 255, out=levels)
    levels -= blocks_of(other)
    inner = np.pad(np.ones((1, side - 2, side - 2), np.uint8), ((0, 0), (1, 1), (1, 1)))
    sums = np.abs(levels, out=levels).reshape(-1, side**2) @ blocks_of(inner).ravel()
    return sums.reshape(len(qualities), count).astype(np.float64) / np.count_nonzero(inner)


@lru_cache(maxsize=256)
def steps_of(quality: int, *, colours: bool = False) -> NDArray[np.float32]:
    """(64,) the steps of luminance, or of colours, that libjpeg makes of a quality, row by row."""
    percent = 5000 // quality if quality < 50 else 200 - 2 * quality  # noqa: PLR2004  of libjpeg
    return np.asarray(np.clip(((COLOUR_STEPS if colours else STEPS).ravel() * percent + 50) // 100, 1, 255), np.float32)


@lru_cache(maxsize=512)
def compression_of(quality: int, sampling: tuple[int, int] = HALVED) -> Compression:
    """How libjpeg compresses by a quality of 1 to 100."""
    luminance, colours = (tuple(steps_of(quality, colours=one).astype(int).tolist()) for one in (False, True))
    return Compression(luminance, colours, sampling)


@lru_cache(maxsize=1)
def cosines() -> NDArray[np.float32]:
    """(64, 64) the orthonormal cosines of a block: a row for each frequency, of its 64 px."""
    place = np.arange(SIDE)
    line = np.cos(np.pi * (2 * place + 1) * place[:, None] / (2 * SIDE)) * np.sqrt(2 / SIDE)
    line[0] /= np.sqrt(2)
    return np.kron(line, line).astype(np.float32)


def blocks_of(units: NDArray[Any]) -> NDArray[np.float32]:
    """The blocks of (N, height, width) units, one after the other, (M, 64) float32."""
    count, height, width = units.shape
    parts = units.reshape(count, height // SIDE, SIDE, width // SIDE, SIDE).swapaxes(2, 3)
    return parts.reshape(-1, SIDE**2).astype(np.float32)
