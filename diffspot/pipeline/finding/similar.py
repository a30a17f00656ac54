"""How alike two pictures look from afar: where which colour is. Turned or scaled content is something else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.metrics.oklab import CONES, LAB
from diffspot.pipeline.preparation import common_form, to_levels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.model import Image

BLOCKS = 8
"""Blocks a side of the picture: finer detail does not count."""
SIDE = 64
"""Px a side of the small picture that colours are taken from."""
BINS = (8, 8, 8)
"""Bins of the histogram: lightness, green to red, blue to yellow."""
RANGES = ((0.0, 1.0), (-0.25, 0.3), (-0.35, 0.25))
"""Ranges of OKLab in sRGB: lightness 0..1, a from -0.24 to 0.28, b from -0.32 to 0.20."""
CHROMA = 2.0
"""Weight of a and b: in sRGB they span half of what lightness does, and a hue counts as much as light and dark."""
BLOCK_SHARE = 0.75
"""Share of the blocks in the distance; the rest is the histogram's, which has no places."""


class Look(NamedTuple):
    """What a picture looks like from afar.

    Attributes:
        blocks: (64, 3) float32, means of 8 x 8 blocks in OKLab, a and b times `CHROMA`.
        histogram: (512,) float32, shares of its colours, which add up to 1.
    """

    blocks: NDArray[np.float32]
    histogram: NDArray[np.float32]


def look(image: Image) -> Look:
    """Takes the look of a picture: OKLab (B. Ottosson, A perceptual color space for image processing, 2020).

    What alpha lets through shows a white ground. Sides are brought to one length each, whatever they were.
    """
    colours = to_oklab(_small(image))
    blocks = colours.reshape(BLOCKS, SIDE // BLOCKS, BLOCKS, SIDE // BLOCKS, 3).mean(axis=(1, 3))
    counts, _ = np.histogramdd(colours.reshape(-1, 3), bins=BINS, range=RANGES)
    weighted = blocks.reshape(-1, 3) * np.array([1, CHROMA, CHROMA])
    return Look(weighted.astype(np.float32), (counts.ravel() / max(1.0, counts.sum())).astype(np.float32))


def distances(queries: Sequence[Look], among: Sequence[Look]) -> NDArray[np.float32]:
    """How unlike pictures look, (queries, among) float32, 0 the same look to 1, black beside white.

    Three quarters are the mean distance of blocks at the same place, at most 1 each; a quarter is the share of colours
    that only one of both has.
    """
    if not queries or not among:
        return np.zeros((len(queries), len(among)), np.float32)
    blocks, histograms = (np.stack(parts) for parts in zip(*among, strict=True))
    rows = [_row(query, blocks, histograms) for query in queries]
    return np.asarray(rows, np.float32).reshape(len(queries), len(among))


def _row(query: Look, blocks: NDArray[np.float32], histograms: NDArray[np.float32]) -> NDArray[np.float32]:
    apart = np.minimum(np.linalg.norm(blocks - query.blocks, axis=2), 1).mean(axis=1)
    foreign = np.abs(histograms - query.histogram).sum(axis=1) / 2
    return np.asarray(BLOCK_SHARE * apart + (1 - BLOCK_SHARE) * foreign, np.float32)


def to_oklab(colours: NDArray[np.float64]) -> NDArray[np.float64]:
    """sRGB, (..., 3) in 0..1, as OKLab: lightness 0..1, a (green to red) and b (blue to yellow) about -0.3..0.3."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)  # noqa: PLR2004
    return np.asarray(np.cbrt(linear @ np.transpose(CONES)) @ np.transpose(LAB))


def _small(image: Image) -> NDArray[np.float64]:
    """(64, 64, 3) float64 sRGB in 0..1, on white."""
    pixels: NDArray[Any] = to_levels(common_form(image, image).reference)
    small = cv2.resize(pixels, (SIDE, SIDE), interpolation=cv2.INTER_AREA).reshape(SIDE, SIDE, -1) / 255.0
    if small.shape[2] % 2 == 0:  # colours were multiplied by alpha
        small = small[..., :-1] + (1 - small[..., -1:])
    return np.repeat(small, 3 // small.shape[2], axis=2).clip(0, 1)
