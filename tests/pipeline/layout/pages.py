"""Drawn pages, seeded: text of random words, lists, tables, cards, a sidebar. Pictures are (H, W, 3) uint8."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

WIDTH = 1280
WORDS = ("the", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "and", "then", "more", "words", "follow")
BODY, TITLE = 0.5, 0.8
"""Sizes of text."""


def blank(height: int, width: int = WIDTH, shade: int = 255) -> Picture:
    return np.full((height, width, 3), shade, np.uint8)


def stacked(parts: Sequence[Picture]) -> Picture:
    return np.vstack(parts)


def line(text: str, width: int = WIDTH, height: int = 24) -> Picture:
    """One line of small text."""
    strip = blank(height, width)
    _write(strip, text, (20, height - 8), BODY, 40)
    return strip


def paragraph(rng: np.random.Generator, lines: int, width: int = WIDTH) -> Picture:
    return stacked([*(line(_words(rng, width // 80), width) for _ in range(lines)), blank(30, width)])


def card(rng: np.random.Generator, height: int = 160, width: int = WIDTH) -> Picture:
    """A box of one colour with a title."""
    strip = blank(height, width)
    strip[10 : height - 19, 20 : width - 19] = rng.integers(40, 220, 3)
    _write(strip, _words(rng, 4), (40, height // 2), TITLE, 250)
    return strip


def page(seed: int = 0, width: int = WIDTH) -> list[Picture]:
    """The sections of a page, about 2000 px together."""
    rng = np.random.default_rng(seed)
    sections = [card(rng, 80, width)]
    for _ in range(6):
        sections += [paragraph(rng, 6, width), card(rng, int(rng.integers(90, 200)), width)]
    return sections


def item_list(count: int) -> list[Picture]:
    """List items alike but for a small number."""
    return [line(f"o   item of the list, always the same words   {number}") for number in range(count)]


def table(count: int) -> list[Picture]:
    """Rows of numbers, ruled, every other one shaded."""
    rng = np.random.default_rng(5)
    rows = []
    for number in range(count):
        row = line(f"{number}   {rng.integers(1000)}   {rng.integers(1000)}", height=32)
        row[-1] = 200
        if number % 2:
            row[row == 255] = 240
        rows.append(row)
    return rows


def sidebar(height: int) -> Picture:
    """A dark strip 240 px wide with entries at uneven distances."""
    rng = np.random.default_rng(1)
    strip = blank(height, 240, 60)
    y = 20
    while y < height - 60:
        _write(strip, str(rng.integers(10**9)), (20, y + 20), 0.6, 230)
        y += int(rng.integers(30, 60))
    return strip


def _words(rng: np.random.Generator, count: int) -> str:
    return " ".join(rng.choice(WORDS, count))


def _write(strip: Picture, text: str, place: tuple[int, int], size: float, shade: int) -> None:
    cv2.putText(strip, text, place, cv2.FONT_HERSHEY_SIMPLEX, size, (shade,) * 3, 1, cv2.LINE_AA)


def spread(parts: Sequence[Picture], every: int, by: int = 1) -> list[Picture]:
    """The parts, each `every`-th one taller by its last line, `by` times: by one px as another rasteriser rounds it."""
    return [
        np.concatenate([part, *[part[-1:]] * by]) if number % every == every - 1 else part
        for number, part in enumerate(parts)
    ]


def lines_of_text(count: int, seed: int = 3) -> list[Picture]:
    """Lines of text, each of other words."""
    rng = np.random.default_rng(seed)
    return [line(_words(rng, int(rng.integers(3, 12)))) for _ in range(count)]
