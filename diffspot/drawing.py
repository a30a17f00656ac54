"""Numbered boxes on a picture, for a person to look at: arrays in, arrays out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from diffspot.hatching import hatch
from diffspot.marks import Rect, Sheet, Style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.hiding import Hidden
    from diffspot.model import Box, Image, Region

Side = Literal["reference", "candidate", "both"]

_GAP_GREY = 128
_BOARD_LIGHT, _BOARD_DARK = 255, 225  # the squares that show through alpha
_RGB = 3
_WITH_ALPHA = (2, 4)  # channels


def annotate(
    reference: Image, candidate: Image, regions: Sequence[Region], *, side: Side, hidden: Hidden | None = None
) -> NDArray[np.uint8]:
    """Draw the regions as boxes numbered 1, 2, ... in the order given.

    16-bit pictures are scaled to 8 bits, grey becomes RGB, alpha is shown over a light
    checkerboard. Frames lie outside the boxes, but that of a box as big as the picture, which lies
    inside. A number that would not fit, or only on another one, is left out.

    Args:
        reference: the picture that each region's `bbox` lies in.
        candidate: the picture that each region's `candidate_bbox` lies in.
        regions: what to draw; without any the picture is shown as it is.
        side: which picture to show; "both" puts the reference left of the candidate.
        hidden: the ignored area in either picture, which is hatched.

    Returns:
        (H, W, 3) uint8, RGB, of the size of the picture shown; "both" adds the widths and a gap,
        and fills the lower picture up below with the gap's grey.
    """
    boxes = [region.bbox for region in regions]
    candidate_boxes = [region.candidate_bbox for region in regions]
    areas = hidden or (None, None)
    if side == "reference":
        return _drawn(reference, boxes, areas[0])
    if side == "candidate":
        return _drawn(candidate, candidate_boxes, areas[1])
    return _beside(
        _drawn(reference, boxes, areas[0], caption="reference"),
        _drawn(candidate, candidate_boxes, areas[1], caption="candidate"),
    )


def _drawn(
    image: Image, boxes: Sequence[Box], ignored: NDArray[np.bool_] | None, caption: str = ""
) -> NDArray[np.uint8]:
    canvas = _rgb(image.pixels)
    style = Style.of(canvas.shape)
    if ignored is not None:
        hatch(canvas, ignored, style.line)
    if not boxes and not caption:
        return canvas
    rects = [_clamped(box, style, canvas.shape) for box in boxes]
    sheet = Sheet(canvas.shape, style)
    sheet.frame_all(rects)
    if caption:
        sheet.caption(caption)
    for number, rect in enumerate(rects, start=1):
        sheet.tag(str(number), rect)
    sheet.print_on(canvas)
    return canvas


def _beside(left: NDArray[np.uint8], right: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height = max(len(left), len(right))
    gap = max(4, height // 50)
    width = left.shape[1] + gap + right.shape[1]
    both = np.full((height, width, 3), _GAP_GREY, np.uint8)
    both[: len(left), : left.shape[1]] = left
    both[: len(right), left.shape[1] + gap :] = right
    return both


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
    """A new (H, W, 3) uint8 array that shows `pixels`."""
    eight = _eight_bits(pixels)
    channels = eight.shape[2]
    colour = eight[..., :_RGB] if channels >= _RGB else np.repeat(eight[..., :1], _RGB, axis=2)
    if channels in _WITH_ALPHA:
        return _blend(colour, _board(eight.shape), eight[..., -1:])
    return np.array(colour, order="C")


def _eight_bits(pixels: NDArray[np.uint8] | NDArray[np.uint16]) -> NDArray[np.uint8]:
    if pixels.dtype == np.uint8:
        return pixels.astype(np.uint8, copy=False)
    # 65535 is 257 * 255, so this rounds and both ends of the range meet
    return ((pixels.astype(np.uint32) + 128) // 257).astype(np.uint8)


def _board(shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """(H, W, 1) uint8: a light checkerboard."""
    square = 8 * Style.of(shape).line
    rows, columns = (np.arange(length) // square for length in shape[:2])
    dark = (rows[:, np.newaxis] + columns) % 2
    return np.where(dark, _BOARD_DARK, _BOARD_LIGHT).astype(np.uint8)[..., np.newaxis]


def _blend(over: NDArray[np.uint8], under: NDArray[np.uint8], alpha: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """`over` laid on `under` with `alpha`, 255 for opaque; all broadcast together."""
    # 255 * 255 + 127 fits 16 bits
    share = alpha.astype(np.uint16)
    mixed = (over * share + under * (255 - share) + 127) // 255
    return mixed.astype(np.uint8)
