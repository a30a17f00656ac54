"""More that can happen to a page: edits in place, and edits that move what stands below."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.scenes.page import (
    ACCENTS,
    CARD,
    CHANGES,
    LEADING,
    SIDE,
    WHITE,
    Page,
    Shape,
    Text,
    make_paragraph,
)
from benchmarks.scenes.render import render_page
from benchmarks.scenes.text import text_width
from benchmarks.scenes.truth import apart, tight_box

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    import numpy as np

    from benchmarks.scenes.page import Element
    from benchmarks.scenes.truth import Box

    Edit = Callable[[Page, np.random.Generator], Page]

# Edits closer than this would be one change to a person, px.
GAP = 12
MAX_TRIES = 400
BADGE = (206, 52, 60)
SECTION = CARD + 22


def _cards(page: Page) -> list[Shape]:
    """Return the outer frame of each card."""
    shapes = (each for each in page.elements if isinstance(each, Shape))
    return [shape for shape in shapes if shape.h == CARD]


def add_badge(page: Page, rng: np.random.Generator) -> Page:
    """Put a badge that says "New" into the upper right corner of one card."""
    cards = _cards(page)
    card = cards[rng.integers(len(cards))]
    x, y, word = card.x + card.w - 46, card.y + 10, "New"
    badge = Shape(x, y, round(text_width(word, 11)) + 16, 18, 9, BADGE)
    return replace(page, elements=(*page.elements, badge, Text(x + 8, y + 2, word, 11, WHITE, "label")))


def remove_label(page: Page, rng: np.random.Generator) -> Page:
    """Take one label away."""
    places = [
        at
        for at, each in enumerate(page.elements)
        if isinstance(each, Text) and each.role == "label" and each.colour != WHITE
    ]
    gone = places[rng.integers(len(places))]
    return replace(page, elements=page.elements[:gone] + page.elements[gone + 1 :])


def repaint_button(page: Page, rng: np.random.Generator) -> Page:
    """Give the button another colour."""
    at = next(i for i, each in enumerate(page.elements) if isinstance(each, Shape) and each.h == 32)
    button = page.elements[at]
    others = [colour for colour in ACCENTS if colour != button.colour]
    elements = list(page.elements)
    elements[at] = replace(button, colour=others[rng.integers(len(others))])
    return replace(page, elements=tuple(elements))


EDITS: tuple[Edit, ...] = (*CHANGES, *CHANGES, add_badge, remove_label, repaint_button)


def edit_page(page: Page, rng: np.random.Generator, count: int) -> tuple[Page, tuple[Box, ...]]:
    """Make `count` edits that stand apart from each other and move nothing else.

    Args:
        page: From `make_page`.
        rng: Decides which edits, and where.
        count: How many.

    Returns:
        The edited page, and the tight box of each edit.

    Raises:
        ValueError: There is no room for so many.
    """
    boxes: list[Box] = []
    before = render_page(page)
    for _ in range(MAX_TRIES):
        if len(boxes) == count:
            return page, tuple(boxes)
        edited = EDITS[rng.integers(len(EDITS))](page, rng)
        after = render_page(edited)
        if (before == after).all():
            continue
        box = tight_box(before, after)
        if apart(box, boxes, GAP):
            page, before = edited, after
            boxes.append(box)
    raise ValueError(f"no room for {count} edits on a page of {page.width} x {page.height} px")


def remove_section(page: Page) -> tuple[Page, Box]:
    """Take the row of cards away; what stands below moves up.

    Returns:
        The page, and the rows that are gone, in the page as it was.
    """
    top = min(card.y for card in _cards(page))
    kept = [each for each in page.elements if not top <= each.y < top + SECTION]
    elements = tuple(_below(kept, top, -SECTION))
    return Page(page.width, page.height - SECTION, elements), (0, top, page.width, SECTION)


def grow_paragraph(page: Page, rng: np.random.Generator, lines: int) -> tuple[Page, Box]:
    """Add lines to the first paragraph; what stands below moves down.

    Returns:
        The page, and the seam at which the lines went in, in the page as it was.
    """
    words = [each for each in page.elements if isinstance(each, Text) and each.role == "word"]
    size = words[0].size
    seam = max(word.y for word in words if word.size == size and word.y < _cards(page)[0].y)
    seam += round(size * LEADING)
    added = make_paragraph(rng, SIDE, seam, width=page.width * 3 // 4, lines=lines, size=size)
    height = round(lines * size * LEADING)
    elements = (*_below(page.elements, seam, height), *added)
    return Page(page.width, page.height + height, elements), (0, seam, page.width, 1)


def _below(elements: Iterable[Element], top: int, by: int) -> list[Element]:
    """Move what begins at or below `top` by so many px down."""
    return [replace(each, y=each.y + by) if each.y >= top else each for each in elements]
