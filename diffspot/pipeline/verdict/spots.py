"""Soft spots that noise hides: no pixel of them stands out and they have no border, but evidence grows with area.

A matched filter asks at several scales for what became brighter or darker than its surroundings, in standard errors of
the noise around it. Light changes over wider areas, so the surroundings take it off.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

from diffspot.backends.channels import mean
from diffspot.pipeline.cells import CELL, around, pair_means
from diffspot.pipeline.sampling import median

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.backends.interface import Backend
    from diffspot.model import Box
    from diffspot.pipeline.pair import RegisteredPair

FINE, MANY = 4, 2_000_000
"""Px, side of the squares whose means are compared; and px of a pair from which those of CELL px do: where so many
show a spot, it is wider."""
SCALES = (1.0, 1.75, 3.0, 5.25)
"""Cells: of the Gaussian windows; a nodule whose own sigma is 4 to 20 px fills one of them."""
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
OUTLIER = 5.0
"""Times the usual noise from which a cell says no more of it."""
APART = 12
"""Cells: what lies closer to a stronger place belongs to it."""
HALO = 3
"""Cells beside a change that its shadow, its sheen and what compression made of its edge reach."""
NORMAL_MEDIAN = 1.4826
"""Standard deviation of normal values in shares of the median of their size."""
LAPLACIAN = np.outer([1, -2, 1], [1, -2, 1]).astype(np.float32) / 6
"""Leaves the noise of a plane, with its standard deviation, and nothing of smooth structure: Immerkaer 1996,
doi:10.1006/cviu.1996.0060."""
LEAST_WEIGHT = 0.1
"""Share of a window that lies inside at the least."""
NO_NOISE = 1e-3
"""Grey levels: keeps cells that are equal to the bit from dividing by zero."""


class _Grid(NamedTuple):
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
    small = pair.valid.size < MANY
    grid = _fine_grid(pair, backend) if small else _grid(CELL, *pair_means(pair, backend))
    # Most large pairs end here.
    if min(grid.inside.shape) < AROUND / 2 or (not small and _usual(_detail(grid), grid.inside) < DITHERED):
        return []
    # What touches the frame may be light that falls off: nobody sees its other half.
    within = cv2.erode(grid.inside.view(np.uint8), np.ones((3, 3)), borderType=cv2.BORDER_CONSTANT, borderValue=0)
    left = grid.inside.copy()
    for box in found:
        left[_cells(box, grid.cell, HALO)] = False
    if not left.any():
        return []
    answers = list(_answers(grid._replace(inside=left), MISFIT if still else RESAMPLED))
    hidden = [spot for spot in _spots(answers, grid.cell) if LEAST_LEVELS <= 255 * spot[2] <= SHOWN * 255 * threshold]
    return [spot for spot in hidden if within[_cells(spot[0], grid.cell)].all()]


def _grid(cell: int, before: NDArray[np.float32], after: NDArray[np.float32], inside: NDArray[np.bool_]) -> _Grid:
    """The grid of a pair whose cells have those means, (rows, columns, C)."""
    one, other = mean(before), mean(after)
    return _Grid(cell, np.maximum(_slope(one, cell), _slope(other, cell)), np.where(inside, other - one, 0), inside)


def _slope(content: NDArray[np.float32], cell: int) -> NDArray[np.float32]:
    """(rows, columns) grey levels by which the means of cells change in a px."""
    across, down = (cv2.Sobel(content, cv2.CV_32F, *way, scale=1 / (8 * cell)) for way in ((1, 0), (0, 1)))
    return np.asarray(np.hypot(across, down))


def _fine_grid(pair: RegisteredPair, backend: Backend) -> _Grid:
    before, after = (backend.to_host(backend.grid_mean(one, FINE)) for one in (pair.reference, pair.candidate))
    return _grid(FINE, before, after, np.asarray(backend.to_host(backend.whole_cells(pair.valid, FINE))))


def _cells(box: Box, cell: int, room: int = 0) -> tuple[slice, slice]:
    """Rows and columns of the cells that a box in px touches, and so many around it."""
    x, y, w, h = box
    left, top = x // cell, y // cell
    return around((left, top, -(-(x + w) // cell) - left, -(-(y + h) // cell) - top), room)


def _detail(grid: _Grid) -> NDArray[np.float32]:
    """(rows, columns) what is left of the change of each cell without smooth structure."""
    return np.asarray(cv2.filter2D(grid.change, cv2.CV_32F, LAPLACIAN, borderType=cv2.BORDER_REFLECT), np.float32)


def _usual(values: NDArray[np.float32], inside: NDArray[np.bool_]) -> float:
    """The standard deviation of normal values around 0, from the median of their size; 0 of none."""
    return NORMAL_MEDIAN * float(median(np.abs(values[inside]))) if inside.any() else 0.0


def _noise(grid: _Grid) -> NDArray[np.float32]:
    """(rows, columns) standard deviation of the noise of the cells around each."""
    detail = _detail(grid)
    most = OUTLIER * _usual(detail, grid.inside)
    power = cv2.blur(detail.clip(-most, most) ** 2, (AROUND, AROUND), borderType=cv2.BORDER_REFLECT)
    return np.asarray(np.sqrt(power.clip(0)))


def _answers(grid: _Grid, misfit: float) -> Iterator[_Answer]:
    """What the filter of each scale answers: the mean under a window less that under a wider one.

    Only cells inside count, of which there are fewer at the frame, so each place has a noise of its own: the square of
    a Gaussian window is a narrower one, and so is the product of two.
    """
    weights, noise = grid.inside.astype(np.float32), _noise(grid)
    change = grid.change * weights
    for scale in SCALES:
        wider = SURROUNDINGS * scale
        near, far = (_windowed(weights, sigma).clip(LEAST_WEIGHT) for sigma in (scale, wider))
        own, others, shared = (
            _windowed(weights, one * other / math.hypot(one, other)) / (2 * math.pi * (one**2 + other**2))
            for one, other in ((scale, scale), (wider, wider), (scale, wider))
        )
        gain = np.sqrt((own / near**2 + others / far**2 - 2 * shared / (near * far)).clip(0))
        levels = _windowed(change, scale) / near - _windowed(change, wider) / far
        error = np.hypot(noise * gain, misfit * _windowed(grid.steepness, scale))
        errors = np.abs(levels) / np.maximum(error, NO_NOISE) * weights
        yield _Answer(scale, errors / max(_usual(errors, grid.inside), 1.0), levels)


def _windowed(plane: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """The sums of a plane under Gaussian windows of weight 1; beyond the frame there is nothing."""
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT), np.float32)


def _spots(answers: Sequence[_Answer], cell: int) -> Iterator[Component]:
    """The spots, strongest first, as far as they stand out from all but PASSED_OVER places."""
    places = _places(answers)
    usual = places[PASSED_OVER][0] if len(places) > PASSED_OVER else 0.0
    for errors, answer, (row, column) in places[:PASSED_OVER]:
        spot = _spot(answer, row, column, cell)
        if errors >= max(STANDARD_ERRORS, BEYOND * usual) and max(spot[0][2:]) <= WIDEST * answer.scale * cell:
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
