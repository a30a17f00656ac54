"""Where two pictures were made to differ."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

Box = tuple[int, int, int, int]


def tight_box(before: NDArray[Any], after: NDArray[Any], *, above: float = 0.0) -> Box:
    """Return the [x, y, width, height] of all pixels that differ.

    Args:
        before: (H, W) or (H, W, C), any dtype.
        after: The same shape and dtype.
        above: Differences of up to so many levels are none: the faint tail of a soft edge.

    Raises:
        ValueError: The two are equal, so there is no box.
    """
    changed = np.abs(after.astype(np.float64) - before) > above
    if changed.ndim == 3:
        changed = changed.any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    if rows.size == 0:
        raise ValueError("the pictures are equal: the change planted is none")
    x, y = int(columns[0]), int(rows[0])
    return x, y, int(columns[-1]) - x + 1, int(rows[-1]) - y + 1


def step_boxes(steps: Sequence[NDArray[Any]], *, above: float = 0.0) -> tuple[Box, ...]:
    """Return one tight box a change, for pictures that each add one change to the one before."""
    return tuple(tight_box(before, after, above=above) for before, after in pairwise(steps))


def apart(box: Box, others: Sequence[Box], gap: int) -> bool:
    """Tell whether at least `gap` px lie between `box` and each of `others`."""
    x, y, w, h = box
    return all(
        x >= ox + ow + gap or ox >= x + w + gap or y >= oy + oh + gap or oy >= y + h + gap for ox, oy, ow, oh in others
    )
