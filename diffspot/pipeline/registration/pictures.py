"""Working pictures of registration: pyramids, and structure free of light and contrast."""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from diffspot.pipeline.sampling import MEDIAN_TO_SIGMA

Grey = NDArray[np.float32]

SMOOTHING_SIGMA = 1.0
"""Px; enough to make cubic sampling alias-free and to quieten pixel noise, still sharp to 0.05 px."""
SMOOTHING_SIZE = 7
"""Px of that Gaussian's kernel: three sigmas to each side."""
CONTRAST_WINDOW = 17
"""Px; wide enough to hold structure of several px, narrow enough to follow vignetting and shadows."""
NOISE_GAIN = 3.0
"""Noise levels of contrast that count as none: flat areas then stay near zero instead of amplified."""
LEAST_CONTRAST = 2.0
"""Grey levels; quantisation and faint JPEG ringing of flat areas are no structure."""
NOISE_SIDE = 3
"""Px of the kernel (1, -2, 1) along both axes: blind to planes and to straight edges along the axes."""
NOISE_KERNEL_GAIN = 6.0
"""Root of the sum of squares of that kernel."""
RESPONSES = 16 * 255 + 1
"""Sizes that its response to 8 bits can have."""
NOISE_ROWS = 512
"""Rows that noise is measured on, about: the median over them is precise to a percent."""
SOBEL_SCALE = 0.125
"""Makes a 3 x 3 Sobel operator the slope per px."""


def pyramid(picture: NDArray[Any], smallest: int) -> list[Grey]:
    """Return a picture and its halvings.

    Args:
        picture: (H, W), grey levels.
        smallest: px that the shorter side must keep.

    Returns:
        (H, W) float32 each, finest first; a pixel of level l lies at exactly 2**l times its place.
    """
    levels = [np.ascontiguousarray(picture, np.float32)]
    while min(levels[-1].shape) >= 2 * smallest:
        levels.append(np.asarray(cv2.pyrDown(levels[-1]), np.float32))
    return levels


def scaling(level: int) -> NDArray[np.float64]:
    """Return the 3x3 matrix from level `level` to full-size pixels."""
    return np.diag([2.0**level, 2.0**level, 1.0])


def noise(picture: NDArray[np.uint8]) -> float:
    """Return the standard deviation of a picture's pixel noise.

    Args:
        picture: (H, W) uint8.

    Returns:
        In grey levels; 0 for a picture too small to tell.

    References:
        Immerkaer 1996, doi:10.1006/cviu.1996.0060; by the median here, which edges do not raise.
    """
    if min(picture.shape) < NOISE_SIDE:
        return 0.0
    rows = np.arange(0, len(picture), max(1, min(picture.shape) // NOISE_ROWS))
    above, below = np.abs(rows - 1), len(picture) - 1 - np.abs(len(picture) - 2 - rows)
    here = picture[rows]
    outer = cv2.add(picture[above], picture[below], dtype=cv2.CV_16S)
    bent = cv2.subtract(outer, cv2.add(here, here, dtype=cv2.CV_16S))
    wide = cv2.copyMakeBorder(bent, 0, 0, 1, 1, cv2.BORDER_REFLECT_101)
    response = cv2.absdiff(cv2.add(wide[:, :-2], wide[:, 2:]), cv2.add(bent, bent))
    return _median(np.asarray(response, np.uint16)) * MEDIAN_TO_SIGMA / NOISE_KERNEL_GAIN


def _median(levels: NDArray[np.uint16]) -> float:
    """Return the median of responses of the kernel, (H, W), from their histogram: on pages most are equal."""
    total = np.cumsum(cv2.calcHist([levels], [0], None, [RESPONSES], [0, RESPONSES]), dtype=np.float64)
    return float(np.searchsorted(total, [(levels.size + 1) // 2, levels.size // 2 + 1]).mean())


def structure(picture: Grey, grain: float) -> Grey:
    """Return the smoothed picture less its local mean, over its local contrast: free of light and gain.

    Args:
        picture: (H, W) float32, grey levels.
        grain: standard deviation of its noise, grey levels, as if it were white.

    Returns:
        (H, W) float32, about -1 to 1 and near 0 where the picture is flat.
    """
    least = max(NOISE_GAIN * grain, LEAST_CONTRAST)
    smooth = cv2.GaussianBlur(picture, (SMOOTHING_SIZE, SMOOTHING_SIZE), SMOOTHING_SIGMA)
    window = (CONTRAST_WINDOW, CONTRAST_WINDOW)
    detail = smooth - cv2.boxFilter(smooth, cv2.CV_32F, window)
    power = cv2.boxFilter(detail * detail, cv2.CV_32F, window)
    return np.asarray(detail / np.sqrt(np.maximum(power, 0) + least * least), np.float32)


class Points(NamedTuple):
    """Sample points of a structure picture: x, y (N,) px; value, gx, gy (N,) float32, gradient per px."""

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    value: NDArray[np.float32]
    gx: NDArray[np.float32]
    gy: NDArray[np.float32]


def strongest_points(picture: Grey, count: int, least_gradient: float) -> Points:
    """Return the steepest point of every cell of a grid.

    Args:
        picture: (H, W) float32, structure.
        count: cells, about.
        least_gradient: structure units per px; cells that are flatter everywhere have no point.
    """
    height, width = picture.shape
    gx = cv2.Sobel(picture, cv2.CV_32F, 1, 0, ksize=3, scale=SOBEL_SCALE)
    gy = cv2.Sobel(picture, cv2.CV_32F, 0, 1, ksize=3, scale=SOBEL_SCALE)
    steep = gx * gx + gy * gy
    cell = max(1, min(int(np.ceil(np.sqrt(height * width / count))), height, width))
    rows, cols = height // cell, width // cell
    blocks = steep[: rows * cell, : cols * cell].reshape(rows, cell, cols, cell).transpose(0, 2, 1, 3)
    best = blocks.reshape(rows, cols, cell * cell).argmax(axis=2)
    y = (np.arange(rows)[:, None] * cell + best // cell).ravel()
    x = (np.arange(cols)[None, :] * cell + best % cell).ravel()
    keep = steep[y, x] >= least_gradient**2
    y, x = y[keep], x[keep]
    return Points(x.astype(np.float32), y.astype(np.float32), picture[y, x], gx[y, x], gy[y, x])
