"""Boxes: [x, y, width, height] in px, half-open."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffspot.model import Box


def widened(box: Box, padding: int, size: tuple[int, int]) -> Box:
    """A box grown by `padding` px on all sides, cut at the edge of a picture of `size`, (width, height)."""
    x, y, w, h = box
    left, top = max(0, x - padding), max(0, y - padding)
    return left, top, min(size[0], x + w + padding) - left, min(size[1], y + h + padding) - top


def shifted(box: Box, step: tuple[int, int], size: tuple[int, int]) -> Box:
    """A box moved by (x, y) px, no further than to the edge of a picture of `size`, (width, height)."""
    x, y, w, h = box
    right, down = step
    return min(max(x + right, 0), size[0] - w), min(max(y + down, 0), size[1] - h), w, h
