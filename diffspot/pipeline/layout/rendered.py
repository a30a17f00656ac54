"""Whether a picture is a rendered page: there no light changes, and rows move by whole px."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

RUN = 16
"""Px of a run along a row; pages have longer blanks, the flat patches of photos are seldom as wide."""
LINES = 64
"""Lines looked at, about: their share of runs is that of the picture within a few hundredths."""
RENDERED = 0.35
"""Share of runs of one shade: pages reach 0.49 (as JPEG 0.54), photos 0.20 (as JPEG of quality 60 0.30)."""


def looks_rendered(pixels: NDArray[Any]) -> bool:
    """Whether (H, W, C) consists of runs of one shade, as a rendered page does and a photo does not."""
    height, width, channels = pixels.shape
    if width < RUN:
        return False
    lines = pixels[:: max(1, height // LINES), : width // RUN * RUN]
    runs = lines.reshape(-1, RUN * channels)
    return bool((runs[:, channels:] == runs[:, :-channels]).all(axis=1).mean() > RENDERED)
