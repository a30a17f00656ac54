"""Hatches an area of a picture, quietly: what lies under it stays readable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPACING = 8
"""Line widths from one stroke to the next."""
STRENGTH = 0.45
"""Of a stroke; each is half dark and half light, so that it shows on any ground."""
DARK, LIGHT = 40, 225


def hatch(canvas: NDArray[np.uint8], area: NDArray[np.bool_], line: int) -> None:
    """Draws diagonal strokes over an area, in place.

    Args:
        canvas: (H, W, 3) uint8, RGB.
        area: (H, W) bool.
        line: width of the dark and of the light half of a stroke, px.
    """
    period = line * SPACING
    rows, columns = (np.arange(length, dtype=np.uint32) % period for length in area.shape)
    phase = (rows.astype(np.uint16)[:, None] + columns.astype(np.uint16)) % period // line
    for place, shade in enumerate((DARK, LIGHT)):
        stroke = area & (phase == place)
        under = canvas[stroke].astype(np.float32)
        canvas[stroke] = np.rint(under + STRENGTH * (shade - under)).astype(np.uint8)
