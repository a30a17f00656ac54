"""What a sheet is while its panels are looked for: its px, the lag, and boxes in the first panel."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.model import Box

PLAIN, SPECKS = 12, 0.004
"""Grey levels that a plain line may vary by, and the share of its px that may vary more, as JPEG leaves them."""
LEAST_PANEL = 16
"""Px of a panel's side."""


class Lag(NamedTuple):
    """The way from the first panel to the second, px, and the share in [0, 1] of the sheet's energy that agrees."""

    right: int
    down: int
    likeness: float


class PanelBox(NamedTuple):
    """Half-open, px."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Px."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Px."""
        return self.bottom - self.top

    @property
    def bbox(self) -> Box:
        """[x, y, w, h], px of the sheet."""
        return self.left, self.top, self.width, self.height

    @property
    def transposed(self) -> PanelBox:
        """The same in a sheet whose rows are columns."""
        return PanelBox(self.top, self.left, self.bottom, self.right)

    def moved(self, lag: Lag) -> PanelBox:
        """The same place in the other panel."""
        right, down, _ = lag
        return PanelBox(self.left + right, self.top + down, self.right + right, self.bottom + down)


class SheetPair(NamedTuple):
    """A sheet, (H, W, C) uint8, and the way from what one panel shows to the same in the other."""

    colours: NDArray[np.uint8]
    lag: Lag

    def both(self, box: PanelBox) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """What lies in a box of the first panel, and at the same place of the second."""
        return self.within(box), self.within(box.moved(self.lag))

    def within(self, box: PanelBox) -> NDArray[np.uint8]:
        """What lies in a box of the sheet."""
        return self.colours[box.top : box.bottom, box.left : box.right]


def even_lines(part: NDArray[np.uint8]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """(L,) whether each line is of one colour, and (L, C) which."""
    ground = np.median(part, axis=1).astype(np.float32)
    off = (np.abs(part - ground[:, None]) > PLAIN).any(axis=2)
    return off.mean(axis=1) <= SPECKS, ground
