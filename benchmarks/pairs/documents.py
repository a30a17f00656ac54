"""Letters scanned twice: turned by less than a degree, on paper, in uneven light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from benchmarks.pairs.pair import Pair, Planted
from benchmarks.scenes.camera import add_noise, move, trim, trim_boxes
from benchmarks.scenes.document import BLACK, BORDER, make_document
from benchmarks.scenes.page import Page, Text, change_word
from benchmarks.scenes.render import render_page
from benchmarks.scenes.truth import Box, apart, tight_box

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

WIDTH, HEIGHT = 640, 820
MARGIN, GAP = 16, 12
INK, PAPER = 30, 244
TURN, SHIFT = 0.9, 5.0
# Grain of the paper, levels; the light falls off by up to this share to one side.
GRAIN, FALL = 2.5, 0.16
QUALITY = 90
# Sums in small type: px, rows, and how many digits change.
SMALL_TYPE, LINE, DIGITS = 13, 26, (1, 4)


def plant_document(rng: np.random.Generator, *, changed: bool) -> Planted:
    """Set a letter and replace two to five words."""
    page = make_document(rng)
    before = after = render_page(page)[..., 0]
    count, boxes = int(rng.integers(2, 6)) if changed else 0, list[Box]()
    while len(boxes) < count:
        edited = change_word(page, rng)
        drawn = render_page(edited)[..., 0]
        if (drawn == after).all():
            continue
        box = tight_box(after, drawn)
        if apart(box, boxes, GAP):
            page, after = edited, drawn
            boxes.append(box)
    return Planted(before, after, tuple(boxes))


def _scan(picture: Picture, rng: np.random.Generator) -> Picture:
    """Put ink on grainy, slightly grey paper under light that falls off to one side."""
    height, width = picture.shape
    corners = rng.uniform(1 - FALL, 1.0, (2, 2)).astype(np.float32)
    light = Image.fromarray(corners).resize((width, height), Image.Resampling.BILINEAR)
    ink = INK + picture.astype(np.float32) * (PAPER - INK) / 255
    return add_noise((ink * np.asarray(light)).astype(np.uint8), rng, GRAIN)


def draw_document_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Scan the letter, then the retyped one, which lies a little aslant."""
    planted = plant_document(rng, changed=changed)
    dx, dy = (float(value) for value in rng.uniform(-SHIFT, SHIFT, 2))
    turned = move(planted.after, dx, dy, degrees=float(rng.uniform(-TURN, TURN)))
    return Pair(
        _scan(trim(planted.before, MARGIN), rng),
        _scan(trim(turned, MARGIN), rng),
        trim_boxes(planted.boxes, MARGIN),
        quality=QUALITY,
    )


def draw_sums_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Scan sums in small type twice; single digits of the second sheet are others."""
    sums = [f"{number:08.2f}" for number in rng.uniform(100, 99999, (HEIGHT - 2 * BORDER) // LINE)]
    before = _set_sums(sums)
    after, boxes = before, list[Box]()
    for row in rng.permutation(len(sums))[: int(rng.integers(*DIGITS)) if changed else 0]:
        at = int(rng.integers(3, 5))
        digit = str((int(sums[row][at]) + int(rng.integers(1, 10))) % 10)
        sums[row] = sums[row][:at] + digit + sums[row][at + 1 :]
        drawn = _set_sums(sums)
        boxes.append(tight_box(after, drawn))
        after = drawn
    dx, dy = (float(value) for value in rng.uniform(-SHIFT, SHIFT, 2))
    turned = move(after, dx, dy, degrees=float(rng.uniform(-TURN, TURN)))
    sheets = (_scan(trim(sheet, MARGIN), rng) for sheet in (before, turned))
    return Pair(*sheets, trim_boxes(tuple(boxes), MARGIN), quality=QUALITY)


def _set_sums(sums: list[str]) -> Picture:
    """Set one sum a row, in three columns of the same words."""
    words = ("paid to the", "garden society", "in May")
    rows = [(BORDER + index * LINE, line) for index, line in enumerate(sums)]
    elements = [
        Text(BORDER + column * 130, y, word, SMALL_TYPE, BLACK, "small")
        for y, line in rows
        for column, word in enumerate((*words, line))
    ]
    return render_page(Page(WIDTH, HEIGHT, tuple(elements)))[..., 0]
