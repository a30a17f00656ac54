"""The two panels of a sheet that shows both pictures of a pair, side by side or one above the other.

Both panels show nearly the same, so the sheet is like itself moved by the way from one to the other: the lag of the
peak of its autocorrelation. What lies around the pictures, such as margins, gutters, frames and captions, is taken off
in both panels alike, and only where it is plain in both or lies beyond the border: no difference goes with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import cv2
import numpy as np

from diffspot.pipeline.panels.interface import LEAST_PANEL, PLAIN, SheetPair, even_lines
from diffspot.pipeline.panels.lag import domain, find_lag, gradients, refined
from diffspot.pipeline.panels.trim import trimmed
from diffspot.pipeline.preparation import eight_bits, luminance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box, Direction
    from diffspot.pipeline.panels.interface import Lag, PanelBox

LEAST_LIKENESS = 0.3
"""Share of the gradients' energy that panels have in common: pictures that are no sheet reach 0.22 at most, panels cut
unevenly 0.4, others 0.8."""

LEAST_AGREED, LEAST_SHOWN = 0.65, 0.7
"""Of the gradients of both panels, how much agrees; and how much of the sheet's lies in them. Of 122 sheets 111 have
both; of 83 pictures alone that are in part like themselves (text, boards, tables) 13, most of two like halves."""


class Panels(NamedTuple):
    """Where the two pictures lie in a sheet.

    Attributes:
        direction: in which they follow each other.
        cut: px from the sheet's left or upper edge at which the second panel's part begins.
        reference: bbox of the first, px of the sheet.
        candidate: bbox of the second, of the same size.
    """

    direction: Direction
    cut: int
    reference: Box
    candidate: Box


def find_panels(pixels: NDArray[Any], direction: Literal["auto", "left-right", "top-bottom"]) -> Panels | None:
    """Where the two pictures of a sheet lie; None where it shows no two that are alike.

    Args:
        pixels: (H, W, C) uint8 or uint16.
        direction: in which they follow each other; `auto` takes the one in which the sheet is more like itself.
    """
    if min(pixels.shape[:2]) < LEAST_PANEL:
        return None
    colours = eight_bits(pixels)
    if direction != "auto":
        return _with_lag(colours, direction, *find_lag(colours, direction))
    across, down = (find_lag(colours, one) for one in ("left-right", "top-bottom"))
    first = across[0].likeness >= down[0].likeness
    found = _with_lag(colours, "left-right", *across) if first else _with_lag(colours, "top-bottom", *down)
    return found if found and _are_alike(colours, found) else None


def _are_alike(colours: NDArray[np.uint8], panels: Panels) -> bool:
    """Whether both panels show the same, and next to all that the sheet shows: text is like itself in part, too."""
    parts = [colours[y : y + h, x : x + w] for x, y, w, h in (panels.reference, panels.candidate)]
    first, second = (gradients(luminance(np.ascontiguousarray(part)))[0] for part in parts)
    agreed = (first * second.conj()).real.sum() / max(float(np.linalg.norm(first) * np.linalg.norm(second)), 1e-9)
    if agreed < LEAST_AGREED:
        return False
    whole, scale = gradients(luminance(colours))
    shown = np.zeros(whole.shape, np.bool_)
    for box in (panels.reference, panels.candidate):
        x, y, w, h = (side / scale for side in box)
        shown[max(0, round(y) - 1) : round(y + h) + 1, max(0, round(x) - 1) : round(x + w) + 1] = True
    return bool(np.abs(whole[shown]).sum() >= LEAST_SHOWN * np.abs(whole).sum())


def _with_lag(colours: NDArray[np.uint8], direction: Direction, lag: Lag, scale: float) -> Panels | None:
    if lag.likeness < LEAST_LIKENESS:
        return None
    # All that follows is written for panels side by side; those one above the other are turned to lie so.
    turned = colours if direction == "left-right" else np.ascontiguousarray(colours.transpose(1, 0, 2))
    pair = SheetPair(turned, refined(luminance(turned), lag, reach=round(2 * scale) + 2))
    box = trimmed(pair, _overlap(pair))
    if min(box.width, box.height) < LEAST_PANEL:
        return None
    cut = _cut(pair, box)
    reference, candidate = box, box.moved(pair.lag)
    if direction == "top-bottom":
        reference, candidate = reference.transposed, candidate.transposed
    return Panels(direction, cut, reference.bbox, candidate.bbox)


def _overlap(pair: SheetPair) -> PanelBox:
    """The first panel with what is around it: no wider than the lag, for there the second begins, and most alike."""
    whole = domain(pair.colours.shape, pair.lag)
    first, second = pair.both(whole)
    room = whole.width - pair.lag.right
    if room <= 0:
        return whole
    unlike = cv2.absdiff(luminance(np.ascontiguousarray(first)), luminance(np.ascontiguousarray(second)))
    sums = np.concatenate([[0], unlike.mean(axis=0, dtype=np.float64).cumsum()])
    left = int((sums[pair.lag.right :] - sums[: room + 1]).round(3).argmin())
    return whole._replace(left=left, right=left + pair.lag.right)


def _cut(pair: SheetPair, box: PanelBox) -> int:
    """Where the second panel's part begins: in the middle of the gutter, or else at the sharpest seam."""
    low, high = box.right, box.left + pair.lag.right
    if high - low <= 1:
        return low
    even = pair.lag.right
    runs = _plain_runs(pair.colours[box.top : box.bottom, low:high].transpose(1, 0, 2))
    paper = _paper(pair.colours)
    gutters = [run for run in runs if paper is not None and np.abs(run.colour - paper).max() <= PLAIN]
    if gutters:
        return low + max(gutters, key=lambda run: run.last - run.first).middle
    if low <= even <= high and abs(pair.colours.shape[1] - 2 * even) <= 2:  # noqa: PLR2004  px of rounding
        return even
    if len(runs) == 1 and runs[0].last - runs[0].first == high - low:
        return low + runs[0].middle
    around = pair.colours[box.top : box.bottom, low - 1 : high + 1].astype(int)
    return low + int(np.abs(np.diff(around, axis=1)).mean(axis=(0, 2)).argmax())


class _Run(NamedTuple):
    """[first, last) of lines of one colour."""

    first: int
    last: int
    colour: NDArray[np.float32]

    @property
    def middle(self) -> int:
        return (self.first + self.last) // 2


def _plain_runs(lines: NDArray[np.uint8]) -> list[_Run]:
    """The stretches of lines of one colour."""
    plain, grounds = even_lines(lines)
    runs: list[_Run] = []
    for index in np.flatnonzero(plain).tolist():
        if runs and runs[-1].last == index and np.abs(grounds[index] - grounds[index - 1]).max() <= PLAIN:
            runs[-1] = runs[-1]._replace(last=index + 1)
        else:
            runs.append(_Run(index, index + 1, grounds[index]))
    return runs


def _paper(colours: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """The colour of a sheet's paper; None where it does not show at three of its edges."""
    edges = [even_lines(line[None]) for line in (colours[0], colours[-1], colours[:, 0], colours[:, -1])]
    shades = [ground[0] for plain, ground in edges if plain[0]]
    near = [[one for one in shades if np.abs(one - shade).max() <= PLAIN] for shade in shades]
    most = max(near, key=len, default=[])
    return most[0] if len(most) >= 3 else None  # noqa: PLR2004  of four
