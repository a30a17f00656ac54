"""What is written decodes to the same pixels, in the format that was read where that can hold them."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from diffspot.image_io import decode, encode_lossless

KEPT = {
    (".png", np.uint8): {1, 2, 3, 4},
    (".png", np.uint16): {1, 2, 3, 4},
    (".tif", np.uint8): {1, 3, 4},
    (".TIFF", np.uint8): {1, 3, 4},
    (".tif", np.uint16): {1},
    (".TIFF", np.uint16): {1},
    (".bmp", np.uint8): {1, 3},
    (".webp", np.uint8): {3, 4},
}


@pytest.mark.parametrize("ending", [".png", ".tif", ".TIFF", ".bmp", ".webp", ".gif", ".jpg", ""])
def test_it_decodes_to_the_same_pixels(ending: str) -> None:
    for dtype, channels, size in product([np.uint8, np.uint16], [1, 2, 3, 4], [(1, 1), (13, 21)]):
        rng = np.random.default_rng(channels)
        pixels = rng.integers(0, np.iinfo(dtype).max + 1, (*size, channels)).astype(dtype)
        data, name = encode_lossless(pixels, f"a{ending}")
        kept = channels in KEPT.get((ending, dtype), ())
        assert name == (f"a{ending}" if kept else f"a{ending}.png"), (dtype, channels, size)
        image = decode(data, Path(name))
        assert image.pixels.dtype == dtype
        assert np.array_equal(image.pixels, pixels), (dtype, channels, size)
        assert image.notes == ()
