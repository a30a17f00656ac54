"""Draws pages, each time a little differently if asked, as browsers do."""

from __future__ import annotations

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


def _pens(text: Text, *, hinted: bool) -> list[tuple[float, str]]:
    """Return where to set what, px right of the word's start."""
    if not hinted:
        return [(0.0, text.text)]
    pens, pen = [], 0
    for glyph in text.text:
        pens.append((float(pen), glyph))
        pen += round(text_width(glyph, text.size))
    return pens


def _text_mask(text: Text, shift: float, *, hinted: bool) -> tuple[Image.Image, int, int]:
    """Return the coverage of a word whose pen starts `shift` px right, and where it goes."""
    start = round(text.x) if hinted else text.x + shift
    left, top = int(start) - BEARING, text.y
    pens = _pens(text, hinted=hinted)
    room = max(pens[-1][0] + text.size, text_width(text.text, text.size))
    mask = Image.new("L", (round(room) + 2 * BEARING + 1, text.size * 3 // 2), 0)
    canvas = ImageDraw.Draw(mask)
    for pen, glyphs in pens:
        canvas.text((start - left + pen, 0.0), glyphs, fill=255, font=font(text.size))
    return mask, left, top


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
    hinted: bool = False,
) -> Picture:
    """Draw a page.

    Args:
        page: What stands where.
        rng: Needed with `jitter` only.
        jitter: 0 draws the same bytes each time. Above 0, every word moves by up to so many px
            left or right, and antialiased edges get bolder by the exponent 1 - jitter: another
            rasteriser, the same page.
        hinted: Set every glyph on a whole px and let it advance by whole px, as font hinting does:
            the end of a long word drifts by 1 to 2 px.

    Returns:
        (height, width, 3) uint8 RGB.
    """
    bolder = [round(255 * (level / 255) ** (1 - jitter)) for level in range(256)]
    sheet = Image.new("RGB", (page.width, page.height), (255, 255, 255))
    for element in page.elements:
        if isinstance(element, Text):
            shift = float(rng.uniform(-jitter, jitter)) if rng is not None else 0.0
            mask, x, y = _text_mask(element, shift, hinted=hinted)
        else:
            mask, x, y = _shape_mask(element)
        sheet.paste(element.colour, (x, y), mask.point(bolder))
    return np.asarray(sheet)
