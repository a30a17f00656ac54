"""Pages that are equal to the bit but for one thing: prices, a heading drawn anew, what moved, a tint, a style."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
from PIL import Image, ImageDraw

from benchmarks.pairs.pair import Pair
from benchmarks.scenes.page import INK, Page, Shape, Text, make_page
from benchmarks.scenes.render import render_page
from benchmarks.scenes.text import PRODUCTS, text_width
from benchmarks.scenes.truth import tight_box

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from benchmarks.scenes.page import Colour, Element

    Picture = NDArray[np.uint8]
    Step = tuple[int, int]

WIDTH, HEIGHT = 640, 480
COLUMNS, ROWS = 4, 20
LEVELS = (2, 12)
"""Grey levels of a tint, the second left out."""
FARTHEST = 40
"""Px that a component moves by."""
COLOURED = ((0, 0, 200), (163, 21, 21), (0, 128, 0), INK)
"""Inks of an editor on white."""
MOVED, STEPS = 8, ((1, 0), (0, 1), (0, -1))
"""Rows that moved, so many that the page was laid out anew, but lies still as a whole; and by which (x, y) px."""
SOFT = 0.45, 0.65
"""Px, sigma, by which letters are softer."""
FORMATS = (("PNG", 0), ("JPEG", 95), ("JPEG", 85), ("JPEG", 80), ("JPEG", 70), ("WEBP", 95), ("WEBP", 90))
"""Formats in which screenshots are kept, and their quality."""


def draw_prices(rng: np.random.Generator, *, changed: bool) -> Pair:
    """A table of 80 prices, of which 1 to all are a cent higher; unchanged, drawn twice."""
    return _prices(rng, int(2 ** rng.uniform(0, 6.33)) if changed else 0)


def draw_compressed_prices(rng: np.random.Generator, *, changed: bool) -> Pair:
    """The same table, of which one to three prices are higher; each picture is in a format or quality of its own."""
    pair = _prices(rng, int(rng.integers(1, 4)) if changed else 0)
    first, second = rng.permutation(len(FORMATS))[:2]
    return Pair(_saved(pair.reference, *FORMATS[first]), _saved(pair.candidate, *FORMATS[second]), pair.boxes)


def draw_coloured_prices(rng: np.random.Generator, *, changed: bool) -> Pair:
    """A table in coloured type, of which one to three prices are higher, beside a WebP file: it blurs all colours."""
    pair = _prices(rng, int(rng.integers(1, 4)) if changed else 0, COLOURED)
    return Pair(pair.reference, _saved(pair.candidate, "WEBP", int(rng.integers(80, 91))), pair.boxes)


def draw_moved_prices(rng: np.random.Generator, *, changed: bool) -> Pair:
    """The same table, of which one price is higher and some rows moved by a px; both are JPEG files of one quality."""
    moved, step = rng.permutation(ROWS)[:MOVED], STEPS[rng.integers(len(STEPS))]
    pair = _prices(rng, int(changed), steps=[step if row in moved else (0, 0) for row in range(ROWS)])
    quality = int(rng.integers(85, 96))
    return Pair(_saved(pair.reference, "JPEG", quality), _saved(pair.candidate, "JPEG", quality), pair.boxes)


def draw_soft_prices(rng: np.random.Generator, *, changed: bool) -> Pair:
    """The same table, of which one to three prices are higher, drawn softer along its lines, as for subpixels."""
    pair = _prices(rng, int(rng.integers(1, 4)) if changed else 0)
    soft = cv2.GaussianBlur(pair.candidate, (3, 1), float(rng.uniform(*SOFT)))
    return Pair(pair.reference, np.asarray(soft, np.uint8), pair.boxes)


def _saved(picture: Picture, name: str, quality: int) -> Picture:
    """A picture as it is read again from a file."""
    with BytesIO() as file:
        Image.fromarray(picture).save(file, name, quality=quality)
        return np.asarray(Image.open(file).convert("RGB"))


def _prices(
    rng: np.random.Generator, count: int, inks: Sequence[Colour] = (INK,), steps: Sequence[Step] = ((0, 0),) * ROWS
) -> Pair:
    """A table of prices of which so many are a cent higher, rows in turn in these inks and moved by these steps."""
    cents = rng.integers(100, 9900, COLUMNS * ROWS) // 10 * 10 + rng.integers(0, 9, COLUMNS * ROWS)
    raised = rng.permutation(COLUMNS * ROWS)[:count]
    reference, higher = _table(cents, inks), cents.copy()
    higher[raised] += 1
    boxes = []
    for at in raised:
        one = cents.copy()
        one[at] += 1
        boxes.append(tight_box(reference, _table(one, inks)))
    return Pair(reference, _table(higher, inks, steps), tuple(boxes))


def _table(cents: NDArray[Any], inks: Sequence[Colour], steps: Sequence[Step] = ((0, 0),) * ROWS) -> Picture:
    elements: list[Element] = []
    for at, price in enumerate(cents.tolist()):
        row, column = divmod(at, COLUMNS)
        (right, down), ink = steps[row], inks[row % len(inks)]
        x, y = 16 + 154 * column + right, 16 + 22 * row + down
        elements.append(Text(x, y, PRODUCTS[at % len(PRODUCTS)], 13, ink, "label"))
        elements.append(Text(x + 96, y, f"{price // 100}.{price % 100:02}", 13, ink, "price"))
    return render_page(Page(WIDTH, HEIGHT, tuple(elements)))


def draw_redrawn_heading(rng: np.random.Generator, *, changed: bool) -> Pair:
    """One heading by another rasteriser on a page that is equal else; changed, with another price."""
    page = make_page(rng, width=WIDTH, height=HEIGHT)
    headings = [each for each in page.elements if isinstance(each, Text) and each.role == "heading"]
    heading = headings[rng.integers(len(headings))]
    reference, candidate = render_page(page), render_page(page).copy()
    top, bottom = heading.y - 2, heading.y + heading.size * 3 // 2
    candidate[top:bottom] = render_page(page, hinted=False)[top:bottom]
    if not changed:
        return Pair(reference, candidate, ())
    price = _one(page, rng, lambda each: each.role == "price")
    edited = render_page(_with(page, price, text=f"${rng.integers(61, 99)}.25"))
    box = tight_box(reference, edited)
    rows = slice(box[1], box[1] + box[3])
    candidate[rows] = edited[rows]
    return Pair(reference, candidate, (box,))


def draw_lone_change(rng: np.random.Generator, *, changed: bool) -> Pair:
    """One line on a page that is equal else, not hinted: one letter wider, a shadow, or a turned mark beside it.

    Unchanged, one whole line by another rasteriser.
    """
    page = make_page(rng, width=WIDTH, height=HEIGHT)
    line = next(each for each in page.elements if isinstance(each, Text) and each.text.startswith("Fern & Field,"))
    reference = render_page(page, hinted=False)
    if not changed:
        candidate, top = reference.copy(), line.y - 2
        candidate[top : top + 2 * line.size] = render_page(page)[top : top + 2 * line.size]
        return Pair(reference, candidate, ())
    kind = int(rng.integers(3))
    if kind == 0:  # the rest of the line slides by a part of a px
        by = rng.choice([0.3, 0.5, 0.7])
        at = line.text.index(".") + 1
        start = line.x + text_width(line.text[:at], line.size)
        head, rest = replace(line, text=line.text[:at]), replace(line, text=line.text[at:], x=start)
        reference = render_page(_without(page, line, head, rest), hinted=False)
        candidate = render_page(_without(page, line, head, replace(rest, x=start + by)), hinted=False)
    elif kind == 1:
        shadow = replace(line, x=line.x + 0.5, colour=tuple((255 + level) // 2 for level in line.colour))
        candidate = render_page(_without(page, line, shadow, line), hinted=False)
    else:
        mark, turned = (_turned(page, line, angle) for angle in (0.0, 4.0))
        return Pair(mark, turned, (tight_box(mark, turned),))
    return Pair(reference, candidate, (tight_box(reference, candidate),))


def _turned(page: Page, line: Text, angle: float) -> Picture:
    """The page with a letter in a box behind a line, both turned by so many degrees."""
    sheet = render_page(page, hinted=False).copy()
    mark = Image.new("L", (96, 96))
    ImageDraw.Draw(mark).rectangle((12, 16, 84, 80), outline=255, width=8)
    ImageDraw.Draw(mark).line((12, 16, 48, 52, 84, 16), fill=255, width=8)
    small = mark.rotate(angle, Image.Resampling.BICUBIC).reduce(4)
    picture = Image.fromarray(sheet)
    picture.paste(line.colour, (WIDTH - 60, line.y - 4), small)
    return np.asarray(picture)


def draw_moved(rng: np.random.Generator, *, changed: bool) -> Pair:
    """The button moved by 1 to 40 px aside; where the two places overlap they are one region."""
    page = make_page(rng, width=WIDTH, height=HEIGHT)
    button = next(each for each in page.elements if isinstance(each, Shape) and each.h == 32)
    reference = render_page(page)
    if not changed:
        return Pair(reference, render_page(page), ())
    by = int(rng.choice([1, 2, 3, 8, FARTHEST, 300]))
    inside = (
        replace(each, x=each.x + by)
        if button.x <= each.x < button.x + button.w and button.y <= each.y < button.y + button.h
        else each
        for each in page.elements
    )
    candidate = render_page(replace(page, elements=tuple(inside)))
    here, there = (button.x, button.y, button.w, button.h), (button.x + by, button.y, button.w, button.h)
    around = (button.x, button.y, button.w + by, button.h)
    return Pair(reference, candidate, (here, there) if by > button.w else (around,))


def draw_tint(rng: np.random.Generator, *, changed: bool) -> Pair:
    """A card or the footer is darker by 2 to 11 levels of one or all channels; unchanged, by 1: rounding."""
    page = make_page(rng, width=WIDTH, height=HEIGHT)
    panel = _one(page, rng, lambda each: isinstance(each, Shape) and each.h in {116, 40})
    by = int(rng.integers(*LEVELS)) if changed else 1
    alone = int(rng.integers(3)) if rng.random() < 0.5 else None
    colour = tuple(level - by if alone in {None, at} else level for at, level in enumerate(panel.colour))
    reference, candidate = render_page(page), render_page(_with(page, panel, colour=colour))
    return Pair(reference, candidate, ((panel.x, panel.y, panel.w, panel.h),) if changed else ())


def draw_style(rng: np.random.Generator, *, changed: bool) -> Pair:
    """One heading, label or price is bolder, of another colour, or spaced out."""
    page = make_page(rng, width=WIDTH, height=HEIGHT)
    reference = render_page(page)
    if not changed:
        return Pair(reference, render_page(page), ())
    text = _one(
        page, rng, lambda each: isinstance(each, Text) and (each.role in {"heading", "price"} or each.text in PRODUCTS)
    )
    style = int(rng.integers(3))
    if style == 0:  # drawn twice, half a px apart
        edited = replace(page, elements=(*page.elements, replace(text, x=text.x + 0.5)))
    elif style == 1:
        edited = _with(page, text, colour=tuple(min(level + 16, 255) for level in text.colour))
    else:
        edited = _with(page, text, text=" ".join(text.text[:12]))
    candidate = render_page(edited)
    return Pair(reference, candidate, (tight_box(reference, candidate),))


def _one(page: Page, rng: np.random.Generator, which: Callable[[Any], bool]) -> Any:  # noqa: ANN401
    """One of the elements, by chance."""
    found = [each for each in page.elements if which(each)]
    return found[rng.integers(len(found))]


def _without(page: Page, element: Element, *others: Element) -> Page:
    """The page with others in place of an element."""
    return replace(page, elements=(*(each for each in page.elements if each is not element), *others))


def _with(page: Page, element: Element, **fields: Any) -> Page:  # noqa: ANN401
    """The page with other fields of that element."""
    return replace(page, elements=tuple(replace(each, **fields) if each is element else each for each in page.elements))
