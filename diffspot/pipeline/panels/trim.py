"""Takes off what lies around the pictures of a sheet: paper, frames and captions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.pipeline.panels.interface import LEAST_PANEL, PLAIN, PanelBox, even_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.pipeline.panels.interface import SheetPair

LOOKED_AT, SAMPLES = 0.25, 600
"""Share of a panel's side, from its edge: no caption is higher; and the px of a line that are enough to know it by."""
BORDER = 0.6
"""Share of a line that differs from the ground next to it where a picture or its frame ends there."""
FRAME, FRAMED, MOSTLY = 0.1, 0.8, 0.96
"""Share of the lines looked at that are a frame; and the shares of a line of one colour in a frame, in rough paper."""
SMALL = 0.02
"""Share of a frame's line that may differ between the panels; more is a difference, and stays."""
OTHER = 0.3
"""Share of a strip's ink that the two panels do not share where it is a caption."""


def trimmed(pair: SheetPair, box: PanelBox) -> PanelBox:
    """The box without paper, frames and captions around the picture, until there are no more."""
    edges = [_Edge(side) for side in PanelBox._fields]
    while True:
        before = box
        for edge in edges:
            box = edge.without_paper(pair, box)
        for edge in edges:
            box = edge.without_caption(pair, box)
        if box == before:
            return box


class _Edge:
    """One side of the first panel: what may be taken off there.

    Args:
        side: of a `PanelBox`.
    """

    def __init__(self, side: str) -> None:
        self._side = side
        self._paper: NDArray[np.float32] | None = None
        self._closed = False

    def without_paper(self, pair: SheetPair, box: PanelBox) -> PanelBox:
        """The box without the plain lines at this side, of one colour and the same in both panels, and the frame.

        Where the paper ends, the picture begins, or its frame and then the picture: its own even sky stays.
        """
        if self._closed:
            return box
        lines = self._inwards(pair, box)
        plain, grounds = _plain_lines(lines)
        if self._paper is None and plain[0]:
            self._paper = grounds[0]
        if self._paper is None:
            return box
        # JPEG leaves what is next to a border rough.
        rough = np.minimum(*(_share_of(part, self._paper) for part in lines)) >= MOSTLY
        paper = _run(rough | (plain & (np.abs(grounds - self._paper).max(axis=1) <= PLAIN)))
        return self._without(box, paper) if paper else self._without_frame(lines, box)

    def _without_frame(self, lines: Sequence[NDArray[np.uint8]], box: PanelBox) -> PanelBox:
        """The box without the lines of a frame between paper and picture, with which the paper ends.

        They are of one colour each, the same in both panels; where an even sky follows, the frame ends with the last
        sharp change of colour.
        """
        most = max(2, round(FRAME * len(lines[0])))
        first, second = (part[: most + 1] for part in lines)
        colours = np.median(first, axis=1)
        even = np.minimum(_share_near(first, colours), _share_near(second, colours)) >= FRAMED
        width = _run(even & (_share_near(first, second) >= 1 - SMALL))
        if width > most:
            jumps = np.flatnonzero(np.abs(np.diff(colours, axis=0)).max(axis=1) > PLAIN)
            width = int(jumps[-1]) + 1 if len(jumps) else 0
        if not width or np.abs(colours[:width] - self._paper).max() <= PLAIN:
            return box
        self._closed = True
        return self._without(box, width)

    def without_caption(self, pair: SheetPair, box: PanelBox) -> PanelBox:
        """The box without the strip at this side that lies beyond the border of the picture."""
        if self._closed:
            return box
        lines = self._inwards(pair, box)
        plain, _ = _plain_lines(lines)
        for strip in (np.flatnonzero(plain[1:-1]) + 1).tolist():
            if _ends_after(lines, strip):
                self._paper = np.median(lines[0][strip], axis=0).astype(np.float32)
                return self._without(box, strip + 1)
        return box

    def _inwards(self, pair: SheetPair, box: PanelBox) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Both panels in the box, (lines, px, C): the lines from this side inwards, as far as they are looked at."""
        across = self._side in {"left", "right"}
        parts = [part.transpose(1, 0, 2) if across else part for part in pair.both(box)]
        count, step = max(LEAST_PANEL, int(LOOKED_AT * len(parts[0]))), -(-parts[0].shape[1] // SAMPLES)
        first, second = parts if self._side in {"left", "top"} else [part[::-1] for part in parts]
        return first[:count, ::step], second[:count, ::step]

    def _without(self, box: PanelBox, lines: int) -> PanelBox:
        """The box with so many lines less at this side, unless too little were left."""
        by = lines if self._side in {"left", "top"} else -lines
        less = box._replace(**{self._side: getattr(box, self._side) + by})
        return less if min(less.width, less.height) >= LEAST_PANEL else box


def _plain_lines(lines: Sequence[NDArray[np.uint8]]) -> tuple[NDArray[np.bool_], NDArray[np.float32]]:
    """(L,) whether each line is of one colour, in the other panel the same, and (L, C) the colour."""
    (first, ground), (second, other) = map(even_lines, lines)
    alike = np.abs(ground - other).max(axis=1) <= PLAIN
    return np.asarray(first & second & alike), ground


def _share_near(part: NDArray[np.uint8], others: NDArray[Any]) -> NDArray[np.float64]:
    """(L,) which share of each line is nearly of a colour of its own, (L, C), or like another, (L, px, C)."""
    near = np.abs(part.astype(np.int16) - (others[:, None] if others.ndim == 2 else others.astype(np.int16)))  # noqa: PLR2004
    return np.asarray((near <= 3 * PLAIN).all(axis=2).mean(axis=1))


def _share_of(part: NDArray[np.uint8], colour: NDArray[Any]) -> NDArray[np.float64]:
    """(L,) which share of each line is nearly of a colour."""
    return np.asarray((np.abs(part - colour) <= 3 * PLAIN).all(axis=2).mean(axis=1))


def _run(flags: NDArray[np.bool_]) -> int:
    """How many flags are true before the first that is not."""
    return len(flags) if flags.all() else int(flags.argmin())


def _ends_after(lines: Sequence[NDArray[np.uint8]], strip: int) -> bool:
    """Whether the pictures begin after a strip of lines, the last of them plain, and the strip is a caption."""
    ground = np.median(lines[0][strip], axis=0)
    if min(1 - _share_of(part[strip + 1 : strip + 2], ground)[0] for part in lines) < BORDER:
        return False
    return _is_framed(lines[0][strip + 1 :]) or _is_other([part[:strip] for part in lines], ground)


def _is_framed(lines: NDArray[np.uint8]) -> bool:
    """Whether lines begin with some of one colour, no more than a frame's."""
    most = max(2, round(FRAME * len(lines)))
    return _run(_share_of(lines[: most + 1], np.median(lines[0], axis=0)) >= FRAMED) in range(1, most + 1)


def _is_other(strips: Sequence[NDArray[np.uint8]], ground: NDArray[np.float64]) -> bool:
    """Whether most of what is drawn in two strips, upon paper of a colour, differs between the panels."""
    first, second = (strip.astype(int) for strip in strips)
    ink = (np.abs(first - ground) > PLAIN).any(axis=2) | (np.abs(second - ground) > PLAIN).any(axis=2)
    differs = (np.abs(first - second) > 3 * PLAIN).any(axis=2)
    return bool(ink.any()) and float(differs[ink].mean()) > OTHER
