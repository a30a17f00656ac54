"""Writing pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import imagecodecs

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def encode_png(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> bytes:
    """Encode a picture as PNG, fast rather than small.

    The settings write a noisy 1500x1200 photograph in 44 ms and a page of text in 11 ms, where
    libpng's level 1 takes 118 and 26; the photograph gets 5 % smaller by it, the page twice as big.

    Args:
        pixels: (H, W, C) uint8 or uint16; C is 1 grey, 2 grey and straight alpha, 3 RGB, 4 RGBA.
    """
    single = pixels[..., 0] if pixels.shape[2] == 1 else pixels
    png = imagecodecs.PNG
    return bytes(
        imagecodecs.png_encode(single, level=png.COMPRESSION.SPEED, strategy=png.STRATEGY.RLE, filter=png.FILTER.UP)
    )
