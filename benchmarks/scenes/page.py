"""Pages of a web site as lists of elements, and changes to them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeVar

from benchmarks.scenes.text import PRODUCTS, REPLACEMENTS, SENTENCES, text_width

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np

Colour = tuple[int, int, int]
Role = Literal["heading", "word", "label", "price", "icon", "panel"]

SPACE = 0.32
LEADING = 1.5
SIDE = 28
WHITE = (255, 255, 255)
INK, PALE_INK, LINE = (32, 36, 44), (98, 106, 120), (222, 226, 232)
ACCENTS = ((28, 110, 164), (178, 74, 46), (46, 124, 84), (112, 78, 160))
ICONS = ((226, 142, 56), (70, 152, 122), (86, 118, 206), (196, 84, 120))
NAV, CARD, FOOTER = 44, 118, 40


@dataclass(frozen=True, slots=True)
class Text:
    """A run of text that is never broken; (x, y) is its top left corner, px."""

    x: float
    y: int
    text: str
    size: int
    colour: Colour
    role: Role


@dataclass(frozen=True, slots=True)
class Shape:
    """A filled rectangle with round corners; a disc where `corner` is half its width."""

    x: int
    y: int
    w: int
    h: int
    corner: float
    colour: Colour
    role: Role = "panel"


Element = Text | Shape
E = TypeVar("E", Text, Shape)


@dataclass(frozen=True, slots=True)
class Page:
    """Elements in the order in which they are drawn, on a white sheet of width x height px."""

    width: int
    height: int
    elements: tuple[Element, ...]


def make_paragraph(rng: np.random.Generator, x: int, y: int, *, width: int, lines: int, size: int) -> list[Element]:
    """Set whole sentences, ragged right, until `lines` lines or all sentences are used."""
    words: list[Element] = []
    pen, line = float(x), 0
    for word in " ".join(rng.permutation(SENTENCES)).split():
        wide = text_width(word, size)
        if pen + wide > x + width:
            pen, line = float(x), line + 1
        if line == lines:
            break
        top = y + round(line * size * LEADING)
        words.append(Text(pen, top, word, size, PALE_INK, "word"))
        pen += wide + SPACE * size
    return words


def _navigation(page_width: int, accent: Colour) -> list[Element]:
    items: list[Element] = [
        Shape(SIDE, 12, 20, 20, 10, accent),
        Text(SIDE + 28, 13, "Fern & Field", 16, INK, "label"),
        Shape(0, NAV - 1, page_width, 1, 0, LINE),
    ]
    pen = float(page_width - SIDE)
    for label in ("Basket", "Journal", "Visit us", "Shop"):
        pen -= text_width(label, 13)
        items.append(Text(pen, 15, label, 13, PALE_INK, "label"))
        pen -= 20
    return items


def _hero(rng: np.random.Generator, page_width: int, y: int, accent: Colour) -> list[Element]:
    headings = ("Everything for a small garden", "New seeds have come in", "Sow now for summer")
    button = "Browse the shop"
    wide = round(text_width(button, 14)) + 32
    return [
        Text(SIDE, y, headings[rng.integers(len(headings))], 27, INK, "heading"),
        *make_paragraph(rng, SIDE, y + 42, width=page_width - 2 * SIDE - 90, lines=2, size=14),
        Shape(SIDE, y + 94, wide, 32, 6, accent),
        Text(SIDE + 16, y + 101, button, 14, WHITE, "label"),
    ]


def _card(rng: np.random.Generator, x: int, y: int, width: int, accent: Colour) -> list[Element]:
    price = f"${rng.integers(4, 60)}.{rng.choice(('00', '50', '90'))}"
    return [
        Shape(x, y, width, CARD, 8, LINE),
        Shape(x + 1, y + 1, width - 2, CARD - 2, 7, WHITE),
        Shape(x + 14, y + 14, 26, 26, 7, ICONS[rng.integers(len(ICONS))], "icon"),
        Shape(x + 22, y + 22, 10, 10, 5, WHITE),
        Text(x + 50, y + 18, PRODUCTS[rng.integers(len(PRODUCTS))], 15, INK, "label"),
        *make_paragraph(rng, x + 14, y + 50, width=width - 28, lines=2, size=12),
        Text(x + 14, y + 91, price, 15, accent, "price"),
    ]


def _cards(rng: np.random.Generator, page_width: int, y: int, accent: Colour) -> list[Element]:
    count = 3 if page_width > 500 else 2
    width = (page_width - 2 * SIDE - (count - 1) * 14) // count
    rows: list[Element] = []
    for column in range(count):
        rows += _card(rng, SIDE + column * (width + 14), y, width, accent)
    return rows


def _footer(page_width: int, height: int) -> list[Element]:
    top = height - FOOTER
    return [
        Shape(0, top, page_width, FOOTER, 0, (240, 242, 245)),
        Text(
            SIDE,
            top + 13,
            "Fern & Field, 14 Mill Lane. Open Tuesday to Sunday.",
            12,
            PALE_INK,
            "label",
        ),
    ]


def make_page(rng: np.random.Generator, *, width: int = 640, height: int = 480) -> Page:
    """Lay out a shop page: navigation, heading, paragraph, button, cards, an article, a footer.

    Args:
        rng: Decides the texts, prices and colours.
        width: px; two cards a row up to 500, else three.
        height: px, at least 460.
    """
    accent = ACCENTS[rng.integers(len(ACCENTS))]
    cards = NAV + 24 + 146
    article = cards + CARD + 22
    lines = int((height - FOOTER - article - 30) // (13 * LEADING))
    elements = [
        *_navigation(width, accent),
        *_hero(rng, width, NAV + 24, accent),
        *_cards(rng, width, cards, accent),
        Text(SIDE, article, "From the journal", 17, INK, "heading"),
        *make_paragraph(rng, SIDE, article + 28, width=width - 2 * SIDE, lines=max(lines, 1), size=13),
        *_footer(width, height),
    ]
    return Page(width, height, tuple(elements))


def _change(page: Page, rng: np.random.Generator, kind: type[E], role: Role, edit: Callable[[E], E | None]) -> Page:
    """Edit one element of a role that can be edited; `edit` returns None for one that cannot."""
    found = enumerate(page.elements)
    places = [(at, each) for at, each in found if isinstance(each, kind) and each.role == role]
    for place in rng.permutation(len(places)):
        at, element = places[place]
        changed = edit(element)
        if changed is not None:
            elements = list(page.elements)
            elements[at] = changed
            return replace(page, elements=tuple(elements))
    raise ValueError(f"the page has no {role} that can change")


def change_word(page: Page, rng: np.random.Generator) -> Page:
    """Replace one word by another that fits in its place, so that the others stay."""

    def edit(element: Text) -> Text | None:
        room = text_width(element.text, element.size)
        fitting = [word for word in REPLACEMENTS if -2 <= text_width(word, element.size) - room <= 0]
        if len(element.text) < 5 or not element.text.isalpha() or not fitting:
            return None
        return replace(element, text=fitting[rng.integers(len(fitting))])

    return _change(page, rng, Text, "word", edit)


def change_price(page: Page, rng: np.random.Generator) -> Page:
    """Change every digit before the point of one price."""

    def edit(element: Text) -> Text:
        whole, _, rest = element.text[1:].partition(".")
        turn = int(rng.integers(1, 9))
        digits = "".join(str((int(digit) - 1 + turn) % 9 + 1) for digit in whole)
        return replace(element, text=f"${digits}.{rest}")

    return _change(page, rng, Text, "price", edit)


def change_icon(page: Page, rng: np.random.Generator) -> Page:
    """Give one icon another colour."""

    def edit(element: Shape) -> Shape:
        others = [colour for colour in ICONS if colour != element.colour]
        return replace(element, colour=others[rng.integers(len(others))])

    return _change(page, rng, Shape, "icon", edit)


CHANGES = (change_word, change_price, change_icon)


def insert_banner(page: Page, *, height: int = 46) -> Page:
    """Put a banner on top, which moves the whole page down by `height` px."""
    banner: tuple[Element, ...] = (
        Shape(0, 0, page.width, height, 0, (250, 226, 160)),
        Text(
            SIDE,
            height // 2 - 10,
            "Free delivery until Sunday on every order over $40.",
            14,
            INK,
            "label",
        ),
    )
    moved = tuple(replace(element, y=element.y + height) for element in page.elements)
    return Page(page.width, page.height + height, banner + moved)
