"""A picture of each stage of a pair, for people who want to see how its regions came about: arrays in, arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.model import Image
from diffspot.outputs.drawing.annotate import annotate
from diffspot.outputs.drawing.marks import LINE_COLOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.model import Maps, Region

    Picture = NDArray[np.uint8]

BINS = 128
"""Bins of the histogram, over scores from 0 to 1."""
WIDTH, HEIGHT, MARGIN = 720, 400, 48
"""Px of the histogram and of what is around its axes."""
INK, PAPER, BAR = 40, 255, (90, 110, 140)
GOLDEN = 0.618034
"""Share of the circle of hues from one component to the next, so that no two neighbours look alike."""


def draw_stages(maps: Maps, regions: Sequence[Region]) -> tuple[Picture, ...]:
    """(H, W, C) uint8 pictures of the stages of a pair in the order of `STAGES`; all but the histogram have its size.

    Args:
        maps: what the stages made.
        regions: of the pair.
    """
    aligned = Image(maps.aligned)
    return (
        annotate(aligned, aligned, (), side="reference"),
        maps.blurred,
        _heat(maps.scores),
        draw_histogram(maps.scores, maps.threshold),
        _black_and_white(maps.passed),
        _black_and_white(maps.opened),
        colour_components(maps.mask, regions),
        annotate(aligned, aligned, regions, side="reference"),
    )


def draw_histogram(scores: NDArray[np.float32], threshold: float) -> Picture:
    """The histogram of a score map, (H, W) float32 in [0, 1], counts on a logarithmic scale, with the threshold."""
    counts, _ = np.histogram(scores, BINS, (0, 1))
    heights = np.log10(counts + 1.0)
    canvas = np.full((HEIGHT, WIDTH, 3), PAPER, np.uint8)
    right, bottom = WIDTH - MARGIN, HEIGHT - MARGIN
    for index, height in enumerate(heights / max(heights.max(), 1)):
        left, end = (MARGIN + (right - MARGIN) * edge // BINS for edge in (index, index + 1))
        top = round(bottom - (bottom - MARGIN) * float(height))
        canvas[top:bottom, left : max(end - 1, left + 1)] = BAR
    canvas[bottom, MARGIN:right] = canvas[MARGIN:bottom, MARGIN] = INK
    line = MARGIN + round((right - MARGIN) * threshold)
    canvas[MARGIN - 8 : bottom, line : line + 2] = LINE_COLOUR
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        _write(canvas, f"{share:g}", MARGIN + round((right - MARGIN) * share), bottom + 22)
    _write(canvas, "score", WIDTH // 2, HEIGHT - 8)
    _write(canvas, f"pixels, up to {counts.max():,} (logarithmic)", MARGIN + 130, 18)
    _write(canvas, f"threshold {threshold:.3f}", min(max(line, 70), WIDTH - 90), MARGIN - 12)
    return canvas


def colour_components(mask: NDArray[np.bool_], regions: Sequence[Region]) -> Picture:
    """The pixels of each region, of a mask (H, W) bool, in a colour of its own on black."""
    colours = np.zeros((*mask.shape, 3), np.uint8)
    for index, region in sorted(enumerate(regions), key=lambda one: -one[1].area):
        x, y, w, h = region.bbox
        place = slice(y, y + h), slice(x, x + w)
        hue = np.array([[[round(180 * (index * GOLDEN % 1)) % 180, 200, 255]]], np.uint8)
        colours[place][mask[place]] = cv2.cvtColor(hue, cv2.COLOR_HSV2RGB)[0, 0]
    return colours


def _heat(scores: NDArray[np.float32]) -> Picture:
    """Scores as colours, from black for 0 to light yellow for the highest."""
    levels = np.rint(scores * (255 / max(float(scores.max()), 1 / 255))).astype(np.uint8)
    return np.asarray(cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB), np.uint8)


def _black_and_white(mask: NDArray[np.bool_]) -> Picture:
    return mask[..., None] * np.uint8(255)


def _write(canvas: Picture, text: str, middle: int, baseline: int) -> None:
    """Writes small letters around a column, above a row."""
    (width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 1)
    place = middle - width // 2, baseline
    cv2.putText(canvas, text, place, cv2.FONT_HERSHEY_SIMPLEX, 0.45, (INK,) * 3, 1, cv2.LINE_AA)
