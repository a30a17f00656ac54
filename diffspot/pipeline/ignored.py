"""The ignored area: what the user took out of the comparison with boxes and mask pictures."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from diffspot.errors import OptionError
from diffspot.image_io import read_image
from diffspot.options.fields import NOTHING
from diffspot.options.lengths import in_px

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from diffspot.options.options import Options
    from diffspot.options.types import Area

WHITE = 128
"""Grey levels from which a mask counts as white."""
MASKS_HELD = 8
"""Mask pictures kept in memory; many pairs share one."""


def find_ignored(shape: tuple[int, ...], options: Options) -> NDArray[np.bool_] | None:
    """(H, W) bool, true where a reference of that shape is not to be compared; None where all of it is.

    Compared is what lies in any of the `only` boxes (or anywhere, without), on white of the `mask`, and in no `ignore`
    box.

    Raises:
        ImageReadError: the mask cannot be read.
        OptionError: the mask is not of the reference's size, or `only` and `mask` leave nothing to compare.
    """
    if not options.ignore and not options.only and options.mask == NOTHING:
        return None
    compared = np.ones(shape, np.bool_)
    if options.only:
        compared &= _covered(options.only, shape)
    if options.mask != NOTHING:
        compared &= _read_mask(options.mask, shape)
    if not compared.any():
        raise OptionError(
            f"--only and --mask leave nothing to compare of a picture of {_size(shape)} px; let them meet it, or leave "
            "the pair out."
        )
    ignored = ~compared | _covered(options.ignore, shape)
    return ignored if ignored.any() else None


def _covered(boxes: Iterable[Area], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(H, W) bool, true inside any of the boxes; a pixel that a box only touches is inside."""
    height, width = shape[:2]
    covered = np.zeros((height, width), np.bool_)
    for box in boxes:
        x, y, w, h = (in_px(length, whole) for length, whole in zip(box, (width, height) * 2, strict=True))
        covered[math.floor(y) : math.ceil(y + h), math.floor(x) : math.ceil(x + w)] = True
    return covered


def _read_mask(path: str, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    try:
        stat = Path(path).stat()
        stamp = stat.st_mtime_ns, stat.st_size
    except OSError:
        stamp = 0, 0  # reading it says what is wrong
    mask = _decoded_mask(path, stamp)
    if mask.shape != shape:
        raise OptionError(
            f"The mask {path} is of {_size(mask.shape)} px and the reference of {_size(shape)} px; draw it in the "
            "reference's size."
        )
    return mask


@lru_cache(MASKS_HELD)
def _decoded_mask(path: str, stamp: tuple[int, int]) -> NDArray[np.bool_]:
    """(H, W) bool, true on white; `stamp` tells a changed file from the one that is held."""
    del stamp
    from diffspot.pipeline.preparation import eight_bits  # noqa: PLC0415  OpenCV is slow to import

    return np.asarray(eight_bits(read_image(Path(path)).pixels).max(axis=2) >= WHITE)


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]}"
