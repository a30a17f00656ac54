"""Stage 1: bring the candidate onto the reference, or decide that nothing needs to be brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.model import Registration
from diffspot.registration.auto import choose
from diffspot.registration.models import LADDER, Matrix, apply, corners
from diffspot.registration.pair import Pair
from diffspot.registration.quick import LEAST_SHARE, agreement

if TYPE_CHECKING:
    from diffspot.registration.pictures import Picture

DIGITS = 9
"""Decimals kept of a matrix: a millionth of a pixel, and the same on every machine."""


def register(reference: Picture, candidate: Picture, *, method: str) -> Registration:
    """Estimates the motion of the candidate onto the reference.

    Args:
        reference: (H, W, C) uint8, C 1 or 3.
        candidate: (h, w, C), likewise; the sizes may differ.
        method: `none`; `auto`, the smallest model that the pair gives evidence for; or one model,
            used where it beats doing nothing.

    Returns:
        `method` is the model in use, `none` where the candidate is taken as it lies.
    """
    pictures = reference, candidate
    agreeing = 1.0 if method == "none" else agreement(*pictures)
    if agreeing >= LEAST_SHARE:
        return _registration("none", np.eye(3), agreeing, *pictures)
    choice = choose(Pair(*pictures), LADDER if method == "auto" else (method,))
    return _registration(choice.model, _inverse(choice.matrix), choice.confidence, *pictures)


def _inverse(matrix: Matrix) -> Matrix:
    """The inverse with its last entry 1, exact for whole-pixel translations."""
    if np.array_equal(matrix[:, :2], np.eye(3)[:, :2]):
        return np.array([[1, 0, 0.0 - matrix[0, 2]], [0, 1, 0.0 - matrix[1, 2]], [0, 0, 1.0]])
    inverse = np.linalg.inv(matrix)
    return np.asarray(np.round(inverse / inverse[2, 2], DIGITS) + 0.0)


def _registration(
    method: str, matrix: Matrix, confidence: float, reference: Picture, candidate: Picture
) -> Registration:
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    return Registration(
        method=method,
        matrix=((a, b, c), (d, e, f), (g, h, i)),
        confidence=round(confidence, 3),
        overlap=round(_overlap(matrix, reference, candidate), 4),
    )


def _overlap(matrix: Matrix, reference: Picture, candidate: Picture) -> float:
    """The share of the reference's pixel area inside the registered candidate's outline."""
    height, width = reference.shape[:2]
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]]) - 0.5
    x, y = corners((candidate.shape[0], candidate.shape[1]))
    wider, taller = np.array([-0.5, 0.5, 0.5, -0.5]), np.array([-0.5, -0.5, 0.5, 0.5])
    outline = np.stack(apply(matrix, x + wider, y + taller), 1)
    area, _ = cv2.intersectConvexConvex(outline.astype(np.float32), frame.astype(np.float32))
    return float(np.clip(area / (height * width), 0, 1))
