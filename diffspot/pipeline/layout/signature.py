"""Lines described by the mean grey of short cells, and how well two pictures' cells agree at an offset.

A blank line agrees with every blank line, so agreement counts only where a cell changes from one line to the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CELLS = 64
"""Cells across a page: about 20 px on a page 1280 px wide, narrower than an element, wider than a letter."""
STRUCTURE = 3
"""A cell whose mean changes by more levels than this from one line to the next has structure; gradients change less."""
LIKENESS = 3
"""Two steps agree when they differ by less than one part in this many: re-rendered letters keep about that much."""
NUDGES = (-1, 1)
"""Lines (px) by which a step may sit elsewhere: other hinting lifts or lowers lines of text by one."""
SHADE = 10
"""Cell means further apart than this many levels disagree; a background stretched with its page drifts by less."""
STRUCTURED_SHADE = 30
"""The same for cells with structure, whose means move by this much when letters inside sit a px elsewhere."""
STRIPE = 30
"""Levels by which the ground of a whole line may differ where its cells agree: stripes of a list change places where a
row went, and are at most 17 apart in usual themes."""
STRIPES = 3
"""Times that the ground of lines changes by as much either way, at least, where it is stripes; boxes are fewer."""
FULL_WEIGHT = 2
"""Cells with structure that give a line its full say: a line with a single one may be a speck."""
UNSEEN = -1.0
"""Score of a line with structure that has no counterpart: as bad as a wrong one, else leaving lines out would pay."""


def cell_means(plane: NDArray[np.uint8]) -> NDArray[np.int16]:
    """Mean grey of each line's cells: (H, W) uint8 to (H, CELLS) int16; narrow pages get a cell a px."""
    height, width = plane.shape
    cells = min(CELLS, width)
    means = cv2.resize(plane, (cells, height), interpolation=cv2.INTER_AREA)
    return means.reshape(height, cells).astype(np.int16)


def soft(means: NDArray[np.int16]) -> NDArray[np.int16]:
    """The means of each line and its neighbours, (H, K) int16: what hinting moves by a px changes them little."""
    return np.asarray(cv2.blur(means, (1, 1 + 2 * max(NUDGES)), borderType=cv2.BORDER_REPLICATE), np.int16)


def grounds(means: NDArray[np.int16]) -> NDArray[np.int16]:
    """The shade that each line shows most of: (H, K) int16 to (H, 1), the median of its cells."""
    middle = means.shape[1] // 2
    return np.partition(means, middle, axis=1)[:, middle : middle + 1]


def steps(means: NDArray[np.int16]) -> NDArray[np.int16]:
    """Change of each cell from the line before, (H, K) int16; the first line has none."""
    return np.diff(means, axis=0, prepend=means[:1])


class Votes(NamedTuple):
    """Agreement of every reference cell with the candidate's at an offset, (H, K) int8.

    1: the same structure, -1: another structure or shade, 0: nothing to tell (blank, or outside the candidate).

    Attributes:
        near: also where structure sits elsewhere by one of the NUDGES.
        exact: at just this offset.
    """

    near: NDArray[np.int8]
    exact: NDArray[np.int8]


def agreement(reference: NDArray[np.int16], candidate: NDArray[np.int16], offset: int) -> Votes:
    """How the cells of (H, K) and (H', K) int16 means agree at an offset, on whatever ground their line is."""
    first, last = overlap(len(reference), len(candidate), offset)
    here, there = slice(first, last), slice(first + offset, last + offset)
    step, other_steps = steps(reference)[here], steps(candidate)
    structured = (np.abs(step) > STRUCTURE) | (np.abs(other_steps[there]) > STRUCTURE)
    apart, stripe = reference[here] - candidate[there], grounds(reference[here]) - grounds(candidate[there])
    stripe[np.abs(stripe) > STRIPE] = 0
    apart = np.minimum(np.abs(apart), np.abs(apart - stripe))
    shaded = apart > np.where(structured, STRUCTURED_SHADE, SHADE)
    blank = _is_blank(reference)[here] & _is_blank(candidate)[there]
    exact = near = structured & ~blank & _unlike(step, other_steps[there])
    for nudge in NUDGES:
        near = near & _unlike(step, np.roll(other_steps, nudge, axis=0)[there])
    votes = Votes(np.zeros(reference.shape, np.int8), np.zeros(reference.shape, np.int8))
    for vote, unlike in zip(votes, (near, exact), strict=True):
        bad = unlike | shaded
        vote[here] = (structured & ~bad).view(np.int8) - bad.view(np.int8)
    return votes


def _is_blank(means: NDArray[np.int16]) -> NDArray[np.bool_]:
    """(H, K) bool, which cells change from the line before by no more than from one stripe of a list to the next."""
    change = steps(grounds(means))
    to, counts = np.unique(change, return_counts=True)
    often = to[(counts >= STRIPES) & (np.abs(to) <= STRIPE)]
    change[~np.isin(change, often) | ~np.isin(-change, often)] = 0
    return np.asarray(np.abs(steps(means) - change) <= STRUCTURE)


def _unlike(step: NDArray[np.int16], other: NDArray[np.int16]) -> NDArray[np.bool_]:
    """Where two steps disagree."""
    size = np.maximum(np.abs(step), np.abs(other))
    return np.asarray(np.abs(step - other) > STRUCTURE + size // LIKENESS)


def overlap(reference_length: int, candidate_length: int, offset: int) -> tuple[int, int]:
    """The reference lines [first, last) whose counterpart at this offset lies inside the candidate."""
    first = min(max(0, -offset), reference_length)
    return first, max(first, min(reference_length, candidate_length - offset))


def line_scores(
    votes: NDArray[np.int8], reference: NDArray[np.int16], candidate_length: int, offsets: list[int]
) -> NDArray[np.float32]:
    """Each line's score at each offset, (D, H) float32 in [-1, 1]: its mean vote, less for lines of few votes."""
    cast = np.abs(votes).sum(axis=2, dtype=np.int16)
    total = votes.sum(axis=2, dtype=np.int16)
    scores = np.asarray(total / np.maximum(cast, FULL_WEIGHT), np.float32)
    hidden = unseen_scores(reference)
    for score, offset in zip(scores, offsets, strict=True):
        first, last = overlap(len(reference), candidate_length, offset)
        score[:first], score[last:] = hidden[:first], hidden[last:]
    return scores


def unseen_scores(reference: NDArray[np.int16]) -> NDArray[np.float32]:
    """Score of each reference line when it has no counterpart, (H,) float32 in [UNSEEN, 0]."""
    structured = (np.abs(steps(reference)) > STRUCTURE).sum(axis=1)
    return np.asarray(UNSEEN * np.minimum(structured, FULL_WEIGHT) / FULL_WEIGHT, np.float32)
