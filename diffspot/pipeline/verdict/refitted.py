"""What is left of a difference once a small movement, blur and change of light are fitted to it, place by place.

Resampling leaves part of a px of movement and some softness at every edge. Letters of one word share both, so they can
be fitted to what lies around a place; a letter that became another one has strokes that neither of them explains.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

AROUND = 25
"""Px, side of the squares that tell what fits: a short word, of which one letter that changed is the lesser part."""
STEP = 4
"""Px between the places where a fit is made; it changes slowly."""
SIGMA = 0.7
"""Px, of the blur before derivatives are taken: what is finer than a px is noise."""
RIDGE = 0.5
"""Mean square below which a term is not fitted: on even ground there is nothing to fit it to."""
FIT_REACH = AROUND // 2 + STEP + 3
"""Px around a place that its fit depends on, blur and derivatives included."""


def refitted(reference: NDArray[Any], candidate: NDArray[Any], counted: NDArray[np.bool_]) -> NDArray[np.float32]:
    """(H, W) the difference in brightness less the movement, blur, contrast and offset that fit what lies around.

    The terms are those of optical flow with changes of light (Negahdaripour, DOI 10.1109/34.713362), and the Laplacian,
    which is what a little blur adds.

    Args:
        reference: (H, W) uint8 or float32 brightness.
        candidate: the same.
        counted: (H, W) bool, what tells the fit.
    """
    one, other = (cv2.GaussianBlur(plane.astype(np.float32), (0, 0), SIGMA) for plane in (reference, candidate))
    weight = counted.astype(np.float32)
    change, terms = other - one, _terms((one + other) / 2, weight)
    shares = _shares([term * weight for term in terms], change * weight)
    for term, share in zip(terms, shares, strict=True):
        change -= share * term
    return change


def _terms(mean: NDArray[Any], weight: NDArray[Any]) -> list[NDArray[Any]]:
    """What movement to the right and down, blur, contrast and offset add to a picture."""
    level = _around(mean * weight) / np.maximum(_around(weight), 1 / AROUND**2)
    return [
        cv2.Sobel(mean, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8),
        cv2.Sobel(mean, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8),
        cv2.Laplacian(mean, cv2.CV_32F),
        mean - level,
        np.full_like(mean, 8),  # levels of the order of the others, so that the ridge is as little to it
    ]


def _shares(terms: list[NDArray[Any]], change: NDArray[Any]) -> list[NDArray[Any]]:
    """(H, W) of each term, how much of it fits the change around each px, in the least squares."""
    height, width = change.shape
    count = len(terms)
    right = np.stack([_sampled(term * change) for term in terms], axis=-1)
    products = np.zeros((*right.shape, count), np.float32)
    for row, column in combinations_with_replacement(range(count), 2):
        products[..., row, column] = products[..., column, row] = _sampled(terms[row] * terms[column])
    products += np.float32(RIDGE) * np.eye(count, dtype=np.float32)
    shares = np.linalg.solve(products, right[..., None])[..., 0]
    rows, columns = right.shape[:2]
    size = STEP * columns, STEP * rows
    return [
        cv2.resize(np.ascontiguousarray(shares[..., index]), size, interpolation=cv2.INTER_LINEAR)[:height, :width]
        for index in range(count)
    ]


def _around(plane: NDArray[Any]) -> NDArray[Any]:
    return cv2.blur(plane, (AROUND, AROUND))


def _sampled(plane: NDArray[Any]) -> NDArray[Any]:
    """The means around every STEP-th px."""
    return _around(plane)[::STEP, ::STEP]
