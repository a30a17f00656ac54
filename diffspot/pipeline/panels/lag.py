"""The way from one panel of a sheet to the other: the lag of the peak of its autocorrelation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.pipeline.panels.interface import PLAIN, Lag, PanelBox
from diffspot.pipeline.preparation import luminance

if TYPE_CHECKING:
    from numpy.typing import NDArray

SEARCHED = 640
"""Px of the longer side in which the lag is looked for, before it is refined in full."""
LEAST_LAG, MOST_LAG = 0.3, 0.7
"""Shares of the side that is cut, between two panels: panels of one sheet are about as large as each other."""
ASKEW = 0.06
"""Share of the other side: how far one panel may lie above or below the other."""
PATCH, PATCHES = 96, 6
"""Px of the squares by which the lag is refined, and how many a side."""
ALIKE = 0.7
"""Correlation of a square with what it is found at, from which it counts."""
SMOOTH = 0.005
"""Share of the longer side, sigma of the blur that lets gradients meet which lie a px or two apart."""


def find_lag(colours: NDArray[np.uint8], direction: str) -> tuple[Lag, float]:
    """The lag of the autocorrelation's peak in one direction, and px of the sheet for each that was searched."""
    plane = luminance(colours) if direction == "left-right" else luminance(colours).T
    field, scale = gradients(plane)
    # Lines from edge to edge agree the more, the smaller the lag; lines of text agree from one to any other.
    field -= field.mean(axis=1, keepdims=True)
    field -= field.mean(axis=0, keepdims=True)
    height, width = field.shape
    lags = _autocorrelation(field)
    first, last = round(LEAST_LAG * width), round(MOST_LAG * width)
    askew = min(max(2, round(ASKEW * height)), height - 1)
    rows = np.arange(-askew, askew + 1)
    near = lags[rows][:, first : last + 1]
    row, column = np.unravel_index(int(near.argmax()), near.shape)
    likeness = float(near[row, column])
    return Lag(round((first + int(column)) * scale), round(int(rows[row]) * scale), likeness), scale


def gradients(plane: NDArray[np.uint8]) -> tuple[NDArray[np.complex64], float]:
    """The gradients of a plane of which the longer side is `SEARCHED` at most, across and down, and px for each there.

    A few hard edges, such as frames, must not outweigh all that is shown: magnitudes are those of their square roots.
    """
    scale = max(1.0, max(plane.shape) / SEARCHED)
    size = max(1, round(plane.shape[1] / scale)), max(1, round(plane.shape[0] / scale))
    small = cv2.resize(np.ascontiguousarray(plane), size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small.astype(np.float32), (0, 0), max(0.7, SMOOTH * max(size)))
    field = cv2.Sobel(small, cv2.CV_32F, 1, 0) + 1j * cv2.Sobel(small, cv2.CV_32F, 0, 1)
    return field / (np.sqrt(np.abs(field)) + 1), scale


def _autocorrelation(field: NDArray[np.complex64]) -> NDArray[np.float32]:
    """How like a complex plane is to itself moved by each (down, right), as a share of what two equal halves reach."""
    height, width = field.shape
    shape = cv2.getOptimalDFTSize(2 * height), cv2.getOptimalDFTSize(2 * width)
    spectrum = np.fft.fft2(field, shape)
    correlation = np.fft.ifft2(np.abs(spectrum) ** 2).real
    return np.asarray(correlation / max(correlation[0, 0] / 2, 1e-9), np.float32)


def refined(plane: NDArray[np.uint8], lag: Lag, reach: int) -> Lag:
    """The lag in whole px: the middle of those of squares all over the first panel, each looked for near it."""
    height, width = plane.shape
    side = min(PATCH, height // 3, width // 6)
    whole = domain(plane.shape, lag, margin=reach)
    found = []
    for top in np.linspace(whole.top, whole.bottom - side, PATCHES).astype(int).tolist():
        for left in np.linspace(whole.left, whole.right - side, PATCHES).astype(int).tolist():
            patch = plane[top : top + side, left : left + side]
            y, x = top + lag.down - reach, left + lag.right - reach
            near = plane[y : y + side + 2 * reach, x : x + side + 2 * reach]
            if patch.size and near.shape[0] >= side and near.shape[1] >= side and patch.std() > PLAIN:
                scores = cv2.matchTemplate(near, patch, cv2.TM_CCOEFF_NORMED)
                _, best, _, (right, down) = cv2.minMaxLoc(scores)
                found += [(right - reach, down - reach)] if best > ALIKE else []
    if not found:
        return lag
    right, down = np.median(np.array(found), axis=0).round().astype(int).tolist()
    return Lag(lag.right + right, lag.down + down, lag.likeness)


def domain(shape: tuple[int, ...], lag: Lag, margin: int = 0) -> PanelBox:
    """Where a px and what it becomes in the other panel both lie in the sheet."""
    height, width = shape[:2]
    return PanelBox(
        margin,
        max(0, -lag.down) + margin,
        width - lag.right - margin,
        height - max(0, lag.down) - margin,
    )
