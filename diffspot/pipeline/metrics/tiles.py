"""Correlation of tiles that do not overlap, drawn as blocks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from diffspot.pipeline.metrics.interface import Metric

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend

COLOURS = 3
"""Channels that a grey one stands for, so that a grey picture scores as it does in RGB."""
OPAQUE = 255
"""The alpha of pictures without any, which a tile's cosine counts: dark tiles are not unlike for a level of noise."""


@dataclass(frozen=True)
class Tiles(Metric):
    """One score for all pixels of a tile: 1 - cosine, or (1 - r) / 2 with Pearson's r.

    Tiles begin at the top left corner; those that the right and the lower edge cut are smaller.

    Attributes:
        tile: side of a tile, px.
        tile_match: `cosine` of the tiles' RGBA values as vectors, or `pearson`, which does not see brightness and
            contrast; a tile of one colour is like none but its equal.
    """

    tile: int = 4
    tile_match: str = "cosine"

    name: ClassVar[str] = "tiles"

    crisp_floor: ClassVar[float] = 0.002  # the cosine falls with the square of a change: a step of 13 grey levels
    grainy_floor: ClassVar[float] = 0.02
    highest_floor: ClassVar[float] = 0.1
    high_threshold: ClassVar[float] = 0.1

    @property
    def reach(self) -> float:
        """See `Metric.reach`; where tiles begin is a question of the whole picture."""
        return math.inf

    def distance(self, reference: NDArray[Any], candidate: NDArray[Any], backend: Backend) -> NDArray[Any]:
        """See `Metric.distance`."""
        of_tiles = _cosine if self.tile_match == "cosine" else _pearson
        x, y = (levels.astype(np.float64) for levels in (reference, candidate))
        scores = of_tiles(x, y, self.tile, backend).clip(0, 1).astype(np.float32)
        blocks = scores.repeat(self.tile, axis=-2).repeat(self.tile, axis=-1)
        return blocks[..., : x.shape[-3], : x.shape[-2]]


def _cosine(x: NDArray[Any], y: NDArray[Any], side: int, backend: Backend) -> NDArray[Any]:
    """(..., rows, columns) 1 - cosine; pictures without alpha are opaque, so no vector is 0."""
    channels = x.shape[-1]
    grey = channels < COLOURS
    alpha = 0.0 if channels in (2, 4) else OPAQUE**2 / (COLOURS if grey else 1)

    def dot(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
        product = one * other
        if grey and channels > 1:
            product[..., 0] *= COLOURS
        return _sums(product.sum(axis=-1) + alpha, side, backend)

    xx, yy = dot(x, x), dot(y, y)
    hidden = (xx == 0) * (yy == 0)  # tiles that alpha hides in both
    return 1 - (dot(x, y) + hidden) / backend.xp.sqrt(xx * yy + (xx * yy == 0))  # type: ignore[no-any-return]


def _pearson(x: NDArray[Any], y: NDArray[Any], side: int, backend: Backend) -> NDArray[Any]:
    """(..., rows, columns) (1 - r) / 2 over all samples of a tile; 1 where r has no meaning and the tiles differ."""
    n = x.shape[-1] * _sums(backend.xp.ones(x.shape[:-1], np.float64), side, backend)
    sx, sy, sxx, syy, sxy, unlike = (
        _sums(one.sum(axis=-1), side, backend) for one in (x, y, x * x, y * y, x * y, abs(x - y))
    )
    vx, vy, cov = n * sxx - sx * sx, n * syy - sy * sy, n * sxy - sx * sy
    flat = (vx <= 0) + (vy <= 0)
    scores = (1 - cov / backend.xp.sqrt(vx * vy * ~flat + flat)) / 2
    return backend.xp.where(flat, 1.0, scores) * (unlike > 0)  # type: ignore[no-any-return]


def _sums(plane: NDArray[Any], side: int, backend: Backend) -> NDArray[Any]:
    """The sums of a plane (..., H, W) over its tiles, those that its edges cut included: (..., rows, columns)."""
    *stack, height, width = plane.shape
    rows, columns = -(-height // side), -(-width // side)
    whole = backend.xp.zeros((*stack, rows * side, columns * side), np.float64)
    whole[..., :height, :width] = plane
    return whole.reshape(*stack, rows, side, columns, side).sum(axis=(-3, -1))  # type: ignore[no-any-return]
