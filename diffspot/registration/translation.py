"""Translations by phase correlation of structure pictures (Kuglin and Hines 1975; Foroosh 2002, doi:10.1109/83.988953)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.registration.models import Matrix
    from diffspot.registration.pictures import Grey

WHITENING = 0.1  # of the mean spectral magnitude; frequencies below it are noise and are not raised to full weight
NEIGHBOURHOOD = 5  # px; peaks nearer than this are one peak


def correlation(reference: Grey, candidate: Grey) -> NDArray[np.float32]:
    """Return the phase correlation surface (H, W) of two structure pictures, zero shift at [0, 0], wrapping."""
    size = [cv2.getOptimalDFTSize(max(a, b)) for a, b in zip(reference.shape, candidate.shape, strict=True)]
    first, second = (np.fft.rfft2(_tapered(p), s=size) for p in (reference, candidate))
    cross = np.conj(first) * second
    size_of = np.abs(cross)
    cross /= size_of + WHITENING * size_of.mean() + 1e-12
    return np.fft.irfft2(cross, s=size).astype(np.float32)


def _tapered(picture: Grey) -> Grey:
    """Return the picture faded to zero over the outer eighth, so that its border is no structure."""
    height, width = picture.shape
    fade = [np.minimum(1, np.minimum(np.arange(n) + 0.5, n - np.arange(n) - 0.5) * 8 / n) for n in (height, width)]
    return np.asarray(picture * np.outer(*fade), np.float32)


def translations(reference: Grey, candidate: Grey, count: int) -> list[Matrix]:
    """Return the `count` likeliest whole-pixel translations, reference to candidate, likeliest first."""
    surface = correlation(reference, candidate)
    smooth = cv2.GaussianBlur(np.pad(surface, 4, mode="wrap"), (5, 5), 1.0)
    surface = np.asarray(smooth, np.float32)[4:-4, 4:-4]
    peaks = surface >= cv2.dilate(surface, np.ones((NEIGHBOURHOOD, NEIGHBOURHOOD), np.uint8))
    rows, cols = np.nonzero(peaks)
    order = np.argsort(-surface[rows, cols], kind="stable")[:count]
    height, width = surface.shape
    found = []
    for row, col in zip(rows[order].tolist(), cols[order].tolist(), strict=True):
        for ty in _unwrapped(row, height, reference.shape[0], candidate.shape[0]):
            for tx in _unwrapped(col, width, reference.shape[1], candidate.shape[1]):
                found.append(np.array([[1, 0, tx], [0, 1, ty], [0, 0, 1.0]]))
    return found


def _unwrapped(shift: int, period: int, reference: int, candidate: int) -> list[int]:
    """Return the shifts equal to `shift` modulo `period` under which the pictures overlap by a quarter of the smaller."""
    least = min(reference, candidate) // 4
    return [s for s in (shift, shift - period) if min(candidate, reference + s) - max(0, s) >= max(least, 1)]
