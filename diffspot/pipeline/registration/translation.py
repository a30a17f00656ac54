"""Translations by phase correlation of structure pictures.

References:
    Kuglin and Hines 1975, The phase correlation image alignment method, Proc. IEEE Conf. Cybernetics and Society.
    Foroosh, Zerubia and Berthod 2002, doi:10.1109/83.988953.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.pipeline.derived import once

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.registration.models import Matrix
    from diffspot.pipeline.registration.pictures import Grey

WHITENING = 0.1
"""Of the mean spectral magnitude; frequencies below it are noise and are not raised to full weight."""
LEAST_MAGNITUDE = 1e-12
"""Keeps blank pictures from dividing by zero."""
FADE = 8
"""One part in this many of each side fades to zero at either end, so that the border is no structure."""
NEIGHBOURHOOD = 5
"""Px; peaks nearer than this are one peak."""
PEAK_SIGMA = 1.0
"""Px that the surface is smoothed by: a sub-pixel motion shares its peak between neighbours."""
REACH = 4
"""Px by which the surface is continued at its border, where it wraps; covers the smoothing."""
MOST_SURFACE = 2**24
"""Px of a surface: that of a tall picture and a wide one would take gigabytes, and they hardly overlap."""
LEAST_OVERLAP = 4
"""Pictures must overlap by one part in this many of the smaller: peaks beyond it are mostly chance."""


def correlation(reference: Grey, candidate: Grey) -> NDArray[np.float32]:
    """Return the phase correlation surface of two pictures.

    Args:
        reference: (H, W) float32, structure.
        candidate: (h, w) float32, structure.

    Returns:
        (H', W') float32, at least as large as both; the likeness at each shift in px, none at [0, 0], wrapping.
    """
    size = _surface_shape(reference, candidate)
    first, second = (
        once(picture, f"spectrum of {size}", partial(_spectrum, picture, size)) for picture in (reference, candidate)
    )
    cross = np.conj(first) * second
    magnitude = np.abs(cross)
    cross /= magnitude + WHITENING * magnitude.mean() + LEAST_MAGNITUDE
    return np.fft.irfft2(cross, s=size).astype(np.float32)


def _spectrum(picture: Grey, size: list[int]) -> NDArray[np.complex128]:
    return np.fft.rfft2(_tapered(picture), s=size)


def _surface_shape(reference: Grey, candidate: Grey) -> list[int]:
    return [cv2.getOptimalDFTSize(max(a, b)) for a, b in zip(reference.shape, candidate.shape, strict=True)]


def _tapered(picture: Grey) -> Grey:
    """Return the picture faded to zero towards its border."""
    fade = [np.minimum(1, np.minimum(np.arange(n) + 0.5, n - np.arange(n) - 0.5) * FADE / n) for n in picture.shape]
    return np.asarray(picture * np.outer(*fade), np.float32)


def translations(reference: Grey, candidate: Grey, count: int) -> list[Matrix]:
    """Return the likeliest whole-pixel translations.

    Args:
        reference: (H, W) float32, structure.
        candidate: (h, w) float32, structure.
        count: peaks looked at; each stands for the shifts that wrap to it.

    Returns:
        (3, 3) matrices, reference to candidate px, likeliest first; none where the surface were too large.
    """
    if math.prod(_surface_shape(reference, candidate)) > MOST_SURFACE:
        return []
    surface = correlation(reference, candidate)
    size = (NEIGHBOURHOOD, NEIGHBOURHOOD)
    smooth = cv2.GaussianBlur(np.pad(surface, REACH, mode="wrap"), size, PEAK_SIGMA)
    surface = np.asarray(smooth, np.float32)[REACH:-REACH, REACH:-REACH]
    peaks = surface >= cv2.dilate(surface, np.ones(size, np.uint8))
    rows, cols = np.nonzero(peaks)
    order = np.argsort(-surface[rows, cols], kind="stable")[:count]
    height, width = surface.shape
    return [
        np.array([[1, 0, tx], [0, 1, ty], [0, 0, 1.0]])
        for row, col in zip(rows[order].tolist(), cols[order].tolist(), strict=True)
        for ty in _unwrapped(row, height, reference.shape[0], candidate.shape[0])
        for tx in _unwrapped(col, width, reference.shape[1], candidate.shape[1])
    ]


def _unwrapped(shift: int, period: int, reference: int, candidate: int) -> list[int]:
    """Return the shifts equal to `shift` modulo `period` under which the pictures overlap enough."""
    least = min(reference, candidate) // LEAST_OVERLAP
    return [s for s in (shift, shift - period) if min(candidate, reference + s) - max(0, s) >= max(least, 1)]
