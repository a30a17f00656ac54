"""Where a small binary shape lies in a picture of ones and zeros, in any of its orientations: hit or miss."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, NamedTuple

import cv2
import numpy as np
from msgspec import Meta, Struct

from diffspot.errors import OptionError
from diffspot.model import Box  # noqa: TC001  msgspec reads the annotations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

ANY = -1
"""The value in a shape that matches anything."""
SIGNS = {"0": 0, "1": 1, "?": ANY}
TURNS = 4


class Hit(Struct, frozen=True, kw_only=True):
    """Where a binary shape was found."""

    bbox: Annotated[Box, Meta(description="Where it lies in the picture.")]
    turned: Annotated[int, Meta(description="Degrees by which the shape is turned there, against the clock.")]
    mirrored: Annotated[bool, Meta(description="Whether it was mirrored left to right before that.")]


class Oriented(NamedTuple):
    """A shape in one orientation: (h, w) int8 of 0, 1 and `ANY`; see `Hit`."""

    shape: NDArray[np.int8]
    turned: int
    mirrored: bool


def read_shape(text: str) -> NDArray[np.int8]:
    """A shape as it is written, row by row: "1000/1111"; `?` is whatever is there.

    Raises:
        OptionError: the rows differ in length, or hold something else.
    """
    rows = [row.strip() for row in text.split("/")]
    if len({len(row) for row in rows}) != 1 or not rows[0] or set("".join(rows)) - SIGNS.keys():
        raise OptionError(f"--shape cannot be {text!r}: expected rows of one length of 0, 1 and ?, such as 1000/1111.")
    return np.array([[SIGNS[sign] for sign in row] for row in rows], np.int8)


def orientations(shape: NDArray[np.int8], count: int) -> list[Oriented]:
    """A shape as it is, in its four turns, or in those and mirrored; what looks like an earlier one is left out."""
    found: dict[tuple[tuple[int, ...], bytes], Oriented] = {}
    for mirrored in (False, True)[: 1 + (count == 2 * TURNS)]:
        for turn in range(TURNS if count > 1 else 1):
            own = np.ascontiguousarray(np.rot90(shape[:, ::-1] if mirrored else shape, turn))
            found.setdefault((own.shape, own.tobytes()), Oriented(own, 90 * turn, mirrored))
    return [*found.values()]


def find_pattern(ones: NDArray[np.bool_], shapes: Sequence[Oriented], *, most: int | None = None) -> list[Hit]:
    """Finds every place of a shape: its ones are ones there and its zeros are zeros.

    Two erosions, of the ones by the shape's ones and of the zeros by its zeros (J. Serra, Image Analysis and
    Mathematical Morphology, 1982). Places may overlap.

    Args:
        ones: (H, W) bool.
        shapes: of `orientations`.
        most: how many to find at most; None finds all.

    Returns:
        By y, then x, then in the order of `shapes`.
    """
    found: list[tuple[int, int, int]] = []
    for number, oriented in enumerate(shapes):
        ys, xs = np.nonzero(_hits(ones, oriented.shape))
        found += [(y, x, number) for y, x in zip(ys.tolist(), xs.tolist(), strict=True)]
        if most is not None and len(found) >= most:
            break
    return [_hit(y, x, shapes[number]) for y, x, number in sorted(found)[:most]]


def _hit(y: int, x: int, oriented: Oriented) -> Hit:
    height, width = oriented.shape.shape
    return Hit(bbox=(x, y, width, height), turned=oriented.turned, mirrored=oriented.mirrored)


def _hits(ones: NDArray[np.bool_], shape: NDArray[np.int8]) -> NDArray[np.bool_]:
    """(H - h + 1, W - w + 1) bool: the top left corners; empty where the shape is larger than the picture."""
    rows, columns = (max(0, have - want + 1) for have, want in zip(ones.shape, shape.shape, strict=True))
    found = np.ones((rows, columns), bool)
    if not found.size:
        return found
    for value, plane in ((1, ones), (0, ~ones)):
        element = (shape == value).view(np.uint8)
        if element.any():  # OpenCV takes an empty element for a square
            found &= cv2.erode(plane.view(np.uint8), element, anchor=(0, 0))[:rows, :columns] > 0
    return found


def to_ones(levels: NDArray[np.uint8], *, dark: bool) -> NDArray[np.bool_]:
    """A brightness picture, (H, W) uint8, as ones and zeros.

    The threshold is Otsu's (N. Otsu, 1979, DOI 10.1109/TSMC.1979.4310076); of one level, half of the range.

    Args:
        levels: what to split.
        dark: whether the dark pixels are the ones.
    """
    if levels.min() == levels.max():
        light = levels > np.iinfo(np.uint8).max // 2
    else:
        threshold, _ = cv2.threshold(levels, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        light = levels > threshold
    return np.asarray(~light if dark else light)


def read_ones(text: str, *, flat: bool = False) -> NDArray[np.bool_]:
    """Ones and zeros as text, (H, W) bool; there may be spaces, commas, brackets, True and False.

    Args:
        text: one picture, a line for each row.
        flat: whether it is a square picture in one line, such as 784 of 28 x 28.

    Raises:
        ValueError: it holds something else, or rows of unequal length, or no square.
    """
    plain = text.replace("True", "1").replace("False", "0").translate(str.maketrans("", "", " \t\r,[]();"))
    rows = [row for row in plain.split("\n") if row]
    if not rows or set("".join(rows)) - {"0", "1"}:
        raise ValueError("holds something else than 0 and 1")
    if len({len(row) for row in rows}) != 1:
        raise ValueError("has rows of unequal length")
    ones = np.array([[sign == "1" for sign in row] for row in rows])
    side = math.isqrt(ones.size)
    if flat and side**2 != ones.size:
        raise ValueError(f"has a line of {ones.size} px, which is no square")
    return ones.reshape(side, side) if flat else ones
