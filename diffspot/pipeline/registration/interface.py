"""Stage 1: estimates the transform that maps the candidate onto the reference, or accepts the identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from diffspot.model import Registration
from diffspot.pipeline.registration.auto import choose
from diffspot.pipeline.registration.frames import frames_stay
from diffspot.pipeline.registration.models import LADDER, apply, corners
from diffspot.pipeline.registration.pair import Pair
from diffspot.pipeline.registration.redrawn import is_redrawn
from diffspot.pipeline.registration.unmoved import unmoved

if TYPE_CHECKING:
    from cv2.typing import MatLike
    from numpy.typing import NDArray

    from diffspot.pipeline.registration.auto import Choice
    from diffspot.pipeline.registration.models import Matrix

DIGITS = 9
"""Decimals kept of a matrix: a millionth of a pixel, and the same on every machine."""
TILE = 32
"""Px; holds some structure, and a local change touches few tiles."""
AGREEING = 0.12
"""Px: mean difference over mean slope, about the displacement it could come from."""
FLAT = 1.0
"""Grey levels per px of mean slope; flatter tiles say nothing about motion."""
LEAST_SHARE = 0.85
"""Of the tiles with structure: so many must agree for a pair to need no registration."""
LEAST_STILL = 0.55
"""The same of a drawn page, whatever else changed: a motion would move those. Pages drawn anew keep 0.56 or more, pages
that moved 0.40 at most."""
SURE_DRAWN = 0.95
"""Confidence of a drawing that lies between pixels, 0.98 or more; of letters drawn anew it is 0.80 to 0.86."""
LEAST_DRAWN = 1.0
"""Px that a drawn page moved by at least: another rasteriser that sets lines of text a px higher leaves 0.5 px on the
average, and a page laid by that has no letter left that is equal to the bit."""
LEAST_TILES = 12
"""Tiles with structure that are needed, or the answer is left to estimation."""


def unregistered(reference: tuple[int, ...], candidate: tuple[int, ...]) -> Registration:
    """The candidate as it lies; both shapes begin with (height, width)."""
    return _registration("none", np.eye(3), 1.0, reference, candidate)


def register(
    reference: NDArray[np.uint8], candidate: NDArray[np.uint8], *, method: str, drawn: bool = False, photo: bool = False
) -> Registration:
    """Estimates the motion of the candidate onto the reference.

    Args:
        reference: (H, W) uint8, brightness.
        candidate: (h, w) uint8, brightness; the sizes may differ.
        method: `auto`, the smallest model that the pair gives evidence for; or one model, used where it beats doing
            nothing.
        drawn: whether `auto` keeps to motions that change no shapes: another rasteriser may set each line of a page a
            px further off, which a stretched page is like. Nor was it scaled if it is as crisp as before: it was drawn
            at another size, and what that changed is told place by place.
        photo: whether a camera took both, which moves and turns a little in the hand.

    Returns:
        `method` is the model in use, `none` where the candidate is taken as it lies.
    """
    # Letters drawn anew are no noise.
    agreeing = (0 if drawn else unmoved(reference, candidate)) or unmoved_agreement(reference, candidate)
    if agreeing >= (LEAST_STILL if drawn else LEAST_SHARE):
        return _registration("none", np.eye(3), agreeing, reference.shape, candidate.shape)
    ladder = LADDER[: LADDER.index("affine")] if drawn else LADDER
    choice = choose(Pair(reference, candidate), ladder if method == "auto" else (method,), photo=photo)
    if drawn and _is_drawn_anew(reference, candidate, choice):
        return unregistered(reference.shape, candidate.shape)
    return _registration(choice.model, _inverse(choice.matrix), choice.confidence, reference.shape, candidate.shape)


def _is_drawn_anew(reference: NDArray[np.uint8], candidate: NDArray[np.uint8], choice: Choice) -> bool:
    """Whether what passes for a motion of a drawn page is how it was drawn: its lines, its text or its size."""
    if choice.model == "translation":
        hardly = float(np.abs(choice.matrix[:2, 2]).max()) < LEAST_DRAWN and choice.confidence < SURE_DRAWN
        return hardly or frames_stay(reference, candidate, choice.matrix)
    return choice.model == "similarity" and is_redrawn(reference, candidate)


def _inverse(matrix: Matrix) -> Matrix:
    """The inverse with its last entry 1, exact for whole-pixel translations."""
    if np.array_equal(matrix[:, :2], np.eye(3)[:, :2]):
        return np.array([[1, 0, 0.0 - matrix[0, 2]], [0, 1, 0.0 - matrix[1, 2]], [0, 0, 1.0]])
    inverse = np.linalg.inv(matrix)
    return np.asarray(np.round(inverse / inverse[2, 2], DIGITS) + 0.0)


def _registration(
    method: str, matrix: Matrix, confidence: float, reference: tuple[int, ...], candidate: tuple[int, ...]
) -> Registration:
    (a, b, c), (d, e, f), (g, h, i) = matrix.tolist()
    return Registration(
        method=method,
        matrix=((a, b, c), (d, e, f), (g, h, i)),
        confidence=round(confidence, 3),
        overlap=round(_overlap(matrix, reference, candidate), 4),
    )


def _overlap(matrix: Matrix, reference: tuple[int, ...], candidate: tuple[int, ...]) -> float:
    """The share of the reference's pixel area inside the registered candidate's outline; (height, width, ...) each."""
    height, width = reference[:2]
    frame = np.array([[0, 0], [width, 0], [width, height], [0, height]]) - 0.5
    x, y = corners((candidate[0], candidate[1]))
    wider, taller = np.array([-0.5, 0.5, 0.5, -0.5]), np.array([-0.5, -0.5, 0.5, 0.5])
    outline = np.stack(apply(matrix, x + wider, y + taller), 1)
    area, _ = cv2.intersectConvexConvex(outline.astype(np.float32), frame.astype(np.float32))
    return float(np.clip(area / (height * width), 0, 1))


def unmoved_agreement(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> float:
    """Fast accept: the share of textured tiles where two pictures agree under the identity transform, within noise.

    Args:
        reference: (H, W) uint8.
        candidate: (h, w) uint8; of another size it agrees nowhere.

    Returns:
        In [0, 1].
    """
    if reference.shape != candidate.shape:
        return 0.0
    if min(reference.shape) < 2 * TILE:
        return float(np.array_equal(reference, candidate))
    rows, cols = reference.shape[0] // TILE, reference.shape[1] // TILE
    across = tile_means(cv2.absdiff(reference[:, 1:], reference[:, :-1]), rows, cols)
    down = tile_means(cv2.absdiff(reference[1:], reference[:-1]), rows, cols)
    difference = tile_means(cv2.absdiff(reference, candidate), rows, cols)
    slope = across + down
    textured = slope >= FLAT
    if np.count_nonzero(textured) < LEAST_TILES:
        return float(not difference.any())
    return float(np.mean(difference[textured] <= AGREEING * slope[textured]))


def tile_means(picture: MatLike, rows: int, cols: int) -> NDArray[np.float32]:
    """Return the mean over each tile, (rows, cols) float32; a tile cut by the border counts as whole."""
    lines = [
        cv2.reduce(picture[row * TILE : (row + 1) * TILE], 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S) for row in range(rows)
    ]
    sums = np.add.reduceat(np.concatenate(lines)[:, : cols * TILE], np.arange(cols) * TILE, axis=1)
    return (sums / TILE**2).astype(np.float32)
