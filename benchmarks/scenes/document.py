"""A printed letter: paragraphs of black type on a white sheet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from benchmarks.scenes.page import LEADING, Page, Text, make_paragraph

if TYPE_CHECKING:
    import numpy as np

    from benchmarks.scenes.page import Element

BORDER = 56
TITLES = ("Minutes of the garden society", "Notes for the spring sale", "Report on the orchard")
BLACK = (24, 24, 28)
SIZES = (15, 18)


def make_document(rng: np.random.Generator, *, width: int = 640, height: int = 820) -> Page:
    """Set a title and paragraphs of three to five lines down to the lower border.

    Args:
        rng: Decides the text and the size of its type.
        width: px.
        height: px.
    """
    size = int(rng.integers(*SIZES))
    title = Text(BORDER, BORDER, TITLES[rng.integers(len(TITLES))], 24, BLACK, "heading")
    elements: list[Element] = [title]
    y = BORDER + 52
    while True:
        lines = int(rng.integers(3, 6))
        bottom = y + round(lines * size * LEADING)
        if bottom > height - BORDER:
            return Page(width, height, tuple(_blacken(elements)))
        elements += make_paragraph(rng, BORDER, y, width=width - 2 * BORDER, lines=lines, size=size)
        y = bottom + size


def _blacken(elements: list[Element]) -> list[Element]:
    return [replace(each, colour=BLACK) for each in elements]
