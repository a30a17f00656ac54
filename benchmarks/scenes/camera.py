"""What taking a second picture does: move, noise, light, crop."""

from __future__ import annotations

from math import cos, radians, sin
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.scenes.truth import Box

    Picture = NDArray[np.uint8]

LINEAR, CUBIC = 1, 3


def _to_uint8(values: NDArray[np.floating]) -> Picture:
    levels: Picture = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return levels


def resample(values: NDArray[np.float64], source: NDArray[np.float64], *, order: int) -> NDArray[np.float64]:
    """Sample a picture elsewhere, mirrored beyond its edge.

    Args:
        values: (H, W) or (H, W, 3).
        source: Where each pixel comes from: a 3x3 matrix on (x, y, 1), or (2, H, W) rows and
            columns.
        order: LINEAR or CUBIC.
    """
    from skimage.transform import warp  # noqa: PLC0415  noise is drawn without it

    moved: NDArray[np.float64] = warp(  # type: ignore[no-untyped-call]
        values, source, order=order, mode="reflect", preserve_range=True
    )
    return moved


def move(
    picture: Picture, dx: float, dy: float, *, degrees: float = 0.0, scale: float = 1.0, order: int = CUBIC
) -> Picture:
    """Turn and scale a picture about its centre, then move it by (dx, dy) px right and down.

    Sampled in float64; what comes in from outside is mirrored, so crop it off.

    Args:
        picture: (H, W) or (H, W, 3) uint8.
        dx: px to the right.
        dy: px down.
        degrees: Clockwise on the screen.
        scale: Above 1 enlarges.
        order: LINEAR or CUBIC.

    Returns:
        The same shape and dtype.
    """
    across, down = cos(radians(degrees)) * scale, sin(radians(degrees)) * scale
    forward = np.array([[across, -down, dx], [down, across, dy], [0.0, 0.0, 1.0]])
    return project(picture, forward, order=order)


def project(picture: Picture, forward: NDArray[np.float64], *, order: int = CUBIC) -> Picture:
    """See a picture from elsewhere; sampled as by `move`.

    Args:
        picture: (H, W) or (H, W, 3) uint8.
        forward: 3x3, takes (x, y, 1) from the picture's centre to where it is seen.
        order: LINEAR or CUBIC.

    Returns:
        The same shape and dtype.
    """
    to_centre = np.eye(3)
    to_centre[:2, 2] = -(picture.shape[1] - 1) / 2, -(picture.shape[0] - 1) / 2
    matrix = np.linalg.inv(to_centre) @ forward @ to_centre
    return _to_uint8(resample(picture.astype(np.float64), np.linalg.inv(matrix).astype(np.float64), order=order))


def add_noise(picture: Picture, rng: np.random.Generator, sigma: float) -> Picture:
    """Add independent Gaussian noise of `sigma` grey levels to every sample of a uint8 picture."""
    return _to_uint8(picture + rng.normal(0.0, sigma, picture.shape))


def relight(picture: Picture, *, gain: float | NDArray[np.float64], offset: float) -> Picture:
    """Return gain * picture + offset, rounded and clipped to uint8; `gain` may be one a channel."""
    return _to_uint8(picture * gain + offset)


def trim(picture: Picture, margin: int) -> Picture:
    """Cut `margin` px off each side, so that a moved picture has no mirrored edge."""
    return np.ascontiguousarray(picture[margin:-margin, margin:-margin])


def trim_boxes(boxes: tuple[Box, ...], margin: int) -> tuple[Box, ...]:
    """Return where boxes of the whole picture lie after `trim`."""
    return tuple((x - margin, y - margin, w, h) for x, y, w, h in boxes)
