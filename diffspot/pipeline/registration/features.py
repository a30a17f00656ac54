"""Motions by matched features.

References:
    SIFT: Lowe 2004, doi:10.1023/B:VISI.0000029664.99615.94.
    RootSIFT: Arandjelovic and Zisserman 2012, doi:10.1109/CVPR.2012.6248018.
    RANSAC: Fischler and Bolles 1981, doi:10.1145/358669.358692.
    MAGSAC++: Barath and others 2020, doi:10.1109/CVPR42600.2020.00138.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.pipeline.derived import once
from diffspot.pipeline.registration.models import apply

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.pipeline.registration.models import Matrix
    from diffspot.pipeline.registration.pictures import Grey

MOST_FEATURES = 1500
"""More cost time in matching and add only weak ones."""
CONTRAST = 0.012
"""A third of SIFT's own threshold: soft and dim pictures still have features, the cap sheds the surplus."""
DARKEST, BRIGHTEST = 0.5, 99.5
"""Percentiles that are stretched to black and white: a few glints must not flatten the rest."""
RATIO = 0.85
"""Best over second-best descriptor distance; robust estimation sorts out the wrong matches this lets in."""
INLIER = 2.5
"""Px of the working picture; its features are placed to about 1 px."""
ROUNDS = 5000
"""Samples that robust estimation draws at most."""
CERTAINTY = 0.999
"""Probability of having drawn a clean sample at which homography estimation stops."""
LEAST_FEATURES = 2
"""A ratio of distances needs a second-best one."""
LEAST_MATCHES = 6
"""Below it no verification means anything."""
AGREED, MANY = 0.5, 40
"""Share and number of the matches that one motion explains only where it is right: of those of unrelated pictures,
and of letters on another page, a motion fits ten."""
LEAST_SUM = 1e-9
"""Keeps an empty descriptor from dividing by zero."""


class _Features:
    """Positions (N, 2) px and unit-length RootSIFT descriptors (N, 128) float32."""

    def __init__(self, picture: Grey) -> None:
        """Find them in a float32 picture (H, W)."""
        low, high = np.percentile(picture, (DARKEST, BRIGHTEST))
        stretched = np.clip((picture - low) * (255 / max(high - low, 1)), 0, 255).astype(np.uint8)
        points, rows = cv2.SIFT.create(MOST_FEATURES, contrastThreshold=CONTRAST).detectAndCompute(stretched, None)
        self.at = np.array([p.pt for p in points], np.float32).reshape(-1, 2)
        found = np.zeros((0, 128), np.float32) if rows is None else np.asarray(rows, np.float32)
        self.descriptors = np.sqrt(found / np.maximum(found.sum(axis=1, keepdims=True), LEAST_SUM))


def matches(reference: Grey, candidate: Grey) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return where mutually nearest, distinct features lie.

    Args:
        reference: (H, W) float32, grey levels.
        candidate: (h, w) float32, grey levels.

    Returns:
        Two (N, 2) float32, x and y in px: in the reference and in the candidate.
    """
    first, second = (once(picture, "features", partial(_Features, picture)) for picture in (reference, candidate))
    if min(len(first.at), len(second.at)) < LEAST_FEATURES:
        return np.zeros((0, 2), np.float32), np.zeros((0, 2), np.float32)
    distance = np.sqrt(np.maximum(2 - 2 * (first.descriptors @ second.descriptors.T), 0))
    nearest = distance.argmin(axis=1)
    two = np.partition(distance, 1, axis=1)[:, :2]
    mutual = distance.argmin(axis=0)[nearest] == np.arange(len(nearest))
    keep = mutual & (two[:, 0] < RATIO * two[:, 1])
    return first.at[keep], second.at[nearest[keep]]


def motions(reference: Grey, candidate: Grey) -> list[Matrix]:
    """Return the motions that most feature matches agree on.

    Args:
        reference: (H, W) float32, grey levels.
        candidate: (h, w) float32, grey levels.

    Returns:
        A similarity and a homography, (3, 3) float64, reference to candidate px; fewer where matches are too few.
    """
    here, there = matches(reference, candidate)
    if len(here) < LEAST_MATCHES:
        return []
    found = []
    similarity, _ = cv2.estimateAffinePartial2D(
        here, there, method=cv2.RANSAC, ransacReprojThreshold=INLIER, maxIters=ROUNDS
    )
    if similarity is not None:
        found.append(np.vstack([similarity, [0, 0, 1]]).astype(np.float64))
    homography, _ = cv2.findHomography(here, there, cv2.USAC_MAGSAC, INLIER, maxIters=ROUNDS, confidence=CERTAINTY)
    if homography is not None:
        found.append(np.asarray(homography, np.float64))
    return [matrix for matrix in found if np.all(np.isfinite(matrix))]


def agree_on(reference: Grey, candidate: Grey, matrix: Matrix) -> bool:
    """Return whether so many matches agree on a motion that nothing else is needed to be sure of it.

    Args:
        reference: (H, W) float32, grey levels.
        candidate: (h, w) float32, grey levels.
        matrix: (3, 3), reference to candidate px.
    """
    here, there = matches(reference, candidate)
    if len(here) < MANY:
        return False
    u, v = apply(matrix, here[:, 0], here[:, 1])
    agreeing = int(np.count_nonzero(np.hypot(u - there[:, 0], v - there[:, 1]) < INLIER))
    return agreeing >= max(MANY, AGREED * len(here))
