"""The page of a shop and a table of prices, drawn once, and their edits."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from benchmarks.scenes.page import Shape
from tests.pipeline.verdict.drawing import (
    differing,
    drawn,
    edited,
    price_table,
    shop,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.scenes.page import Page
    from diffspot.model import Box
    from tests.pipeline.verdict.drawing import Picture


@cache
def page() -> Page:
    return shop()


@cache
def sheet() -> Picture:
    return drawn(page())


@cache
def table() -> Picture:
    return drawn(price_table())


def place_of(which: Callable[[Any], bool], **fields: Any) -> Box:  # noqa: ANN401
    """Where the page differs if those elements have other fields."""
    return differing(sheet(), drawn(edited(page(), which, **fields)))


def card(nth: int = 1) -> Shape:
    return [each for each in page().elements if isinstance(each, Shape) and each.h == 118][nth]


def button() -> Shape:
    return next(each for each in page().elements if isinstance(each, Shape) and each.h == 32)


def moved(which: Callable[[Any], bool], x: int, y: int, of: Page) -> Picture:
    return drawn(edited(of, which, x=lambda each: each.x + x, y=lambda each: each.y + y))
