"""Stages 2 and 3: blur, tolerance and metric, worked out only where the pictures differ."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from diffspot.backends.groups import any_of_cells
from diffspot.backends.interface import blur_radius
from diffspot.pipeline.derived import once
from diffspot.pipeline.tolerance import residual, tolerance_reach
from diffspot.pipeline.windows import find_windows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.pipeline.pair import RegisteredPair
    from diffspot.pipeline.parameters import Limits, Parameters
    from diffspot.pipeline.windows import Window

SIDE = 16
"""Px of a square: few of them hold anything where noise alone differs. Side by side, one call blurs all of them; a call
for each costs more."""
ROUNDED = 1.5
"""Levels: three roundings of half a level."""
SCATTERED = 1 / 8
"""Share of its squares from which windows of a picture cost less than they do."""


def blurred_difference(
    pair: RegisteredPair, backend: Backend, *, sigma: float, least: float = 0, opening: int = 1
) -> NDArray[Any]:
    """(..., H, W) levels by which two pictures differ once they are blurred; 0 outside the valid area.

    Args:
        pair: or a batch of pairs.
        backend: what the arrays live on.
        sigma: px; 0 gives the plain difference.
        least: levels; differences below it may be given as 0.
        opening: px, odd; so may those that lie in no square of that side in which none is smaller.
    """
    if sigma == 0:
        return pair.difference
    reach = blur_radius(sigma)
    if not backend.windowed or least <= ROUNDED:
        return _in_windows(find_windows(pair.difference, backend, spread=reach, reach=reach), pair, backend, sigma)
    possible = _possible(pair, backend, sigma, least, opening)
    squares = any_of_cells(possible, SIDE)
    if np.count_nonzero(squares) < SCATTERED * squares.size:
        return _in_squares(squares, pair, backend, sigma)
    return _in_windows(find_windows(possible, backend, spread=0, reach=reach), pair, backend, sigma)


def _in_windows(windows: Sequence[Window], pair: RegisteredPair, backend: Backend, sigma: float) -> NDArray[Any]:
    """The blurred difference within windows."""
    blurred = backend.xp.zeros_like(pair.difference)
    for source, target, crop in windows:
        r, c = (backend.gaussian_blur(picture[source], sigma) for picture in (pair.reference, pair.candidate))
        blurred[target] = backend.absdiff(r, c)[crop] * pair.valid[target].view(np.uint8)
    return blurred  # type: ignore[no-any-return]


def _in_squares(squares: NDArray[np.bool_], pair: RegisteredPair, backend: Backend, sigma: float) -> NDArray[Any]:
    """The blurred difference within the squares that are set in (rows, columns) bool, for a backend with windows."""
    blurred = np.zeros_like(pair.difference)
    if squares.any():
        mosaic = lay_squares(squares, blurred.shape, blur_radius(sigma))
        r, c = (backend.gaussian_blur(mosaic.of(picture), sigma) for picture in (pair.reference, pair.candidate))
        mosaic.put(backend.absdiff(r, c), blurred)
    return blurred if pair.valid.all() else blurred * pair.valid.view(np.uint8)


class Mosaic(NamedTuple):
    """N squares of a plane, with a margin around each; beyond its edge the plane is mirrored, as a blur does it.

    Attributes:
        rows: (SIDE + 2 * margin, N, 1) of the px.
        columns: (N, SIDE + 2 * margin) of the px.
        margin: px.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    margin: int

    def of(self, picture: NDArray[Any]) -> NDArray[Any]:
        """The squares of a picture (H, W, C), (rows, columns of all squares, C)."""
        side, count, _ = self.rows.shape
        px = picture.view(f"V{picture.shape[2] * picture.itemsize}")[..., 0]  # px are taken faster than samples
        return px[self.rows, self.columns].view(picture.dtype).reshape(side, count * side, picture.shape[2])

    def put(self, values: NDArray[Any], plane: NDArray[Any]) -> None:
        """Writes (rows, columns of all squares) without their margins into a plane (H, W).

        Args:
            values: what is beyond the plane's edge mirrors what is within it.
            plane: is changed.
        """
        own = slice(self.margin, self.margin + SIDE)
        squares = values.reshape(len(self.rows), *self.columns.shape)
        plane[self.rows[own], self.columns[:, own]] = squares[own, :, own]


def lay_squares(cells: NDArray[np.bool_], shape: tuple[int, int], margin: int) -> Mosaic:
    """Lays side by side the squares of a plane of that shape that are set in (rows, columns) bool."""
    (top, left), steps = np.nonzero(cells), np.arange(-margin, SIDE + margin)
    rows, columns = SIDE * top + steps[:, None], SIDE * left[:, None] + steps
    return Mosaic(_mirrored(rows, shape[0])[..., None], _mirrored(columns, shape[1]), margin)


def _mirrored(places: NDArray[np.intp], side: int) -> NDArray[np.intp]:
    """Places along a line of `side` px that is mirrored at its ends, the last px repeated."""
    there_and_back = places % (2 * side)
    return np.minimum(there_and_back, 2 * side - 1 - there_and_back)


def _possible(pair: RegisteredPair, backend: Backend, sigma: float, least: float, opening: int) -> NDArray[Any]:
    """(H, W) bool, set wherever the pictures, once they are blurred, can differ by `least` levels or more.

    And so do all of a square of `opening` px. A weighted mean of differences is at most that of their sizes; what is
    rounded to whole levels three times may be a level and a half off.
    """
    blur = partial(backend.gaussian_blur, pair.difference[..., None], sigma)
    possible = backend.reaching(once(pair.difference, f"blurred by {sigma}", blur)[..., 0], least - ROUNDED)
    return backend.dilate(backend.erode(possible, opening), opening)


def score(
    pair: RegisteredPair, active: NDArray[Any], backend: Backend, parameters: Parameters, limits: Limits
) -> NDArray[Any]:
    """The score map, (..., H, W) float32 in [0, 1], worked out in windows: the same to the last bit as on the whole.

    Args:
        pair: or a batch of pairs.
        active: (..., H, W) bool; pixels outside it score 0 without being looked at.
        backend: what the arrays live on.
        parameters: of the blur, the tolerance and the metric.
        limits: of the residual.
    """
    sigma, tolerance, metric = parameters.sigma, parameters.tolerance, parameters.metric
    everywhere = parameters.fixed and not tolerance  # then nothing is explained, so nothing is left out
    scores = backend.xp.zeros(active.shape, np.float32)
    reach = blur_radius(sigma) + tolerance_reach(tolerance) + metric.reach
    for source, target, crop in find_windows(active, backend, spread=0, reach=reach):
        r, c = (backend.gaussian_blur(picture[source], sigma) for picture in (pair.reference, pair.candidate))
        left = residual(r, c, tolerance, limits.edge_noise, backend)
        if np.any(limits.noise_cutoff):
            left = left * (left >= backend.as_scalars(limits.noise_cutoff, left))
        scores[target] = metric.score(r, c, left, backend, everywhere=everywhere)[crop] * active[target]
    return scores  # type: ignore[no-any-return]
