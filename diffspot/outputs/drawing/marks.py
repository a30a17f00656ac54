"""Frames, tags and captions, laid on a sheet first and then printed on a picture.

Each box is framed from outside, so the pixels that differ stay as they are: a coloured line, round
it a white one, round that a black one. Whatever lies under the frame, white or black stands out
from it with a contrast of at least 4.5:1 (WCAG 2), and so does the coloured line from both, so
nothing depends on seeing its hue. The number stands in a tag that grows out of the frame.

A sheet is a map of layers where the higher layer wins: frames that touch run into each other like
roads on a map, and a tag has no seam with its frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

# Magenta is rare in pictures; this one has 4.55:1 against white and 4.61:1 against black.
LINE_COLOUR = (228, 0, 128)

# What a pixel of the sheet shows; 0 shows the picture.
_BLACK, _WHITE, _LINE, _CAPTION = 1, 2, 3, 4
_PALETTE = np.zeros((5, 3), np.uint8)
_PALETTE[_WHITE] = 255
_PALETTE[_LINE] = LINE_COLOUR
_PALETTE[_CAPTION] = 40

# What one pixel under a tag costs: a frame's, a big box's, a box's no bigger than the tag, that of
# another tag's outline, another tag's.
_COST_FRAME, _COST_BIG, _COST_SMALL, _COST_OUTLINE, _COST_TAG = 2, 4, 64, 254, 255

_SMALL = 400  # px of the shorter side; below it a line of 2 px would crowd the picture
_BOLD_FROM = 20  # px; below it a whole pixel of boldness would fill the counters of 6, 8 and 9
_INK_GAMMA = 0.65  # thin white strokes on a colour look thinner than their ink


class Rect(NamedTuple):
    """Half-open, in px of the picture."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def area(self) -> int:
        """In px; 0 where the edges are crossed."""
        return max(0, self.x1 - self.x0) * max(0, self.y1 - self.y0)

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns; what lies left of or above the picture is cut off."""
        return slice(max(0, self.y0), max(0, self.y1)), slice(max(0, self.x0), max(0, self.x1))

    def grown(self, by: int) -> Rect:
        """The same with `by` px more on every side."""
        return Rect(self.x0 - by, self.y0 - by, self.x1 + by, self.y1 + by)

    def meet(self, other: Rect) -> Rect:
        """What both cover; its area is 0 where they cover nothing together."""
        return Rect(*map(max, self[:2], other[:2]), *map(min, self[2:], other[2:]))


@dataclass(frozen=True, slots=True)
class Style:
    """Widths in px: of the coloured line, of the white and black lines, and the font's size."""

    line: int
    halo: int
    font: int

    @property
    def frame(self) -> int:
        """The width of the whole frame."""
        return self.line + 2 * self.halo

    @classmethod
    def of(cls, shape: tuple[int, ...]) -> Style:
        """For a picture of `shape`; the shorter side decides, for a long page is scrolled."""
        shorter = min(shape[:2])
        return cls(
            line=max(1 if shorter < _SMALL else 2, round(shorter / 450)),
            halo=max(1, round(shorter / 1100)),
            font=max(12, round(shorter / 55)),
        )


class Sheet:
    """The map of layers that is printed on a picture, and what it costs to cover a pixel."""

    def __init__(self, shape: tuple[int, ...], style: Style) -> None:
        self._style = style
        self._size = Rect(0, 0, shape[1], shape[0])
        self._layers = np.zeros(shape[:2], np.uint8)
        self._cost = np.zeros(shape[:2], np.uint8)
        self._labels: list[tuple[Rect, NDArray[np.uint8]]] = []

    def frame_all(self, rects: Sequence[Rect]) -> None:
        """Frame the boxes, big ones first, so that a small one inside keeps its frame whole."""
        edges = np.array(rects, dtype=np.int64).reshape(-1, 4).T.copy()
        for rect in sorted(rects, key=lambda rect: -rect.area):
            self._layers[rect.slices] = 0
            beside = _meeting(edges, rect.grown(self._style.frame)) & ~_meeting(edges, rect)
            self._frame(rect, [rects[index].slices for index in np.flatnonzero(beside).tolist()])
        tag_area = 2 * self._style.font**2
        for rect in rects:
            cost = _COST_SMALL * tag_area // max(1, rect.area)
            _raise_to(self._cost[rect.slices], min(max(cost, _COST_BIG), _COST_SMALL))

    def _frame(self, rect: Rect, beside: Sequence[tuple[slice, slice]]) -> None:
        """Draw one frame, but not over the boxes that lie right beside it."""
        kept = [(inside, self._layers[inside].copy()) for inside in beside]
        line, halo = self._style.line, self._style.halo
        for layer, width in ((_BLACK, line + 2 * halo), (_WHITE, line + halo), (_LINE, line)):
            for strip in _around(rect, width):
                _raise_to(self._layers[strip.slices], layer)
        for inside, before in kept:
            self._layers[inside] = before

    def tag(self, text: str, rect: Rect) -> None:
        """Put a number where it covers least, or nowhere."""
        glyphs = _glyphs(text, self._style.font)
        width, height = _tag_size(glyphs, self._style)
        fits = width <= self._size.x1 and height <= self._size.y1
        if not fits or 4 * width * height > self._size.area:
            return
        best = min(self._spots(rect, width, height), key=lambda spot: self._price(spot, rect))
        if not (self._cost[best.slices] == _COST_TAG).any():
            self._write(glyphs, best, _LINE, own=rect)

    def caption(self, text: str) -> None:
        """Say which picture this is, if the top left corner is free."""
        glyphs = _glyphs(text, self._style.font)
        width, height = _tag_size(glyphs, self._style)
        spot = Rect(0, 0, width, height)
        free = not self._layers[spot.slices].any() and not self._cost[spot.slices].any()
        if free and 2 * width <= self._size.x1 and 4 * height <= self._size.y1:
            self._write(glyphs, spot, _CAPTION, own=spot)

    def print_on(self, canvas: NDArray[np.uint8]) -> None:
        """Put everything on `canvas`, (H, W, 3) uint8 RGB, in place."""
        # flat and of booleans, because NumPy finds the few in many of those alone at the speed of memory
        drawn = np.unravel_index(np.flatnonzero(self._layers != 0), self._layers.shape)
        canvas[drawn] = _PALETTE[self._layers[drawn]]
        for spot, glyphs in self._labels:
            height, width = glyphs.shape
            top = (spot.y0 + spot.y1 - height) // 2
            left = (spot.x0 + spot.x1 - width) // 2
            paper = canvas[top : top + height, left : left + width]
            paper += ((255 - paper) * (glyphs[..., np.newaxis] / 255)).astype(np.uint8)

    def _write(self, glyphs: NDArray[np.uint8], spot: Rect, layer: int, *, own: Rect) -> None:
        """Lay down a tag with its outline, which leaves the inside of boxes alone.

        Only where the tag itself stands inside a box does the outline, too, but not in its `own`.
        """
        on = np.zeros(256, np.bool_)
        on[[0, _COST_OUTLINE, _COST_TAG]] = True
        on[self._cost[spot.slices]] = True
        halo = self._style.halo
        inside = own.meet(spot.grown(2 * halo)).slices
        before = self._layers[inside].copy()
        for outline, width in ((_BLACK, 2 * halo), (_WHITE, halo)):
            around = spot.grown(width).slices
            allowed = on[self._cost[around]]
            _raise_to(self._layers[around], outline, where=allowed)
            _raise_to(self._cost[around], _COST_OUTLINE, where=allowed)
        self._layers[inside] = before
        self._layers[spot.slices] = layer
        self._cost[spot.slices] = _COST_TAG
        self._labels.append((spot, glyphs))

    def _price(self, spot: Rect, own: Rect) -> int:
        """What it costs to put the tag of the box `own` at `spot`; its own frame is free."""
        frames = np.count_nonzero(self._layers[spot.slices])
        frames -= own.grown(self._style.frame).meet(spot).area - own.meet(spot).area
        return int(self._cost[spot.slices].sum()) + _COST_FRAME * max(0, int(frames))

    def _spots(self, rect: Rect, width: int, height: int) -> Iterator[Rect]:
        """Where a tag may stand, the best first: at the box's corners, outside, then inside."""
        line = self._style.line
        left, right = rect.x0 - line, rect.x1 + line - width
        top, bottom = rect.y0 - line, rect.y1 + line - height
        corners = (
            *((x, y) for y in (rect.y0 - height, rect.y1) for x in (left, right)),
            *((x, y) for x in (rect.x1, rect.x0 - width) for y in (top, bottom)),
            *((x, y) for y in (rect.y0, rect.y1 - height) for x in (rect.x0, rect.x1 - width)),
        )
        for x, y in corners:
            x0 = max(0, min(x, self._size.x1 - width))
            y0 = max(0, min(y, self._size.y1 - height))
            yield Rect(x0, y0, x0 + width, y0 + height)


def _raise_to(view: NDArray[np.uint8], value: int, *, where: NDArray[np.bool_] | bool = True) -> None:
    np.maximum(view, np.uint8(value), out=view, where=where)


def _meeting(edges: NDArray[np.int64], rect: Rect) -> NDArray[np.bool_]:
    """Which columns of `edges`, its rows x0, y0, x1, y1, have pixels in common with `rect`."""
    x0, y0, x1, y1 = edges
    return np.asarray((x0 < rect.x1) & (y0 < rect.y1) & (x1 > rect.x0) & (y1 > rect.y0))


def _around(rect: Rect, width: int) -> tuple[Rect, Rect, Rect, Rect]:
    """The four strips of `width` px that enclose `rect`: above, below, left, right."""
    outer = rect.grown(width)
    return (
        outer._replace(y1=rect.y0),
        outer._replace(y0=rect.y1),
        Rect(outer.x0, rect.y0, rect.x0, rect.y1),
        Rect(rect.x1, rect.y0, outer.x1, rect.y1),
    )


def _tag_size(glyphs: NDArray[np.uint8], style: Style) -> tuple[int, int]:
    """Width and height of the tag round `glyphs`, never narrower than high."""
    height = glyphs.shape[0] + 2 * round(style.font * 0.25)
    return max(height, glyphs.shape[1] + 2 * round(style.font * 0.3)), height


@lru_cache(maxsize=1024)
def _glyphs(text: str, size: int) -> NDArray[np.uint8]:
    """The ink of `text`, (H, W) uint8, 255 where it is full.

    Pillow's own font, because OpenCV 4 and 5 draw the same font with different shapes and widths.
    """
    from PIL import Image as PilImage  # noqa: PLC0415
    from PIL import ImageDraw, ImageFont  # noqa: PLC0415

    font = ImageFont.load_default(size)
    bold = max(1, round(size / 32)) if size >= _BOLD_FROM else 0
    draw = ImageDraw.Draw(PilImage.new("L", (1, 1)))
    extent = "0123456789" if text.isdigit() else text
    _, top, _, bottom = draw.textbbox((0, 0), extent, font, "ls", stroke_width=bold)
    left, _, right, _ = draw.textbbox((0, 0), text, font, "ls", stroke_width=bold)
    ink = PilImage.new("L", (int(right - left), int(bottom - top)))
    ImageDraw.Draw(ink).text((-left, -top), text, 255, font, "ls", stroke_width=bold)
    return np.round(255 * (np.asarray(ink) / 255) ** _INK_GAMMA).astype(np.uint8)
