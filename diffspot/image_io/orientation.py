"""EXIF orientation: turning stored pixels upright, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import numpy as np

if TYPE_CHECKING:
    from diffspot.image_io.interface import Pixels

# EXIF 2.32, tag 274, as (rows and columns exchanged, then rows reversed, then columns reversed).
STEPS = {
    1: (False, False, False),
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}
INVERSE = {6: 8, 8: 6}


def exchanges_sides(orientation: int) -> bool:
    """Tell whether width and height change places when a picture is turned upright."""
    return STEPS[orientation][0]


def apply_orientation(pixels: Pixels, orientation: int) -> Pixels:
    """Turn (H, W) or (H, W, C) pixels as stored upright; `orientation` is 1 to 8."""
    exchanged, rows_reversed, columns_reversed = STEPS[orientation]
    if exchanged:
        pixels = pixels.swapaxes(0, 1)
    if rows_reversed:
        pixels = pixels[::-1]
    if columns_reversed:
        pixels = pixels[:, ::-1]
    return cast("Pixels", np.ascontiguousarray(pixels))


def undo_orientation(pixels: Pixels, orientation: int) -> Pixels:
    """Turn upright pixels back to how a file of this orientation stores them."""
    return apply_orientation(pixels, INVERSE.get(orientation, orientation))
