"""Even patches of a few levels in noisy pairs: no pixel of them stands out, but evidence grows with area."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import cv2
import numpy as np

from diffspot.pipeline.areas import large_areas
from diffspot.pipeline.cells import CELL, around, pair_means, touched
from diffspot.pipeline.sampling import median
from diffspot.pipeline.verdict.grids import usual
from diffspot.pipeline.verdict.groups import overlap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

WINDOWS = (3, 5, 7)
"""Cells, sides of the squares over whose mean noise is averaged; the smaller first, whose edges are sharper."""
STANDARD_ERRORS = 4.0
"""By which the mean of such a square differs at least."""
LEAST_LEVELS = 2.5
"""Grey levels by which it differs at least: what JPEG makes of the colour of a whole block stays below."""
DITHERED = 1.0
"""Grey levels of noise in the mean of a cell from which JPEG rounds each block otherwise: such errors average."""
LEAST_CELLS = 24
"""Cells that a patch covers at least."""
FILLED = 0.85
"""Share of its convex hull that it covers: light that is left is ragged, and so is shade."""
LIGHT = 1.5
"""Times what noise alone does to the means of squares by which they deviate where light is left as well."""
EVEN = 0.28
"""Standard deviation of its cells, less noise, in shares of their mean: a patch has a plateau, light that is left a
summit."""
FADING = 0.1
"""Share of its mean that is left two cells beside it, less noise: light fades, a patch ends."""
SHARED = 0.5
"""Share of its mean by which half of its px differ at least: a line that wavers changes few px, and those by much."""
WIDE, WIDER = (5, 5), (7, 7)
"""Cells around each of its cells, between which those lie that are beside it."""
AROUND = 9
"""Cells, side of the square in which the noise of a place is taken."""
ABSOLUTE = 0.8
"""Mean size of normal noise in shares of its standard deviation, sqrt(2 / pi)."""


def find_patches(
    pair: RegisteredPair, found: Sequence[Component], threshold: float, backend: Backend, *, still: bool
) -> list[Component]:
    """The even patches of a noisy pair that lie in none of the components.

    Args:
        pair: a single one, in one light.
        found: what differs pixel by pixel.
        threshold: the score above which a pixel differs by itself: what exceeds it beside a component is its shadow.
        backend: what the arrays live on.
        still: whether the candidate was not resampled: what that leaves at edges is no noise that averages out.
    """
    reference, candidate, valid = pair_means(pair, backend)
    inside = valid.copy()
    if np.count_nonzero(inside) < LEAST_CELLS * 4:
        return []
    changes = [np.where(inside, plane, 0) for plane in cv2.split(candidate - reference)]
    # What touches the frame may be light that falls off: nobody sees its other half.
    within = cv2.erode(inside.view(np.uint8), np.ones((3, 3)), borderType=cv2.BORDER_CONSTANT, borderValue=0) > 0
    for box, *_ in found:
        inside[touched(box)] = False
    patches: list[Component] = []
    planes = [_Plane.of(change, inside) for change in changes]
    for window, (channel, plane) in product(WINDOWS, enumerate(planes)):
        for (x, y, w, h), level in _plateaus(plane, inside, window, still=still):
            box = x * CELL, y * CELL, w * CELL, h * CELL
            if _is_beside(box, found) if level > 255 * threshold else not within[y : y + h, x : x + w].all():
                continue
            if _typical(pair, box, channel, backend) < SHARED * level:
                continue
            inside[y : y + h, x : x + w] = False
            patches.append((box, box[2] * box[3], level / 255, level / 255))
    return patches


def _is_beside(box: Box, found: Sequence[Component]) -> bool:
    """Whether a component lies less than a cell beside a box."""
    x, y, w, h = box
    around_it = (x - CELL, y - CELL, w + 2 * CELL, h + 2 * CELL)
    return any(overlap(around_it, other) for other, *_ in found)


def _typical(pair: RegisteredPair, box: Box, channel: int, backend: Backend) -> float:
    """Size of the median change of a channel within a box in px, levels."""
    x, y, w, h = box
    before, after = (
        backend.to_host(picture[y : y + h, x : x + w, channel]).astype(np.float32)
        for picture in (pair.reference, pair.candidate)
    )
    return abs(float(np.median(after - before)))


class _Plane(NamedTuple):
    """The change of a channel, (rows, columns), and the standard deviation of the noise of each cell.

    Attributes:
        usual_noise: its median over the cells that count.
    """

    change: NDArray[Any]
    noise: NDArray[Any]
    usual_noise: float

    @classmethod
    def of(cls, change: NDArray[Any], inside: NDArray[np.bool_]) -> Self:
        """The plane of a change; `inside` says which cells count."""
        noise = _noise(change)
        counted = noise[inside]
        return cls(change, noise, float(median(counted)) if counted.size else 0.0)


def _plateaus(plane: _Plane, inside: NDArray[np.bool_], window: int, *, still: bool) -> Iterator[tuple[Box, float]]:
    """Box in cells and mean size of the change of each even patch that the means over such windows show."""
    change, noise, usual_noise = plane
    wider = window > WINDOWS[0]  # wider means show the light that is left, not changes that noise hides
    lit = not still or usual_noise <= DITHERED
    if not inside.any() or (lit and wider):
        return
    smooth = cv2.blur(change, (window, window))
    held, least_levels = smooth[inside], LEAST_LEVELS * WINDOWS[0] / window
    if held.max() - held.min() <= least_levels:  # as of most pairs: none differs by as much from the middle
        return
    middle = median(held)
    deviation = usual(held - middle)
    lit = lit or deviation * window > LIGHT * usual_noise
    if lit and wider:
        return
    noise = np.zeros_like(noise) if lit else noise
    error = np.maximum(noise / window, deviation)
    levels = np.where(noise > DITHERED, least_levels, LEAST_LEVELS)
    shape = _Shape(change - middle, smooth - middle, noise, ABSOLUTE / window * noise, inside)
    least = np.maximum(STANDARD_ERRORS * error, levels)
    for sign in (-1, 1):
        high = sign * (smooth - middle)
        sure = (high > least) & inside
        if not sure.any():  # as of most pairs; to label nothing takes as long
            continue
        for around_it, own in large_areas(sure, LEAST_CELLS if lit else LEAST_CELLS / 2):
            patch, box = (own, around_it) if lit else _to_half(own, around_it, high, inside)
            if level := shape.level(patch, box):
                yield box, level


def _to_half(
    sure: NDArray[np.bool_], box: Box, high: NDArray[Any], inside: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], Box]:
    """The patch around cells that are sure, and its box: its edge lies where a mean over a window fell to the half.

    Of several that hold such cells the one that begins last; each is filled from one of them, which looks at no others.
    """
    x, y, w, h = box
    place = slice(y, y + h), slice(x, x + w)
    half = ((high > float(np.median(high[place][sure[place]])) / 2) & inside).view(np.uint8)
    taken, found = np.zeros(half.shape, bool), []
    for row, column in np.add(np.argwhere(sure[place] & half[place].view(bool)), (y, x)):
        if taken[row, column]:
            continue
        filled = np.zeros((half.shape[0] + 2, half.shape[1] + 2), np.uint8)
        seed, flags = (int(column), int(row)), 4 | cv2.FLOODFILL_MASK_ONLY
        left, top, width, height = cv2.floodFill(half, filled, seed, 1, flags=flags)[3]
        own = filled[1:-1, 1:-1].view(bool)
        taken |= own
        found.append((top, int(own[top].argmax()), own, (left, top, width, height)))
    *_, patch, around_it = max(found, key=lambda one: one[:2])
    return patch, around_it


class _Shape(NamedTuple):
    """What the shape of a patch is held to, (rows, columns) each.

    Attributes:
        change: grey levels of each cell beyond the usual.
        smooth: their means over windows.
        noise: standard deviation of that of a cell.
        usual: mean size of the noise of a mean over a window.
        inside: which cells count.
    """

    change: NDArray[Any]
    smooth: NDArray[Any]
    noise: NDArray[Any]
    usual: NDArray[Any]
    inside: NDArray[np.bool_]

    def level(self, mask: NDArray[np.bool_], box: Box) -> float:
        """Mean size of the change of a patch with that box; 0 where it is ragged, has a summit or fades."""
        _, _, w, h = box
        place = around(box, WIDER[0] // 2)
        own = mask[place].view(np.uint8)
        if np.count_nonzero(own) < max(LEAST_CELLS, FILLED * _hull_area(own)) or min(w, h) ** 2 < LEAST_CELLS / 2:
            return 0.0
        core = cv2.erode(own, np.ones((3, 3), np.uint8)) > 0
        ring = cv2.dilate(own, np.ones(WIDER, np.uint8)) > cv2.dilate(own, np.ones(WIDE, np.uint8))
        ring &= self.inside[place]
        if not (core.any() and ring.any()):
            return 0.0
        plateau = self.change[place][core]
        level = abs(float(plateau.mean()))
        beside = float((np.abs(self.smooth[place]) - self.usual[place])[ring].mean())
        uneven = float(plateau.var() - (self.noise[place][core] ** 2).mean())
        return level if beside <= FADING * level and uneven <= (EVEN * level) ** 2 else 0.0


def _hull_area(mask: NDArray[np.uint8]) -> float:
    """Area of the convex hull of (rows, columns) cells that are set, cells; 0 of none."""
    y, x = np.nonzero(mask)
    corners = [np.stack([x + right, y + down], axis=1) for right, down in product((0, 1), repeat=2)]
    return float(cv2.contourArea(cv2.convexHull(np.concatenate(corners).astype(np.int32)))) if x.size else 0.0


def _noise(change: NDArray[Any]) -> NDArray[Any]:
    """(rows, columns) standard deviation of the noise of the cells around each: what changes evenly has none."""
    detail = change - cv2.blur(change, (3, 3))
    # Beside strong cells the running sums of the filter come out a little below 0 where nothing varies.
    return np.asarray(np.sqrt(9 / 8 * cv2.blur(detail**2, (AROUND, AROUND)).clip(0)))
