"""Draws pages, each time a little differently if asked, as browsers do."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.scenes.page import Text
from benchmarks.scenes.text import font, text_width

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.scenes.page import Page, Shape

    Picture = NDArray[np.uint8]

OVERSAMPLING = 8
# Room around a word for glyphs that reach beyond their pen positions, px.
BEARING = 3


def _text_mask(text: Text, shift: float, zoom: int) -> tuple[Image.Image, int, int]:
    """Return the coverage of a word whose pen starts `shift` px right, and where it goes."""
    left = int(text.x + shift) - BEARING
    return _coverage(text.text, text.size, text.x + shift - left, zoom), left, text.y


@lru_cache(maxsize=4096)
def _coverage(text: str, size: int, pen: float, zoom: int) -> Image.Image:
    """Return the coverage of a word whose pen starts at `pen` px; drawn once, as pages of a pair share most words.

    It is drawn `zoom` times as large, letter by letter where the letters stand at size 1, then averaged down.
    """
    wide = round(text_width(text, size)) + 2 * BEARING + size
    mask = Image.new("L", (wide * zoom, size * 3 // 2 * zoom), 0)
    parts = [text] if zoom == 1 else list(text)
    for index, part in enumerate(parts):
        aside = text_width(text[:index], size) * zoom if index else 0.0
        ImageDraw.Draw(mask).text((pen * zoom + aside, 0.0), part, fill=255, font=font(size * zoom))
    return mask.reduce(zoom)


def _shape_mask(shape: Shape) -> tuple[Image.Image, int, int]:
    size = (shape.w * OVERSAMPLING, shape.h * OVERSAMPLING)
    mask = Image.new("L", size, 0)
    corners = (0, 0, size[0] - 1, size[1] - 1)
    ImageDraw.Draw(mask).rounded_rectangle(corners, shape.corner * OVERSAMPLING, fill=255)
    return mask.reduce(OVERSAMPLING), shape.x, shape.y


def render_page(
    page: Page,
    rng: np.random.Generator | None = None,
    *,
    jitter: float = 0.0,
    hinted: bool = True,
) -> Picture:
    """Draw a page.

    Args:
        page: What stands where.
        rng: Needed with `jitter` only.
        jitter: 0 draws the same bytes each time. Above 0, every word moves by up to so many px
            left or right, and antialiased edges get bolder by the exponent 1 - jitter: another
            rasteriser, the same page.
        hinted: Glyphs are fitted to whole px; without, they keep the shape they were designed with, at the same
            places.

    Returns:
        (height, width, 3) uint8 RGB.
    """
    bolder = [round(255 * (level / 255) ** (1 - jitter)) for level in range(256)]
    sheet = Image.new("RGB", (page.width, page.height), (255, 255, 255))
    for element in page.elements:
        if isinstance(element, Text):
            shift = float(rng.uniform(-jitter, jitter)) if rng is not None else 0.0
            mask, x, y = _text_mask(element, shift, 1 if hinted else OVERSAMPLING)
        else:
            mask, x, y = _shape_mask(element)
        sheet.paste(element.colour, (x, y), mask.point(bolder))
    return np.asarray(sheet)
