"""Plans of signs and their names that another rasteriser drew anew: letters and edges of signs were blended anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.pairs.pair import Pair
from benchmarks.scenes.page import INK, Page, Text
from benchmarks.scenes.render import OVERSAMPLING, render_page
from benchmarks.scenes.text import PRODUCTS
from benchmarks.scenes.truth import tight_box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 640, 420
COLUMNS, ROWS, STEP = 4, 6, (154, 66)
BLENDED = 0.25
"""Px by which signs lie between pixels."""
SIZES = (18, 34)
"""Px of a sign."""


def draw_plan_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Another name or one sign less, and all of the plan drawn anew."""
    names = [
        Text(60 + STEP[0] * (at % COLUMNS), 20 + STEP[1] * (at // COLUMNS), name, 13, INK, "label")
        for at, name in enumerate(rng.choice(PRODUCTS, COLUMNS * ROWS).tolist())
    ]
    signs = [(bool(rng.random() < 0.5), int(rng.integers(*SIZES))) for _ in names]
    other_names, other_signs = list(names), list(signs)
    at = int(rng.integers(len(names)))
    if changed and rng.random() < 0.5:
        other_names[at] = replace(names[at], text="SOLD")
    elif changed:
        other_signs[at] = (True, 0)
    before, after = _plan(names, signs), _plan(other_names, other_signs, anew=True)
    box = tight_box(before, _plan(other_names, other_signs)) if changed else None
    return Pair(before, after, (box,) if box else ())


def _plan(names: list[Text], signs: list[tuple[bool, int]], *, anew: bool = False) -> Picture:
    """A plan; `anew` by another rasteriser, which hints no letters and puts signs a part of a px further on."""
    large = Image.new("L", (WIDTH * OVERSAMPLING, HEIGHT * OVERSAMPLING), 255)
    pen = ImageDraw.Draw(large)
    for at, (round_one, side) in enumerate(signs):
        if side:
            x, y = (start + BLENDED * anew for start in (16 + STEP[0] * (at % COLUMNS), 12 + STEP[1] * (at // COLUMNS)))
            corners = tuple(OVERSAMPLING * each for each in (x, y, x + side, y + side))
            draw = pen.ellipse if round_one else pen.rectangle
            draw(corners, outline=40, width=OVERSAMPLING * 3 // 2)
    text = render_page(Page(WIDTH, HEIGHT, tuple(names)), hinted=not anew)
    return np.asarray(np.minimum(text, np.asarray(large.reduce(OVERSAMPLING))[..., None]))
