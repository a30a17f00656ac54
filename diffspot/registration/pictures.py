"""Working pictures of registration: grey levels, pyramids, and contrast-free structure."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Grey = NDArray[np.float32]

SMOOTHING_SIGMA = 1.0  # px; enough to make cubic sampling alias-free and to quieten pixel noise, still sharp to 0.05 px
CONTRAST_WINDOW = 17  # px; wide enough to hold structure of several px, narrow enough to follow vignetting and shadows
NOISE_GAIN = 3.0  # noise levels of contrast that count as none: flat areas then stay near zero instead of amplified
LEAST_CONTRAST = 2.0  # grey levels; quantisation and faint JPEG ringing of flat areas are no structure
MEDIAN_TO_SIGMA = 1.4826  # the standard deviation of a normal law over its median absolute deviation
NOISE_KERNEL = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)  # blind to planes and straight axis edges
NOISE_KERNEL_GAIN = 6.0  # root of the sum of squares of that kernel


def grey(picture: Picture) -> Grey:
    """Return the luminance of a uint8 picture (H, W) or (H, W, 1|3|4, BGR or RGB order) as float32 (H, W) in [0, 255]."""
    if picture.ndim == 3 and picture.shape[2] >= 3:
        code = cv2.COLOR_BGR2GRAY if picture.shape[2] == 3 else cv2.COLOR_BGRA2GRAY
        picture = np.asarray(cv2.cvtColor(np.ascontiguousarray(picture), code), np.uint8)
    return np.ascontiguousarray(picture.reshape(picture.shape[:2]), np.float32)


def pyramid(picture: Grey, smallest: int) -> list[Grey]:
    """Return halved pictures, finest first, while the shorter side stays at least `smallest`; level l is px / 2**l exactly."""
    levels = [picture]
    while min(levels[-1].shape) >= 2 * smallest:
        levels.append(np.asarray(cv2.pyrDown(levels[-1]), np.float32))
    return levels


def scaling(level: int) -> NDArray[np.float64]:
    """Return the 3x3 matrix from level `level` to full-size pixels."""
    return np.diag([2.0**level, 2.0**level, 1.0])


def noise(picture: Grey) -> float:
    """Return the standard deviation of pixel noise, in grey levels (Immerkaer 1996, doi:10.1006/cviu.1996.0060, by median)."""
    if min(picture.shape) < 3:
        return 0.0
    step = max(1, min(picture.shape) // 512)  # rows only: the kernel itself needs neighbours
    response = np.abs(cv2.filter2D(picture, cv2.CV_32F, NOISE_KERNEL)[::step])
    return float(np.median(response)) * MEDIAN_TO_SIGMA / NOISE_KERNEL_GAIN


def structure(picture: Grey, grain: float) -> Grey:
    """Return (H, W) float32 of the smoothed picture less its local mean over its local contrast: free of light and gain.

    grain: standard deviation of the picture's noise, grey levels, as if it were white.
    """
    least = max(NOISE_GAIN * grain, LEAST_CONTRAST)
    smooth = cv2.GaussianBlur(picture, (7, 7), SMOOTHING_SIGMA)
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
    """Return the point of steepest gradient of every cell of a grid of about `count` cells, where at least `least_gradient`."""
    height, width = picture.shape
    gx = cv2.Sobel(picture, cv2.CV_32F, 1, 0, ksize=3, scale=0.125)
    gy = cv2.Sobel(picture, cv2.CV_32F, 0, 1, ksize=3, scale=0.125)
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
