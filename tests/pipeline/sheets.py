"""Sheets that show both pictures of a pair, drawn, with what is true of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import cv2
import imagecodecs
import numpy as np

from tests.pipeline.registration.scenes import photo

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box, Direction

    Picture = NDArray[np.uint8]

PLANTED = 6
"""Differences in each sheet."""


class Sheet(NamedTuple):
    """A sheet and its truth; boxes are px of the sheet, those planted px of the first panel."""

    pixels: Picture
    direction: Direction
    cut: int
    panels: tuple[Box, Box]
    planted: list[Box]


@dataclass(frozen=True)
class Layout:
    """How a sheet is laid out, px; captions stand below the panels, in letters so high."""

    direction: Direction = "left-right"
    margins: tuple[int, int] = (0, 0)
    gutter: int = 0
    frame: int = 0
    paper: int = 255
    title: str = ""
    captions: tuple[str, str] = ("", "")
    crops: tuple[int, int] = (0, 0)
    askew: int = 0
    quality: int | None = None


def scene(seed: int, height: int = 300, width: int = 400) -> Picture:
    """A drawn landscape: sky, ground, trees, houses and clouds with dark outlines."""
    rng = np.random.default_rng(seed)
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = 150, 200, 240
    picture[height * 2 // 3 :] = 120, 190, 90
    for _ in range(26):
        x, y = int(rng.integers(20, width - 40)), int(rng.integers(20, height - 40))
        colour = tuple(rng.integers(0, 256, 3).tolist())
        size = int(rng.integers(10, 34))
        if rng.random() < 0.5:
            cv2.circle(picture, (x, y), size, colour, -1, cv2.LINE_AA)
            cv2.circle(picture, (x, y), size, (30, 30, 30), 2, cv2.LINE_AA)
        else:
            cv2.rectangle(picture, (x, y), (x + size, y + 2 * size), colour, -1)
            cv2.rectangle(picture, (x, y), (x + size, y + 2 * size), (30, 30, 30), 2)
    return picture


def line_drawing(seed: int, height: int = 300, width: int = 400) -> Picture:
    """Dark outlines on white paper."""
    rng = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 255, np.uint8)
    for _ in range(40):
        x, y = int(rng.integers(10, width - 10)), int(rng.integers(10, height - 10))
        angle, axes = int(rng.integers(0, 180)), tuple(rng.integers(6, 40, 2).tolist())
        cv2.ellipse(picture, (x, y), axes, angle, 0, int(rng.integers(120, 360)), (20, 20, 20), 2, cv2.LINE_AA)
    return picture


def edited(picture: Picture, seed: int) -> tuple[Picture, list[Box]]:
    """The picture with spots of another colour, far apart, and their boxes."""
    rng = np.random.default_rng(seed)
    height, width, _ = picture.shape
    cells = [(row, column) for row in range(3) for column in range(4)]
    changed, boxes = picture.copy(), []
    for index in rng.permutation(len(cells))[:PLANTED].tolist():
        row, column = cells[index]
        w, h = rng.integers(10, 22, 2).tolist()
        x = column * width // 4 + int(rng.integers(12, width // 4 - w - 12))
        y = row * height // 3 + int(rng.integers(12, height // 3 - h - 12))
        spot = changed[y : y + h, x : x + w]
        spot[:] = np.where(spot.mean(axis=(0, 1)) < 128, 235, 25)
        boxes.append((x, y, w, h))
    return changed, boxes


def compose(picture: Picture, layout: Layout, seed: int) -> Sheet:
    """The sheet of a picture and its edited twin.

    `crops` are taken off the first panel's right and the second's left side, as by a careless cut of a scan.
    """
    changed, planted = edited(picture, seed)
    off_first, off_second = layout.crops
    first, second = picture[:, : picture.shape[1] - off_first], changed[:, off_second:]
    planted = [box for box in planted if box[0] >= off_second and box[0] + box[2] <= first.shape[1]]
    if layout.direction == "left-right":
        sheet = _side_by_side(first, second, layout, across=True)
    else:
        sheet = _side_by_side(first, second, layout, across=False)
    pixels, cut, panels = sheet
    if layout.quality is not None:
        pixels = imagecodecs.jpeg8_decode(imagecodecs.jpeg8_encode(pixels, level=layout.quality))
    shown = first.shape[1] - off_second
    (x, y, _, h), (right, down, *_) = panels
    reference, candidate = (x + off_second, y, shown, h), (right, down, shown, h)
    planted = [(left - off_second, top, w, height) for left, top, w, height in planted]
    return Sheet(pixels, layout.direction, cut, (reference, candidate), planted)


def _side_by_side(
    first: Picture, second: Picture, layout: Layout, *, across: bool
) -> tuple[Picture, int, tuple[Box, Box]]:
    before, after = layout.margins
    title = 40 if layout.title else 0
    below = 36 if any(layout.captions) else 0
    edge = layout.frame
    step = (first.shape[1] if across else first.shape[0] + below) + 2 * edge + layout.gutter
    start = (before + edge, before + title + edge)
    other = (start[0] + step, start[1] + layout.askew) if across else (start[0] + layout.askew, start[1] + step)
    width = max(start[0] + first.shape[1], other[0] + second.shape[1]) + edge + after
    height = max(start[1] + first.shape[0], other[1] + second.shape[0]) + edge + below + after
    sheet = np.full((height, width, 3), layout.paper, np.uint8)
    for (x, y), panel, caption in zip((start, other), (first, second), layout.captions, strict=True):
        h, w, _ = panel.shape
        sheet[y - edge : y + h + edge, x - edge : x + w + edge] = 40
        sheet[y : y + h, x : x + w] = panel
        cv2.putText(sheet, caption, (x + 20, y + h + edge + 26), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (0, 0, 0), 2)
    cv2.putText(sheet, layout.title, (width // 4, before + 28), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (0, 0, 0), 2)
    boxes = (*start, first.shape[1], first.shape[0]), (*other, second.shape[1], second.shape[0])
    end = (start[0] + first.shape[1] if across else start[1] + first.shape[0]) + edge
    begin = (other[0] if across else other[1]) - edge
    if not across:  # the gutter begins below the caption
        end += int(np.flatnonzero((sheet[end:begin] != layout.paper).any(axis=(1, 2))).max(initial=-1)) + 1
    return sheet, (end + begin + 1) // 2, boxes


SHEETS = {
    "bare": lambda: compose(photo("astronaut"), Layout(), 1),
    "bare-below": lambda: compose(photo("chelsea"), Layout("top-bottom"), 2),
    "gutter": lambda: compose(scene(3), Layout(margins=(12, 12), gutter=24), 3),
    "framed": lambda: compose(scene(4), Layout(margins=(15, 15), gutter=18, frame=3), 4),
    "framed-below": lambda: compose(scene(5), Layout("top-bottom", margins=(10, 25), gutter=14, frame=4), 5),
    "captions": lambda: compose(
        scene(6), Layout(margins=(20, 20), gutter=20, frame=2, captions=("Picture A", "Picture B")), 6
    ),
    "title": lambda: compose(
        photo("coffee"), Layout(margins=(10, 10), gutter=10, title="Find the 6 differences", captions=("", "edited")), 7
    ),
    "captions-below": lambda: compose(
        scene(8), Layout("top-bottom", margins=(8, 8), gutter=12, frame=2, captions=("original", "changed")), 8
    ),
    "uneven": lambda: compose(scene(9), Layout(crops=(37, 0)), 9),
    "uneven-both": lambda: compose(photo("rocket"), Layout(crops=(22, 31), margins=(0, 17)), 10),
    "line-drawing": lambda: compose(line_drawing(11), Layout(margins=(30, 12), gutter=16, frame=2), 11),
    "jpeg": lambda: compose(scene(12), Layout(margins=(9, 9), gutter=15, frame=3, askew=4, quality=75), 12),
    "jpeg-grey-paper": lambda: compose(
        photo("astronaut"), Layout("top-bottom", margins=(25, 5), gutter=31, paper=205, askew=3, quality=80), 13
    ),
}
"""Thirteen of them: both directions, gutters, frames, captions, uneven cuts, JPEG."""
