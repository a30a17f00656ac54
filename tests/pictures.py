"""Small pictures that tests write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import imagecodecs
import numpy as np

from diffspot.image_io import encode_png

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

PATCH = (8, 5, 12, 10)
"""The box that `changed` differs in, [x, y, w, h]."""


def plain(height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    """A light grey RGB picture."""
    return np.full((height, width, 3), 200, np.uint8)


def changed(height: int = 48, width: int = 64) -> NDArray[np.uint8]:
    """`plain` with a black patch."""
    picture = plain(height, width)
    x, y, w, h = PATCH
    picture[y : y + h, x : x + w] = 0
    return picture


def page() -> NDArray[np.uint8]:
    """Dark words in lines on a light ground, 400 x 300, as a renderer would draw them."""
    rng = np.random.default_rng(4)
    picture = np.full((400, 300, 3), 250, np.uint8)
    for y in range(20, 380, 20):
        for x in range(20, 280, 12):
            picture[y : y + 8, x : x + int(rng.integers(3, 10))] = int(rng.integers(0, 120))
    return picture


def webp(pixels: NDArray[np.uint8]) -> bytes:
    """A lossless WebP file, which imagecodecs decodes; of a PNG much is told without decoding it."""
    return imagecodecs.webp_encode(pixels, level=0, lossless=True)


def save(path: Path, pixels: NDArray[Any]) -> Path:
    """Writes a PNG, and the folders it needs; returns its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode_png(pixels))
    return path
