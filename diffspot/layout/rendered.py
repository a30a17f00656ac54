"""Whether a picture is a rendered page: a whole-pixel move of anything else is registration's business."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RUN = 16
"""Px of a run along a row; pages have longer blanks, the flat patches of photos are seldom as wide."""
RENDERED = 0.35
"""Share of runs of one shade: pages reach 0.49 (as JPEG 0.54), photos 0.20 (as JPEG of quality 60 0.30)."""


def looks_rendered(plane: NDArray[np.uint8]) -> bool:
    """Whether (H, W) uint8 consists of runs of one shade as a rendered page does and a photo or a scan does not."""
    height, width = plane.shape
    runs = plane[:, : width // RUN * RUN].reshape(height, -1, RUN)
    return bool((runs == runs[:, :, :1]).all(axis=2).sum() > RENDERED * height * (width // RUN))
