"""Cells under a microscope: soft round bodies of low contrast on a textured background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Field = NDArray[np.float64]

RADII = (9.0, 20.0)
# Cells may touch but hardly lie on each other: a share of the sum of their radii.
CLOSE = 0.95
GREY = 128.0
# Texture of the background: the px between its knots, and its sigma in levels.
TEXTURE = ((90, 9.0), (14, 3.0), (4, 2.0))
MAX_TRIES = 200


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its centre and radius, px, how much longer than wide, its angle and its contrast."""

    x: float
    y: float
    radius: float
    stretch: float
    angle: float
    contrast: float


def add_cell(cells: Sequence[Cell], rng: np.random.Generator, width: int, height: int) -> Cell:
    """Find a place for one cell more, inside the picture.

    Raises:
        ValueError: There is no room.
    """
    for _ in range(MAX_TRIES):
        radius = float(rng.uniform(*RADII))
        x, y = rng.uniform(30, width - 30), rng.uniform(30, height - 30)
        if all(np.hypot(x - each.x, y - each.y) > CLOSE * (radius + each.radius) for each in cells):
            stretch, angle = rng.uniform(0.85, 1.2), rng.uniform(0, np.pi)
            return Cell(x, y, radius, stretch, angle, rng.uniform(16, 30))
    raise ValueError(f"no room for cell {len(cells) + 1} in {width} x {height} px")


def make_texture(rng: np.random.Generator, width: int, height: int) -> Field:
    """Return an (H, W) float64 background about mid grey: waves of several lengths."""
    sheet = np.full((height, width), GREY)
    for step, sigma in TEXTURE:
        knots = rng.normal(0.0, sigma, (height // step + 2, width // step + 2))
        layer = Image.fromarray(knots.astype(np.float32))
        sheet += np.asarray(layer.resize((width, height), Image.Resampling.BICUBIC))
    return sheet


def draw_cells(cells: Sequence[Cell], texture: Field) -> Field:
    """Lay cells on a background: a soft darker body, a bright rim, a dark nucleus.

    Args:
        cells: What to draw.
        texture: (H, W), from `make_texture`.

    Returns:
        (H, W) float64 in levels from 0 to 255.
    """
    rows, columns = np.mgrid[: texture.shape[0], : texture.shape[1]].astype(np.float64)
    sheet = texture.copy()
    for cell in cells:
        reach = round(cell.radius * 1.8)
        top, left = max(0, round(cell.y) - reach), max(0, round(cell.x) - reach)
        part = np.s_[top : round(cell.y) + reach + 1, left : round(cell.x) + reach + 1]
        sheet[part] += _relief(cell, columns[part] - cell.x, rows[part] - cell.y)
    return np.clip(sheet, 0, 255)


def _relief(cell: Cell, across: Field, down: Field) -> Field:
    """Return what a cell adds to the levels at so many px from its centre."""
    along = across * np.cos(cell.angle) + down * np.sin(cell.angle)
    beside = down * np.cos(cell.angle) - across * np.sin(cell.angle)
    far = np.hypot(along / cell.stretch, beside * cell.stretch)
    body = 1 / (1 + np.exp((far - cell.radius) / 1.2))
    rim = np.exp(-(((far - cell.radius) / 2.0) ** 2))
    nucleus = np.exp(-((far / (0.38 * cell.radius)) ** 2))
    relief: Field = cell.contrast * (0.9 * rim - 0.6 * body - 0.8 * nucleus)
    return relief
