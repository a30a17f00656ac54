"""The few offsets by which parts of a page may have moved.

In the manner of patience diff, distinctive reference lines look for themselves in the candidate and vote for the
offset at which they found themselves; lines found in many places (rows of a list, blank lines) have no say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from diffspot.pipeline.layout.bands import DRIFT, JITTER
from diffspot.pipeline.layout.signature import steps

if TYPE_CHECKING:
    from numpy.typing import NDArray

ANCHORS = 320
"""Reference lines that look for themselves: one in eight on a long page, several in each line of text."""
CONTEXT = 3
"""A line is looked up together with the line this many px below: half a letter's height, so two parts of a letter."""
CLIP = 48
"""Steps are cut to this many levels so that one bold edge does not outvote the text beside it."""
ENERGY = 24.0
"""Length a line's vector of steps must have, in levels, to be looked up: about one word of small text."""
SIMILARITY = 0.8
"""Cosine above which a line is found; unrelated lines of text stay below 0.7."""
MARGIN = 0.02
"""Places within this cosine of the best are as good as the best."""
AMBIGUITY = 3
"""A line found in more places than this is one of a repetition and does not vote."""
MIN_VOTES = 3.0
"""Votes an offset needs: a line of text has about as many anchors."""
SPREAD = 0.08
"""Votes beside an offset, in parts of its own, from which lines are rounded for themselves; whole px leave none."""
SURE, NEAR = 16.0, 8
"""Votes of such an offset at least, and px that it is more than: parts of a board lie a few px aside for themselves."""
LIMIT = 14
"""Offsets tried at most: more differing moves than that are another page."""
MOST_DRIFT = 80
"""Offsets of a page that drifts at most: the work grows with their square."""


class Offsets(NamedTuple):
    """Offsets worth trying, rising.

    Attributes:
        likely: 0, the difference in height, and what distinctive lines vote for, more than JITTER apart.
        drift: the same, and every offset over which the votes are spread, where that looks like a page of which each
            line of text lies a px further off than the one above, or is rounded for itself; else empty.
        rounded: whether the votes for what moved are spread over a px or two: what was inserted is no whole number of
            px high, so that lines of text and boxes below it are rounded this way or that.
    """

    likely: list[int]
    drift: list[int]
    rounded: bool = False


def find_offsets(reference: NDArray[np.int16], candidate: NDArray[np.int16]) -> Offsets:
    """The offsets worth trying; (H, K) and (H', K) int16 cell means."""
    votes = np.zeros(len(reference) + len(candidate), np.float64)
    _vote(votes, _vectors(reference), _vectors(candidate))
    grown = len(candidate) - len(reference)
    certain = {0, grown} if abs(grown) > JITTER else {0}
    best = np.argsort(-votes, kind="stable")[:LIMIT]
    likely = _apart([int(place) - len(reference) for place in best if votes[place] >= MIN_VOTES], certain)
    if drift := _drift(np.flatnonzero(votes >= MIN_VOTES) - len(reference), likely):
        return Offsets(likely, drift)
    rounded = [offset for offset in likely if abs(offset) > NEAR and _is_spread(votes, offset + len(reference))]
    around = {offset + step for offset in rounded for step in range(-JITTER, JITTER + 1)}
    return Offsets(likely, sorted({*likely, *around}) if rounded else [], bool(rounded))


def _is_spread(votes: NDArray[np.float64], place: int) -> bool:
    """Whether many votes lie beside the most within JITTER of a place."""
    around = votes[max(place - JITTER, 0) : place + JITTER + 1]
    beside = float(around.sum() - around.max())
    return around.max() >= SURE and beside >= SPREAD * float(around.max())


def _drift(voted: NDArray[np.intp], likely: list[int]) -> list[int]:
    """The likely offsets and all around those of the `voted`, rising ones, that form runs; empty without a run."""
    runs = np.split(voted, np.flatnonzero(np.diff(voted) > JITTER) + 1)
    spread = [run for run in runs if len(run) >= DRIFT and np.ptp(run) >= DRIFT]
    around = {offset for run in spread for offset in range(int(run[0]) - JITTER, int(run[-1]) + JITTER + 1)}
    return sorted({*likely, *around}) if 0 < len(around) <= MOST_DRIFT else []


def _apart(ranked: list[int], certain: set[int]) -> list[int]:
    """The certain offsets and those of the ranked ones, likeliest first, that are no jitter of a likelier one."""
    kept = {0}
    for offset in ranked:
        if all(abs(offset - other) > JITTER for other in kept):
            kept.add(offset)
    return sorted(kept | certain)


def _vectors(means: NDArray[np.int16]) -> NDArray[np.float32]:
    """Each line's clipped steps and those CONTEXT px below, (H, K, 2) float32."""
    step = np.clip(steps(means), -CLIP, CLIP).astype(np.float32)
    below = np.zeros_like(step)
    below[:-CONTEXT] = step[CONTEXT:]
    return np.stack([step, below], axis=2)


def _vote(votes: NDArray[np.float64], sought: NDArray[np.float32], among: NDArray[np.float32]) -> None:
    """Add the votes of vectors (H, K, 2), looked for among (H', K, 2), to the votes an offset has, shifted by H."""
    lines, unit = _unit(sought.reshape(len(sought), -1))
    places, other_unit = _unit(among.reshape(len(among), -1))
    chosen = _anchors(lines)
    if not len(chosen) or not len(places):
        return
    likeness = unit[chosen] @ other_unit.T
    bar = np.maximum(likeness.max(axis=1) - MARGIN, SIMILARITY)
    anchor, place = np.nonzero(likeness > bar[:, None])
    found = np.bincount(anchor, minlength=len(chosen))[anchor]
    clear = found <= AMBIGUITY
    offset = places[place[clear]] - lines[chosen[anchor[clear]]] + len(sought)
    np.add.at(votes, offset, 1.0 / found[clear])


def _unit(vectors: NDArray[np.float32]) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """The lines with enough energy and their vectors scaled to length 1."""
    length = np.sqrt(np.einsum("ij,ij->i", vectors, vectors))
    lines = np.flatnonzero(length > ENERGY)
    return lines, vectors[lines] / length[lines, None]


def _anchors(lines: NDArray[np.intp]) -> NDArray[np.intp]:
    """At most ANCHORS indices into `lines`, evenly spread."""
    count = min(ANCHORS, len(lines))
    return np.linspace(0, len(lines) - 1, count).astype(np.intp)
