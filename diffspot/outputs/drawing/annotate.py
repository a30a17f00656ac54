"""Numbered boxes on a picture, for a person to look at: arrays in, arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import cv2
import numpy as np

from diffspot.outputs.drawing.marks import Rect, Sheet, Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.model import Box, IgnoredAreas, Image, Region

Side = Literal["reference", "candidate", "both", "pair"]

_GAP_GREY = 128
_BOARD_LIGHT, _BOARD_DARK = 255, 225  # the squares that show through alpha
_RGB = 3
_OPAQUE = 255
_WITH_ALPHA = (2, 4)  # channels

SPACING = 8
"""Line widths from one stroke of the hatching to the next."""
_STRENGTH = 0.45  # of a stroke
_DARK, _LIGHT = 40, 225  # the halves of a stroke, so that it shows on any ground


def annotate(
    reference: Image, candidate: Image, regions: Sequence[Region], *, side: Side, hidden: IgnoredAreas | None = None
) -> NDArray[np.uint8]:
    """Draw the regions as boxes numbered 1, 2, ... in the order given.

    16-bit pictures are scaled to 8 bits, grey becomes RGB, alpha is shown over a light
    checkerboard. Frames lie outside the boxes, but that of a box as big as the picture, which lies
    inside. A number that would not fit, or only on another one, is left out.

    Args:
        reference: the picture that each region's `bbox` lies in.
        candidate: the picture that each region's `candidate_bbox` lies in.
        regions: what to draw; without any the picture is shown as it is.
        side: which picture to show; "both" puts the reference left of the candidate, "pair" does so without a gap,
            captions or anything drawn on the reference.
        hidden: the ignored area in either picture, which is hatched.

    Returns:
        (H, W, 3) uint8, RGB, of the size of the picture shown; "both" adds the widths and a gap,
        and fills the lower picture up below with the gap's grey; so does "pair", without a gap.
    """
    areas = hidden or (None, None)
    boxes = [region.bbox for region in regions], [region.candidate_bbox for region in regions]
    if side == "both":
        left, right = _Side(reference, boxes[0], areas[0]), _Side(candidate, boxes[1], areas[1])
        return _beside(left, right)
    if side == "pair":
        return _joined(_Side(reference, (), None), _Side(candidate, boxes[1], areas[1]))
    shown = _Side(reference, boxes[0], areas[0]) if side == "reference" else _Side(candidate, boxes[1], areas[1])
    canvas = np.empty((*shown.shape, _RGB), np.uint8)
    _draw(canvas, shown)
    return canvas


class _Side(NamedTuple):
    """A picture, the boxes in it and its ignored area."""

    image: Image
    boxes: Sequence[Box]
    ignored: NDArray[np.bool_] | None

    @property
    def shape(self) -> tuple[int, int]:
        height, width, _ = self.image.pixels.shape
        return height, width


def _beside(left: _Side, right: _Side) -> NDArray[np.uint8]:
    height = max(left.shape[0], right.shape[0])
    gap = max(4, height // 50)
    start = left.shape[1] + gap
    both = np.empty((height, start + right.shape[1], _RGB), np.uint8)
    both[:, left.shape[1] : start] = _GAP_GREY
    parts = both[:, : left.shape[1]], both[:, start:]
    for part, side, caption in zip(parts, (left, right), ("reference", "candidate"), strict=True):
        part[side.shape[0] :] = _GAP_GREY
        _draw(part[: side.shape[0]], side, caption)
    return both


def _joined(left: _Side, right: _Side) -> NDArray[np.uint8]:
    """Two sides with nothing between them."""
    height, middle = max(left.shape[0], right.shape[0]), left.shape[1]
    both = np.full((height, middle + right.shape[1], _RGB), _GAP_GREY, np.uint8)
    _draw(both[: left.shape[0], :middle], left)
    _draw(both[: right.shape[0], middle:], right)
    return both


def _draw(canvas: NDArray[np.uint8], side: _Side, caption: str = "") -> None:
    """Show one side on `canvas`, (H, W, 3) uint8 of the picture's size."""
    canvas[:] = _rgb(side.image.pixels)
    style = Style.of(canvas.shape)
    if side.ignored is not None:
        hatch(canvas, side.ignored, style.line)
    if not side.boxes and not caption:
        return
    rects = [_clamped(box, style, canvas.shape) for box in side.boxes]
    sheet = Sheet(canvas.shape, style)
    sheet.frame_all(rects)
    if caption:
        sheet.caption(caption)
    for number, rect in enumerate(rects, start=1):
        sheet.tag(str(number), rect)
    sheet.print_on(canvas)


def hatch(canvas: NDArray[np.uint8], area: NDArray[np.bool_], line: int) -> None:
    """Draws diagonal strokes over an area, in place and quietly: what lies under it stays readable.

    Args:
        canvas: (H, W, 3) uint8, RGB.
        area: (H, W) bool.
        line: width of the dark and of the light half of a stroke, px.
    """
    period = line * SPACING
    rows, columns = (np.arange(length, dtype=np.uint32) % period for length in area.shape)
    phase = (rows.astype(np.uint16)[:, None] + columns.astype(np.uint16)) % period // line
    for place, shade in enumerate((_DARK, _LIGHT)):
        stroke = area & (phase == place)
        under = canvas[stroke].astype(np.float32)
        canvas[stroke] = np.rint(under + _STRENGTH * (shade - under)).astype(np.uint8)


def _clamped(box: Box, style: Style, shape: tuple[int, ...]) -> Rect:
    """The part of `box` inside the picture; for one outside it, the nearest place on the edge."""
    x, y, width, height = box
    x0, x1 = (min(max(edge, 0), shape[1]) for edge in (x, x + width))
    y0, y1 = (min(max(edge, 0), shape[0]) for edge in (y, y + height))
    rect = Rect(x0, y0, x1, y1)
    # all four sides of this one's frame would lie outside the picture
    fills = rect == (0, 0, shape[1], shape[0]) and min(shape[:2]) > 10 * style.frame
    return rect.grown(-style.frame) if fills else rect


def _rgb(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 that shows `pixels`; not a copy where they are that already."""
    eight = _eight_bits(pixels)
    channels = eight.shape[2]
    if channels in _WITH_ALPHA and eight[..., -1].min() < _OPAQUE:
        return _on_board(eight)
    if channels == _RGB:
        return eight
    if channels > _RGB:
        return np.asarray(cv2.cvtColor(eight, cv2.COLOR_RGBA2RGB), np.uint8)
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(eight[..., 0]), cv2.COLOR_GRAY2RGB), np.uint8)


def _eight_bits(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    # 65535 is 257 * 255, so this rounds and both ends of the range meet
    table = ((np.arange(2**16, dtype=np.uint32) + 128) // 257).astype(np.uint8)
    return np.asarray(table[pixels], np.uint8)


def _on_board(eight: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey or colour with alpha, laid on a light checkerboard; each sum is rounded to a 255th of itself."""
    alpha = eight[..., -1].astype(np.uint16)
    below = _board(eight.shape) * (_OPAQUE - alpha)
    shown = np.empty((*alpha.shape, _RGB), np.uint8)
    for channel in range(_RGB):
        mixed = eight[..., channel if eight.shape[2] > _RGB else 0] * alpha
        mixed += below
        # exactly (mixed + 127) // 255 up to 255 * 255, in a quarter of the time
        mixed += 128
        mixed += mixed >> 8
        shown[..., channel] = mixed >> 8
    return shown


def _board(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """(H, W) uint8: a light checkerboard."""
    square = 8 * Style.of(shape).line
    rows, columns = (np.arange(length) // square % 2 == 1 for length in shape[:2])
    dark = rows[:, np.newaxis] ^ columns
    return np.where(dark, np.uint8(_BOARD_DARK), np.uint8(_BOARD_LIGHT))
