"""Sheets of barcodes, scaled and back, so that bars of 2 px are blended anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.pairs.pair import Pair

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

# Columns and rows of codes, px from one to the next, and how many modules of how many px a code has.
COLUMNS, ROWS, STEP = 3, 3, (180, 120)
MODULES, MODULE, TALL = 48, 2, 60
ZOOM = (1.4, 2.2)


def draw_labels_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """One code and its number changed, and the sheet was scaled up and down again."""
    size = COLUMNS * STEP[0] + 20, ROWS * STEP[1] + 20
    codes = [_code(rng) for _ in range(COLUMNS * ROWS)]
    before = _sheet(size, codes)
    which = int(rng.integers(len(codes)))
    if changed:
        codes[which] = _code(rng)
    after, zoom = Image.fromarray(_sheet(size, codes)), rng.uniform(*ZOOM)
    larger = after.resize((round(size[0] * zoom), round(size[1] * zoom)), Image.Resampling.BICUBIC)
    x, y = _corner(which)
    box = x, y, MODULES * MODULE, TALL + 16
    return Pair(before, np.asarray(larger.resize(size, Image.Resampling.BILINEAR)), (box,) if changed else ())


def _code(rng: np.random.Generator) -> tuple[NDArray[np.bool_], str]:
    return rng.random(MODULES) < 0.5, f"SN-{rng.integers(10000, 99999)}"


def _corner(which: int) -> tuple[int, int]:
    return 20 + which % COLUMNS * STEP[0], 20 + which // COLUMNS * STEP[1]


def _sheet(size: tuple[int, int], codes: list[tuple[NDArray[np.bool_], str]]) -> Picture:
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    for which, (bars, number) in enumerate(codes):
        x, y = _corner(which)
        for bar in np.flatnonzero(bars).tolist():
            pen.rectangle((x + bar * MODULE, y, x + (bar + 1) * MODULE - 1, y + TALL - 1), fill="black")
        pen.text((x + 6, y + TALL + 4), number, fill="black")
    return np.array(sheet)
