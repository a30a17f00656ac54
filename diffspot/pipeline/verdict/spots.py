"""Soft spots that noise hides: no pixel of them stands out and they have no border, but evidence grows with area.

A matched filter asks at several scales for what became brighter or darker than its surroundings, in standard errors of
the noise around it. Light changes over wider areas, so the surroundings take it off.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.backends.channels import mean
from diffspot.pipeline.cells import CELL, around, pair_means, touched
from diffspot.pipeline.verdict.grids import detail, find_grid, local_noise, usual

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.verdict.grids import Grid

FINE, MANY = 4, 2_000_000
"""Px, side of the squares whose means are compared; and px of a pair from which those of CELL px do: where so many
show a spot, it is wider."""
SCALES = (1.0, 1.75, 3.0, 5.25)
"""Cells: of the Gaussian windows; a nodule whose own sigma is 4 to 20 px fills one of them."""
GLANCE, LEAST_SCALE = 0.8, 0.7
"""Share of the standard errors of a spot that coarser cells show of it, and cells of a window there at least."""
SURROUNDINGS = 2.0
"""Times a scale: of the Gaussian window that is taken off as surroundings."""
STANDARD_ERRORS = 6.5
"""By which a spot differs at least; noise alone reaches 5.3 in a hundred pairs."""
PASSED_OVER, BEYOND = 3, 1.7
"""Places that are passed over, and times what the next one differs by that a spot does: where edges or texture moved,
or light is left, many places differ as much."""
HEIGHT = 0.3
"""Share of the height of a spot as wide as a window that the filter answers: 1 / 2 under it, less 1 / 5 around."""
LEAST_LEVELS = 5.0
"""Grey levels of its height at least: rounding and compression leave less, however even."""
SHOWN = 1.5
"""Times the threshold from which pixels show it, and were judged before."""
WIDEST = 6
"""Times a scale that the box of a spot measures at most: what is longer is the edge of something, or light."""
DITHERED = 1.0
"""Grey levels of noise in the mean of a cell of CELL px from which spots are looked for: there it hides them."""
MISFIT, RESAMPLED = 0.3, 0.6
"""Px by which an edge may lie elsewhere where the candidate lies still, and where it was resampled."""
AROUND = 17
"""Cells, side of the square in which the noise of a place is taken."""
APART = 12
"""Cells: what lies closer to a stronger place belongs to it."""
HALO = 3
"""Cells beside a change that its shadow, its sheen and what compression made of its edge reach."""
LEAST_WEIGHT = 0.1
"""Share of a window that lies inside at the least."""
NO_NOISE = 1e-3
"""Grey levels: keeps cells that are equal to the bit from dividing by zero."""


class _Cells(NamedTuple):
    """The brightness of the cells of a pair; (rows, columns) each but the first.

    Attributes:
        cell: px, their side.
        steepness: grey levels by which the steeper of both changes in a px; it makes no difference which is which.
        change: grey levels by which the candidate is brighter.
        inside: which cells count.
    """

    cell: int
    steepness: NDArray[np.float32]
    change: NDArray[np.float32]
    inside: NDArray[np.bool_]


class _Answer(NamedTuple):
    """What a matched filter answers, (rows, columns) each but the first.

    Attributes:
        scale: cells.
        errors: size of the answer, standard errors.
        levels: grey levels by which a place became brighter than its surroundings.
    """

    scale: float
    errors: NDArray[np.float32]
    levels: NDArray[np.float32]


def find_spots(
    pair: RegisteredPair, found: Sequence[Box], threshold: float, backend: Backend, *, still: bool
) -> list[Component]:
    """The soft spots of a noisy pair that lie in none of the boxes that were found.

    Args:
        pair: a single one, in one light.
        found: boxes of changes and of what was taken off them, px.
        threshold: the score above which a pixel differs by itself.
        backend: what the arrays live on.
        still: whether the candidate was not resampled.
    """
    if min(pair.valid.shape) < FINE * AROUND / 2:
        return []
    small, misfit = pair.valid.size < MANY, MISFIT if still else RESAMPLED
    cells = None if small else _large_cells(pair, backend)
    if cells and usual(detail(cells.change)[cells.inside]) < DITHERED:  # most large pairs end here
        return []
    grid = find_grid(pair, backend).halved()
    if min(grid.inside.shape) < AROUND / 2 or not _may_show_any(grid, FINE if small else CELL, found, misfit):
        return []  # and most small ones here
    cells = cells or _fine_cells(pair, backend)
    # What touches the frame may be light that falls off: nobody sees its other half.
    within = cv2.erode(cells.inside.view(np.uint8), np.ones((3, 3)), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    answers = list(_answers(_beside(cells, found, HALO), misfit, SCALES))
    hidden = [spot for spot in _spots(answers, cells.cell) if LEAST_LEVELS <= 255 * spot[2] <= SHOWN * 255 * threshold]
    return [spot for spot in hidden if within[touched(spot[0], cells.cell)].all()]


def _may_show_any(grid: Grid, cell: int, found: Sequence[Box], misfit: float) -> bool:
    """Whether any place differs nearly as much as a spot, seen by windows of one or two cells of coarser grids.

    Args:
        grid: the finest of them.
        cell: px, side of the cells that SCALES mean.
        found: boxes in px that are left aside.
        misfit: px by which an edge may lie elsewhere.
    """
    scales = [scale * cell for scale in SCALES]
    while scales:
        left = _beside(_cells_of(*grid), found, HALO * cell // grid.cell)
        seen = [max(scale / grid.cell, LEAST_SCALE) for scale in scales if scale < 2 * grid.cell]
        if any(float(one.errors.max()) >= GLANCE * STANDARD_ERRORS for one in _answers(left, misfit, seen)):
            return True
        scales, grid = scales[len(seen) :], grid.halved()
    return False


def _cells_of(cell: int, before: NDArray[np.float32], after: NDArray[np.float32], inside: NDArray[np.bool_]) -> _Cells:
    """The cells of a pair which have those means."""
    steepness = np.maximum(_slope(before, cell), _slope(after, cell))
    return _Cells(cell, steepness, np.where(inside, after - before, 0), inside)


def _large_cells(pair: RegisteredPair, backend: Backend) -> _Cells:
    before, after, inside = pair_means(pair, backend)
    return _cells_of(CELL, mean(before), mean(after), inside)


def _fine_cells(pair: RegisteredPair, backend: Backend) -> _Cells:
    before, after = (mean(backend.to_host(backend.grid_mean(one, FINE))) for one in (pair.reference, pair.candidate))
    return _cells_of(FINE, before, after, np.asarray(backend.to_host(backend.whole_cells(pair.valid, FINE))))


def _beside(cells: _Cells, found: Sequence[Box], halo: int) -> _Cells:
    """The cells of which only those count that lie so many away from all boxes."""
    left = cells.inside.copy()
    for box in found:
        left[touched(box, cells.cell, halo)] = False
    return cells._replace(inside=left)


def _slope(content: NDArray[np.float32], cell: int) -> NDArray[np.float32]:
    """(rows, columns) grey levels by which the means of cells change in a px."""
    across, down = (cv2.Sobel(content, cv2.CV_32F, *way, scale=1 / (8 * cell)) for way in ((1, 0), (0, 1)))
    return np.asarray(cv2.magnitude(across, down))


def _answers(cells: _Cells, misfit: float, scales: Sequence[float]) -> Iterator[_Answer]:
    """What the filter of each scale answers: the mean under a window less that under a wider one.

    Only cells inside count, of which there are fewer at the frame, so each place has a noise of its own: the square of
    a Gaussian window is a narrower one, and so is the product of two.
    """
    weights, noise = cells.inside.astype(np.float32), local_noise(cells.change, cells.inside, AROUND)
    whole = bool(cells.inside.all())
    change = cells.change * weights
    for scale in scales:
        near, far, gain = _whole_reach(weights.shape, scale) if whole else _reach_of(weights, scale, _windowed)
        levels = _windowed(change, scale) / near - _windowed(change, SURROUNDINGS * scale) / far
        error = cv2.magnitude(noise * gain, misfit * _windowed(cells.steepness, scale))
        errors = np.abs(levels) / np.maximum(error, NO_NOISE) * weights
        yield _Answer(scale, errors / max(usual(errors[cells.inside]), 1.0), levels)


class _Reach(NamedTuple):
    """What windows around each cell hold, (rows, columns) float32.

    Attributes:
        near: the weight of all cells under the window.
        far: that under the wider one.
        gain: standard deviations of what the filter answers, for noise of 1.
    """

    near: NDArray[Any]
    far: NDArray[Any]
    gain: NDArray[Any]


@lru_cache(maxsize=8)  # the scales of a few sizes: pictures that follow each other are mostly of one
def _whole_reach(shape: tuple[int, int], scale: float) -> _Reach:
    """`_reach_of` where all cells of a grid count."""
    return _reach_of(np.ones(shape, np.float32), scale, _evenly_windowed)


def _reach_of(
    weights: NDArray[np.float32], scale: float, weighed: Callable[[NDArray[np.float32], float], NDArray[np.float32]]
) -> _Reach:
    """What the windows of a scale hold of (rows, columns) weights, 0 or 1, added up by `weighed`."""
    wider = SURROUNDINGS * scale
    near, far = (weighed(weights, sigma).clip(LEAST_WEIGHT) for sigma in (scale, wider))
    own, others, shared = (
        weighed(weights, one * other / math.hypot(one, other)) / (2 * math.pi * (one**2 + other**2))
        for one, other in ((scale, scale), (wider, wider), (scale, wider))
    )
    return _Reach(near, far, np.sqrt((own / near**2 + others / far**2 - 2 * shared / (near * far)).clip(0)))


def _windowed(plane: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """The sums of a plane under Gaussian windows of weight 1; beyond the frame there is nothing."""
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT), np.float32)


def _evenly_windowed(plane: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """`_windowed` of a plane whose columns are equal and whose rows are; these are worked out by themselves."""
    row, column = (np.asarray(_windowed(each, sigma)) for each in (plane[:1], plane[:, :1]))
    return np.asarray(row * column / _windowed(plane[:1, :1], sigma), np.float32)


def _spots(answers: Sequence[_Answer], cell: int) -> Iterator[Component]:
    """The spots, strongest first, as far as they stand out from all but PASSED_OVER places."""
    places = _places(answers)
    other = places[PASSED_OVER][0] if len(places) > PASSED_OVER else 0.0
    for errors, answer, (row, column) in places[:PASSED_OVER]:
        spot = _spot(answer, row, column, cell)
        if errors >= max(STANDARD_ERRORS, BEYOND * other) and max(spot[0][2:]) <= WIDEST * answer.scale * cell:
            yield spot


def _places(answers: Sequence[_Answer]) -> list[tuple[float, _Answer, tuple[int, int]]]:
    """The strongest places that lie apart, one more than may be spots: standard errors, filter, row and column."""
    left = [answer.errors.copy() for answer in answers]
    places: list[tuple[float, _Answer, tuple[int, int]]] = []
    while left and len(places) <= PASSED_OVER:
        best = max(range(len(left)), key=lambda index: float(left[index].max()))
        row, column = divmod(int(left[best].argmax()), left[best].shape[1])
        places.append((float(left[best][row, column]), answers[best], (row, column)))
        place = around((column, row, 1, 1), APART)
        for errors in left:
            errors[place] = 0
    return places


def _spot(answer: _Answer, row: int, column: int, cell: int) -> Component:
    """The spot around a cell, which ends where its change fell to the half."""
    signed = np.sign(answer.levels[row, column]) * answer.levels
    peak = float(signed[row, column])
    _, labels, table, _ = cv2.connectedComponentsWithStats((signed >= peak / 2).view(np.uint8), connectivity=4)
    x, y, w, h, area = table[labels[row, column]].tolist()
    height = peak / HEIGHT / 255
    # The part of a Gaussian above its half is 0.72 of its height in the mean.
    return (x * cell, y * cell, w * cell, h * cell), area * cell**2, height, height / (2 * math.log(2))
