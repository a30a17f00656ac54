"""Where the blocks of JPEG lie in pictures that were cut out of larger ones and saved in another format.

Most frequencies of a block are rounded to zero, and stay zero where blocks are taken as they were coded; elsewhere
borders of blocks run through them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.jpeg_traces import COLOURS
from diffspot.pipeline.preparation import luminance
from diffspot.pipeline.quantization import SIDE, UNIT, blocks_of, cosines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ZERO = 0.75
"""Size of a frequency that may have been zero: rounding of pixels to levels leaves a deviation of 0.29."""
ACTIVE = 2
"""Levels by which a block must vary."""
LEAST = 8
"""Blocks of one picture that must."""
CLEAR = 0.05
"""By how much the share of zeros, of both pictures together, is larger than if blocks begin with the first px: of
photos that were not compressed it varies by 0.01, and blocks of JPEG raise it by 0.1 to 0.7. Straight lines of drawings
may raise it, too; then no compression explains what differs."""
ENOUGH = 1 << 20
"""Px that tell where blocks of colours begin."""


class Rim(NamedTuple):
    """Px that were cut off before the first row and the first column, and lie in blocks that are seen in part."""

    top: int
    left: int

    def put(self, plane: NDArray[Any]) -> NDArray[Any]:
        """An (H, W, ...) plane with the rim, which continues its first row and column."""
        wider = cv2.copyMakeBorder(plane, self.top, 0, self.left, 0, cv2.BORDER_REPLICATE)
        return np.asarray(wider, plane.dtype).reshape(*wider.shape[:2], *plane.shape[2:])

    def off(self, plane: NDArray[Any]) -> NDArray[Any]:
        """The plane without it."""
        return np.ascontiguousarray(plane[self.top :, self.left :])


def find_rim(units: Sequence[NDArray[np.uint8]]) -> Rim | None:
    """What was cut off of the first blocks of two pictures; None where they begin with whole ones, or nothing tells it.

    Args:
        units: (16 N, 16, C) uint8 of either picture, from places 16 px apart, one below the other.
    """
    planes = [luminance(side).reshape(-1, UNIT, UNIT) for side in units]
    begins = [(slice(down, down + SIDE), slice(across, across + SIDE)) for down, across in np.ndindex(SIDE, SIDE)]
    zeros = [sum(_zeros(blocks_of(plane[:, rows, columns])) for plane in planes) for rows, columns in begins]
    best = int(np.argmax(zeros))
    if zeros[best] - zeros[0] < CLEAR:
        return None
    down, across = divmod(best, SIDE)
    return Rim(-down % SIDE, -across % SIDE)


def with_colours(pictures: Sequence[NDArray[np.uint8]], rim: Rim) -> Rim:
    """The rim, or 8 px more, of two pictures of which colours may have half the resolution.

    Args:
        pictures: (H, W, 3) uint8 each.
        rim: as their luminance tells it.
    """
    rims = [Rim(rim.top + down, rim.left + across) for down in (0, SIDE) for across in (0, SIDE)]
    zeros = sum(_zeros_of_colours(rim.put(_middle(picture))) for picture in pictures)
    return rims[int(np.argmax(zeros))]


def _middle(picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Some rows of units of a large picture."""
    height, width = picture.shape[:2]
    spare = max(0, height - ENOUGH // width) // (2 * UNIT) * UNIT
    return picture[spare : height - spare]


def _zeros_of_colours(picture: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(4,) the share of frequencies that are zero in blocks of means of 2 x 2 px, 0 or 8 px down and across."""
    height, width = (side // UNIT * UNIT for side in picture.shape[:2])
    colours = cv2.transform(picture[:height, :width].astype(np.float32), COLOURS[1:])
    planes = cv2.resize(colours, (width // 2, height // 2), interpolation=cv2.INTER_AREA).transpose(2, 0, 1)
    shifted = [(down, across) for down in (0, SIDE // 2) for across in (0, SIDE // 2)]
    rows, columns = height // 2 - SIDE, width // 2 - SIDE
    return np.array([_zeros(blocks_of(planes[:, y : y + rows, x : x + columns])) for y, x in shifted])


def _zeros(blocks: NDArray[np.float32]) -> float:
    """The share of the frequencies of (N, 64) blocks that are zero."""
    active = blocks[blocks.std(axis=1) > ACTIVE]
    return float(np.mean(np.abs(active @ cosines()[1:].T) < ZERO)) if len(active) >= LEAST else 0.0
