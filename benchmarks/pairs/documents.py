"""Letters scanned twice: turned by less than a degree, on paper, in uneven light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageFilter

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
# Dark dots of three px on each sheet, of so many levels, so far from all ink.
SPECKS, DARKNESS, CLEARANCE = 8, (30, 100), 12
# Of a fax: finer resolution, px of blur, levels of noise before the threshold that each machine sets, and degrees.
FINER, FAX_BLUR, FAX_NOISE, THRESHOLDS, FAX_TURN = 1.5, 0.7, 12, (120, 160), 0.4


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


def draw_dusty_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Scan the letter twice through glass with dust on it, of which most lies beside the type."""
    planted = plant_document(rng, changed=changed)
    dx, dy = (float(value) for value in rng.uniform(-SHIFT, SHIFT, 2))
    turned = move(planted.after, dx, dy, degrees=float(rng.uniform(-TURN, TURN)))
    sheets = (_dusty(_scan(trim(sheet, MARGIN), rng), rng) for sheet in (planted.before, turned))
    return Pair(*sheets, trim_boxes(planted.boxes, MARGIN), quality=QUALITY)


def _dusty(picture: Picture, rng: np.random.Generator) -> Picture:
    """A scan with a few specks of dust, none of them near ink."""
    ink = Image.fromarray(picture).filter(ImageFilter.MinFilter(2 * CLEARANCE + 1))
    free = np.argwhere(np.asarray(ink) > PAPER // 2)
    dusty = picture.copy()
    for y, x in free[rng.integers(len(free), size=SPECKS)]:
        level = rng.integers(*DARKNESS)
        dusty[max(0, y - 1) : y + 2, x] = dusty[y, max(0, x - 1) : x + 2] = level
    return dusty


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


def draw_fax_pair(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Fax the letter twice in black and white, the second time by another machine."""
    planted = plant_document(rng, changed=changed)
    before, after = (_finer(picture) for picture in (planted.before, planted.after))
    dx, dy = (float(value) for value in rng.uniform(-SHIFT, SHIFT, 2))
    turned = move(after, dx, dy, degrees=float(rng.uniform(-FAX_TURN, FAX_TURN)))
    x, y, w, h = np.rint(FINER * np.array(planted.boxes).reshape(-1, 4)).astype(int).T.tolist()
    boxes = trim_boxes(tuple(zip(x, y, w, h, strict=True)), MARGIN)
    return Pair(_fax(trim(before, MARGIN), rng), _fax(trim(turned, MARGIN), rng), boxes)


def _finer(picture: Picture) -> Picture:
    """A picture at a finer resolution."""
    size = [round(FINER * side) for side in reversed(picture.shape)]
    return np.asarray(Image.fromarray(picture).resize((size[0], size[1]), Image.Resampling.BICUBIC))


def _fax(picture: Picture, rng: np.random.Generator) -> Picture:
    """Black and white: what is brighter than a threshold once it is blurred and noisy."""
    noisy = add_noise(np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(FAX_BLUR))), rng, FAX_NOISE)
    return np.where(noisy > rng.uniform(*THRESHOLDS), 255, 0).astype(np.uint8)


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
