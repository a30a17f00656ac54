"""Point-pattern registration: matches triangles of neighbouring blobs (astrometry).

Positions are complex numbers, x + iy.

References:
    Beroiz, Cabral and Sanchez 2020, Astroalign, doi:10.1016/j.ascom.2020.100384.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from diffspot.pipeline.registration.models import Matrix
    from diffspot.pipeline.registration.pictures import Grey

SPOTS = 40
"""Strongest spots used; the same ones are strongest in both pictures, give or take a few."""
FINE, COARSE = 1.5, 4.0
"""Px: the two blurs whose difference stands out at spots 3 to 8 px wide."""
APART = 9
"""Px, odd; nearer spots are one."""
NEIGHBOURS = 6
"""Neighbours whose triangles with a spot are looked at; a few missing spots leave some of them whole."""
LEAST_SIDE = 15.0
"""Px of a triangle's longest side; smaller ones are too imprecise to tell a rotation."""
ALIKE = 0.02
"""Side ratios further apart are unlike: a spot is placed to 0.5 px, a side is about 40 px."""
MOST_PAIRS = 1000
"""Pairs of triangles tried, most alike first."""
NEAR = 2.5
"""Px within which a moved spot meets another."""
LEAST_MET = 6
"""Spots that must meet; two meet by construction, a third by being alike, three more hardly by chance."""

Spots = NDArray[np.complex128]


def spots(picture: Grey) -> Spots:
    """Return the positions of the strongest spots, dark or bright.

    Args:
        picture: (H, W) float32, grey levels.

    Returns:
        (N,) complex128, px, strongest first; N at most SPOTS.
    """
    fine, coarse = cv2.GaussianBlur(picture, (0, 0), FINE), cv2.GaussianBlur(picture, (0, 0), COARSE)
    strength = np.abs(fine - coarse)
    highest = cv2.dilate(strength, np.ones((APART, APART), np.uint8))
    rows, cols = np.nonzero((strength == highest) & (strength > 0))
    order = np.argsort(-strength[rows, cols], kind="stable")[:SPOTS]
    return np.asarray(cols[order] + 1j * rows[order], np.complex128)


def triangles(at: Spots) -> tuple[NDArray[np.complex128], NDArray[np.float64]]:
    """Return the triangles of neighbouring spots.

    Args:
        at: (N,) complex128, px.

    Returns:
        Corners (T, 3) complex128, px, the one opposite the shortest side first; and (T, 2) float64, the two shorter
        sides as shares of the longest.
    """
    near = np.argsort(np.abs(at[:, None] - at[None, :]), axis=1, kind="stable")[:, : NEIGHBOURS + 1].tolist()
    chosen = sorted({tuple(sorted(three)) for group in near for three in combinations(group, 3)})
    corners = at[np.array(chosen, np.intp).reshape(-1, 3)]
    sides = np.abs(np.roll(corners, -1, axis=1) - np.roll(corners, -2, axis=1))
    order = np.argsort(sides, axis=1, kind="stable")
    corners, sides = np.take_along_axis(corners, order, 1), np.take_along_axis(sides, order, 1)
    keep = sides[:, 2] >= LEAST_SIDE
    return corners[keep], sides[keep, :2] / sides[keep, 2:]


def match_point_patterns(reference: Grey, candidate: Grey) -> list[Matrix]:
    """Return the similarity under which most spots meet.

    Args:
        reference: (H, W) float32, grey levels.
        candidate: (h, w) float32, grey levels.

    Returns:
        One (3, 3) matrix, reference to candidate px, or none where too few spots meet.
    """
    here, there = spots(reference), spots(candidate)
    if min(here.size, there.size) < LEAST_MET:
        return []
    turn, shift = _hypotheses(here, there)
    if turn.size == 0:
        return []
    gaps = np.abs((turn[:, None] * here + shift[:, None])[:, :, None] - there)
    best = int(np.argmax(np.count_nonzero(gaps.min(axis=2) < NEAR, axis=1)))
    met = gaps[best].min(axis=1) < NEAR
    if np.count_nonzero(met) < LEAST_MET:
        return []
    system = np.stack([here[met], np.ones(np.count_nonzero(met))], 1)
    a, b = np.linalg.lstsq(system, there[gaps[best].argmin(axis=1)[met]], rcond=None)[0]
    return [np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag], [0, 0, 1.0]])]


def _hypotheses(here: Spots, there: Spots) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """Return the turns and shifts (H,) of z -> turn z + shift that lay alike triangles upon each other."""
    (first, ratios), (second, others) = triangles(here), triangles(there)
    unlike = np.abs(ratios[:, None, :] - others[None, :, :]).max(axis=2)
    i, j = np.nonzero(unlike < ALIKE)
    order = np.argsort(unlike[i, j], kind="stable")[:MOST_PAIRS]
    p, q = first[i[order]], second[j[order]]
    turn = (q[:, 1] - q[:, 0]) / (p[:, 1] - p[:, 0])
    return turn, q[:, 0] - turn * p[:, 0]
