"""Drawn pages, and edits that lie far apart on them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from tests.pipeline.layout.pages import page, stacked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[Any]

HEIGHT, WIDTH = 700, 1000
SPECK = 3
"""Px: what the largest opening that `auto` takes leaves."""


@cache
def sheet() -> NDArray[np.uint8]:
    """A drawn page, (HEIGHT, WIDTH, 3)."""
    return stacked(page(5, WIDTH))[:HEIGHT]


def edited(seed: int = 0) -> NDArray[np.uint8]:
    """`sheet` with edits in its corners, at its edges and here and there, some close to each other."""
    rng, picture = np.random.default_rng(seed), sheet().copy()
    corners = [(0, 0), (0, WIDTH - 9), (HEIGHT - 9, 0), (HEIGHT - 9, WIDTH - 9)]
    edges = [(0, 480), (HEIGHT - 9, 530), (350, 0), (330, WIDTH - 9)]
    inside = [tuple(rng.integers(0, (HEIGHT - 60, WIDTH - 60)).tolist()) for _ in range(3)]
    for y, x in [*corners, *edges, *inside]:
        for _ in range(int(rng.integers(1, 4))):
            dy, dx, height, width = rng.integers((0, 0, 1, 1), (20, 30, 12, 16)).tolist()
            part = picture[y + dy : y + dy + height, x + dx : x + dx + width]
            strength = int(rng.choice([40, 128, 255]))
            part[:] = np.where(part >= strength, part - strength, part + (255 - strength) // 2)
        picture[y : y + SPECK, x : x + SPECK] ^= 128
    return picture


def in_kind(picture: NDArray[np.uint8], kind: str) -> Picture:
    """A page in grey, in 16 bits with steps between those of 8, or behind alpha that fades over the page."""
    if kind == "grey":
        return np.ascontiguousarray(picture[..., 1])
    if kind == "sixteen bits":
        return picture.astype(np.uint16) * 256 + picture[..., ::-1]
    if kind == "alpha":
        fade = np.linspace(60, 255, picture.shape[1]).astype(np.uint8)
        return np.dstack([picture, np.maximum(fade, 255 - picture[..., 0])])
    return picture


KINDS = ("colour", "grey", "sixteen bits", "alpha")
