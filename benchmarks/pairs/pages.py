"""Pages of a web site: edited, drawn again by another rasteriser, and with a shifted layout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from benchmarks.pairs.pair import Pair
from benchmarks.scenes.camera import CUBIC, LINEAR, move, trim
from benchmarks.scenes.page import insert_banner, make_page
from benchmarks.scenes.page_edits import edit_page, grow_paragraph, remove_section
from benchmarks.scenes.render import render_page

if TYPE_CHECKING:
    from benchmarks.scenes.page import Page
    from benchmarks.scenes.truth import Box

WIDTH, HEIGHT = 800, 640
BANNER_HEIGHTS = (24, 90)
# How far another rasteriser moves words, px; see `render_page`.
JITTERS = (0.1, 0.3)
# How far a page is taken aside, px and degrees, and scaled, with what lies around it.
SHIFT, TURN, SCALE, MARGIN = 3.0, 1.0, 0.02, 24
# Colours of a palette: a page of this size has some hundreds.
PALETTES = (48, 160)


def _pages(rng: np.random.Generator, least: int, most: int, *, changed: bool) -> tuple[Page, Page, tuple[Box, ...]]:
    page = make_page(rng, width=WIDTH, height=HEIGHT)
    count = int(rng.integers(least, most + 1)) if changed else 0
    return page, *edit_page(page, rng, count)


def draw_few(rng: np.random.Generator, *, changed: bool) -> Pair:
    """One to three elements changed; unchanged, the same page drawn twice."""
    page, edited, boxes = _pages(rng, 1, 3, changed=changed)
    return Pair(render_page(page), render_page(edited), boxes)


def draw_many(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Six to ten elements changed."""
    page, edited, boxes = _pages(rng, 6, 10, changed=changed)
    return Pair(render_page(page), render_page(edited), boxes)


def draw_rerendered(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Two to four elements changed, and the page drawn by another rasteriser.

    Half of them leave glyphs unhinted, the others only set words a little aside; all draw
    edges bolder.
    """
    page, edited, boxes = _pages(rng, 2, 4, changed=changed)
    jitter, hinted = float(rng.uniform(*JITTERS)), bool(rng.random() < 0.5)
    again = render_page(edited, rng, jitter=jitter, hinted=hinted)
    return Pair(render_page(page), again, boxes)


def draw_palette(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Two to four elements changed, and either picture saved with a palette of few colours."""
    page, edited, boxes = _pages(rng, 2, 4, changed=changed)
    pictures, colours = [render_page(page), render_page(edited)], int(rng.integers(*PALETTES))
    which = int(rng.integers(2))
    few = Image.fromarray(pictures[which]).quantize(colours, dither=Image.Dither.NONE)
    pictures[which] = np.asarray(few.convert("RGB"))
    return Pair(*pictures, boxes)


def draw_resampled(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Two to four elements changed, and the page moved by parts of a pixel, crisply or not.

    Half of them are turned and scaled, too.
    """
    page, edited, boxes = _pages(rng, 2, 4, changed=changed)
    dx, dy = (float(side) for side in rng.uniform(-SHIFT, SHIFT, 2))
    turned = rng.random() < 0.5
    degrees, scale = (float(rng.uniform(-by, by)) if turned else 0.0 for by in (TURN, SCALE))
    order = CUBIC if rng.random() < 0.5 else LINEAR
    wider = np.pad(render_page(edited), ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), mode="edge")
    return Pair(
        render_page(page), trim(move(wider, dx, dy, degrees=degrees, scale=1 + scale, order=order), MARGIN), boxes
    )


def draw_banner(rng: np.random.Generator, *, changed: bool) -> Pair:
    """A banner on top moves the page down; one or two elements changed."""
    page, edited, boxes = _pages(rng, 1, 2, changed=changed)
    if not changed:
        return Pair(render_page(page), render_page(edited), boxes)
    bannered = insert_banner(edited, height=int(rng.integers(*BANNER_HEIGHTS)))
    seam = (0, 0, page.width, 1)
    return Pair(render_page(page), render_page(bannered), (seam, *boxes))


def draw_drifting(rng: np.random.Generator, *, changed: bool) -> Pair:
    """Another rasteriser rounds up the height of lines: each lies a px further down than the one above.

    Two to four elements changed.
    """
    page, edited, boxes = _pages(rng, 2, 4, changed=changed)
    reference, picture = render_page(page), render_page(edited)
    plain = (picture == picture[:, :1]).all(axis=(1, 2)) & (reference == reference[:, :1]).all(axis=(1, 2))
    below = np.flatnonzero(np.diff(plain.astype(np.int8), prepend=1) > 0)
    return Pair(reference, np.insert(picture, below, picture[below], axis=0)[:HEIGHT], boxes)


def draw_section_removed(rng: np.random.Generator, *, changed: bool) -> Pair:
    """The row of cards is gone and the rest moved up."""
    page = make_page(rng, width=WIDTH, height=HEIGHT)
    shorter, box = remove_section(page) if changed else (page, None)
    return Pair(render_page(page), render_page(shorter), (box,) if box else ())


def draw_paragraph_grown(rng: np.random.Generator, *, changed: bool) -> Pair:
    """The first paragraph has one to three lines more; one or two elements changed elsewhere."""
    page, edited, boxes = _pages(rng, 1, 2, changed=changed)
    if not changed:
        return Pair(render_page(page), render_page(edited), boxes)
    longer, seam = grow_paragraph(edited, rng, int(rng.integers(1, 4)))
    return Pair(render_page(page), render_page(longer), (seam, *boxes))
