"""The ignored area of a pair, as its options name it; mask pictures are read here and held."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from diffspot.errors import OptionError
from diffspot.image_io import read_image
from diffspot.options.fields import NOTHING
from diffspot.pipeline.ignored import ignored_area

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.options.options import Options

WHITE = 128
"""Grey levels from which a mask counts as white."""
MASKS_HELD = 8
"""Mask pictures kept in memory; many pairs share one."""


def find_ignored(shape: tuple[int, ...], options: Options) -> NDArray[np.bool_] | None:
    """(H, W) bool, true where a reference of that shape is not compared; None where all of it is.

    Raises:
        ImageReadError: the mask cannot be read.
        OptionError: the mask is not of the reference's size, or nothing is left to compare.
    """
    if not ignores(options):
        return None
    mask = None if options.mask == NOTHING else _read_mask(options.mask, shape)
    return ignored_area(shape, ignore=options.ignore, only=options.only, mask=mask)


def ignores(options: Options) -> bool:
    """Whether options name a part that is not compared."""
    return bool(options.ignore or options.only or options.mask != NOTHING)


def _read_mask(path: str, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    try:
        stat = Path(path).stat()
        stamp = stat.st_mtime_ns, stat.st_size
    except OSError:
        stamp = 0, 0  # reading it says what is wrong
    mask = _decoded_mask(path, stamp)
    if mask.shape != shape:
        raise OptionError(
            f"The mask {path} is of {mask.shape[1]}x{mask.shape[0]} px and the reference of {shape[1]}x{shape[0]} px; "
            "draw it in the reference's size."
        )
    return mask


@lru_cache(MASKS_HELD)
def _decoded_mask(path: str, stamp: tuple[int, int]) -> NDArray[np.bool_]:
    """(H, W) bool, true on white; `stamp` distinguishes a changed file from the one that is held."""
    del stamp
    from diffspot.pipeline.preparation import eight_bits  # noqa: PLC0415  OpenCV is slow to import

    return np.asarray(eight_bits(read_image(Path(path)).pixels).max(axis=2) >= WHITE)
