"""Cells under a microscope twice: the stage moved a little, a few cells came or went."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.pairs.pair import Pair, Planted
from benchmarks.scenes.camera import add_noise, move, relight, trim, trim_boxes
from benchmarks.scenes.cells import Cell, add_cell, draw_cells, make_texture
from benchmarks.scenes.truth import tight_box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Field = NDArray[np.float64]
    Picture = NDArray[np.uint8]

MARGIN = 12
WIDTH, HEIGHT = 520 + 2 * MARGIN, 400 + 2 * MARGIN
CELLS, SHIFT = (25, 50), 4.0
NOISE, GAIN = (1.0, 2.5), 0.05
# Steps of 12 bits for one of 8.
TWELVE_BITS = np.uint16(16)
# The soft edge of a cell is seen from so many levels on; noise hides less.
VISIBLE = 8.0


def _level(sheet: Field) -> Picture:
    return np.rint(sheet).astype(np.uint8)


def plant_cells(rng: np.random.Generator, *, changed: bool) -> Planted:
    """Draw cells before and after two to five of them came or went."""
    texture, cells = make_texture(rng, WIDTH, HEIGHT), list[Cell]()
    for _ in range(int(rng.integers(*CELLS))):
        cells.append(add_cell(cells, rng, WIDTH, HEIGHT))
    count = int(rng.integers(2, 6)) if changed else 0
    once = [cells[at] for at in rng.permutation(len(cells))[:count]]
    vanished = [cell for cell in once if rng.random() < 0.5]
    appeared = [cell for cell in once if cell not in vanished]
    before = _level(draw_cells([cell for cell in cells if cell not in appeared], texture))
    after = _level(draw_cells([cell for cell in cells if cell not in vanished], texture))
    empty = _level(texture)
    boxes = tuple(tight_box(empty, _level(draw_cells([cell], texture)), above=VISIBLE) for cell in once)
    return Planted(before, after, boxes)


def draw_cells_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Look twice; the second time the stage has moved and the lamp is another bit brighter."""
    planted = plant_cells(rng, changed=changed)
    dx, dy = (float(value) for value in rng.uniform(-SHIFT, SHIFT, 2))
    noise = float(rng.uniform(*NOISE))
    seen = relight(move(planted.after, dx, dy), gain=1 + float(rng.uniform(-GAIN, GAIN)), offset=0)
    return Pair(
        add_noise(trim(planted.before, MARGIN), rng, noise),
        add_noise(trim(seen, MARGIN), rng, noise),
        trim_boxes(planted.boxes, MARGIN),
    )


def draw_deep_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """The same by a camera that leaves 12 bits in samples of 16."""
    pair = draw_cells_pair(rng, changed=changed)
    reference, candidate = (each.astype(np.uint16) * TWELVE_BITS for each in (pair.reference, pair.candidate))
    return replace(pair, reference=reference, candidate=candidate)
