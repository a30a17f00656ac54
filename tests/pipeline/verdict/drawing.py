"""Pages of real text to judge: a table of prices, a shop page, and the ways in which another rasteriser draws them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.scenes.page import INK, WHITE, Page, Text, make_page
from benchmarks.scenes.render import render_page
from benchmarks.scenes.text import PRODUCTS, SENTENCES, font, text_width
from benchmarks.scenes.truth import tight_box
from diffspot import compare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from benchmarks.scenes.page import Element
    from diffspot import PairResult
    from diffspot.model import Box

    Picture = NDArray[np.uint8]

PRICES = 160
WIDTH, HEIGHT = 640, 480
ACCENT = (28, 110, 164)


def shop(seed: int = 0, width: int = WIDTH, height: int = HEIGHT) -> Page:
    """A shop page of 640 x 480 px: navigation, heading, button, three cards, an article."""
    return make_page(np.random.default_rng(seed), width=width, height=height)


def price_table(raised: Iterable[int] = (), *, size: int = 13) -> Page:
    """160 prices in 40 rows of 4, of which some are a cent higher."""
    higher, elements = set(raised), list[Any]()
    for at in range(PRICES):
        row, column = divmod(at, 4)
        x, y = 20 + 150 * column, 12 + 22 * row
        # The last digit is 0 to 8, so that a cent more changes it alone.
        cents = 500 + 7 * at + (at * at) % 89
        cents = cents // 10 * 10 + at % 9 + (at in higher)
        elements.append(Text(x, y, PRODUCTS[at % len(PRODUCTS)], size, INK, "label"))
        elements.append(Text(x + 92, y, f"{cents // 100}.{cents % 100:02}", size, INK, "price"))
    return Page(WIDTH, 900, tuple(elements))


def edited(page: Page, which: Callable[[Any], bool], **fields: Any) -> Page:  # noqa: ANN401
    """The page with other fields of those elements; a callable gets the element."""
    return replace(
        page,
        elements=tuple(
            replace(each, **{name: to(each) if callable(to) else to for name, to in fields.items()})
            if which(each)
            else each
            for each in page.elements
        ),
    )


def without(page: Page, which: Callable[[Any], bool]) -> Page:
    return replace(page, elements=tuple(each for each in page.elements if not which(each)))


def with_more(page: Page, *more: Element) -> Page:
    return replace(page, elements=(*page.elements, *more))


def role(name: str, nth: int = 0, page: Page | None = None) -> Callable[[Any], bool]:
    """Elements of a role; of a page, the nth of them alone."""
    if page is None:
        return lambda each: each.role == name
    chosen = [each for each in page.elements if each.role == name][nth]
    return lambda each: each is chosen


def drawn(page: Page, *, rasteriser: str = "hinted") -> Picture:
    """The page by one of several rasterisers.

    unhinted: glyphs keep their designed shape. aside: pens start a third of a px further on. lcd: each channel is a
    third of a px further on, as on the stripes of a flat screen.
    """
    if rasteriser == "lcd":
        return np.dstack(
            [
                render_page(edited(page, lambda each: isinstance(each, Text), x=_further(by)), hinted=False)[..., at]
                for at, by in enumerate((-1 / 3, 0.0, 1 / 3))
            ]
        )
    if rasteriser == "aside":
        page = edited(page, lambda each: isinstance(each, Text), x=_further(1 / 3))
    return render_page(page, hinted=rasteriser == "hinted")


def _further(by: float) -> Callable[[Any], float]:
    return lambda each: each.x + by


RASTERISERS = ("unhinted", "aside", "lcd")


def both_ways(reference: Picture, candidate: Picture, **options: Any) -> Iterator[PairResult]:  # noqa: ANN401
    """The pair compared as it is, and the other way round."""
    yield compare(reference, candidate, **options)
    yield compare(candidate, reference, **options)


def assert_found(result: PairResult, *boxes: Box, kind: str | None = None) -> None:
    """Each box is covered by regions that lie nowhere else, and they are of the kind."""
    regions = [region.bbox for region in result.regions]
    for box in boxes:
        assert covered(box, regions) > 0.6, (box, told(result))
    for region in result.regions:
        assert any(within(region.bbox, box) for box in boxes), (region.bbox, boxes)
        assert kind in {None, region.kind}, (kind, told(result))
    assert result.status == "different"


def assert_same(result: PairResult) -> None:
    assert (result.status, told(result)) == ("same", [])


def pasted(reference: Picture, candidate: Picture, box: Box) -> Picture:
    """The reference with that part of the candidate."""
    x, y, w, h = box
    picture = reference.copy()
    picture[y : y + h, x : x + w] = candidate[y : y + h, x : x + w]
    return picture


def differing(reference: Picture, candidate: Picture) -> Box:
    """Around all that differs."""
    return tight_box(reference, candidate)


def told(result: PairResult) -> list[tuple[str, Box]]:
    """Kind and bbox of each region."""
    return [(region.kind, region.bbox) for region in result.regions]


def covered(box: Box, others: Iterable[Box]) -> float:
    """Share of a box that lies in any of the others."""
    x, y, w, h = box
    inside = np.zeros((h, w), bool)
    for a, b, c, d in others:
        inside[max(b - y, 0) : max(b + d - y, 0), max(a - x, 0) : max(a + c - x, 0)] = True
    return float(inside.mean())


def within(box: Box, other: Box, margin: int = 3) -> bool:
    """Whether a box lies in another, grown by a margin."""
    (x, y, w, h), (a, b, c, d) = box, other
    return a - margin <= x and b - margin <= y and x + w <= a + c + margin and y + h <= b + d + margin


def forgiven(result: PairResult) -> dict[str, int]:
    """Px by cause."""
    return {one.cause: one.pixels for one in result.forgiven}


def words(size: int = 14, lines: int = 12, **style: Any) -> Picture:  # noqa: ANN401
    """Sentences, of which line 4 is of another style."""
    picture = Image.new("RGB", (520, 30 * lines), WHITE)
    for at in range(lines):
        mask = line(SENTENCES[at][:50], size, **(style if at == 4 else {}))
        picture.paste((32, 36, 44), (20, 30 * at + 4), mask)
    return np.asarray(picture)


def line(text: str, size: int, *, bold: float = 0.0, slant: float = 0.0, spacing: float = 0.0) -> Image.Image:
    """The coverage of a line: strokes wider by twice `bold` px, slanted, letters `spacing` px further apart."""
    zoom = 8
    mask = Image.new("L", ((round(text_width(text, size)) + 60) * zoom, size * 3 // 2 * zoom))
    for at, letter in enumerate(text):
        x = (4 + text_width(text[:at], size) + spacing * at) * zoom
        ImageDraw.Draw(mask).text((x, 0), letter, fill=255, font=font(size * zoom), stroke_width=round(bold * zoom))
    slanted = mask.transform(mask.size, Image.Transform.AFFINE, (1, slant, -slant * size * zoom, 0, 1, 0))
    return slanted.reduce(zoom)


def in_regions(result: PairResult) -> NDArray[np.bool_]:
    """(H, W) bool, inside any bbox."""
    inside = np.zeros(result.size[::-1], bool)
    for x, y, w, h in (region.bbox for region in result.regions):
        inside[y : y + h, x : x + w] = True
    return inside
