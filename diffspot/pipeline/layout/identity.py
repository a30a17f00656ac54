"""Whether two pictures of one size could differ by layout at all, told from which lines are equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

LONGEST_ELEMENT = 96
"""Lines of a run of differing lines up to which it is an element changed in place: what moves a page moves more."""
BLANK = 48
"""Equal lines that do not end a run of differing ones: the blank between paragraphs is equal wherever it lies."""


def may_have_moved(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> bool:
    """Whether (H, W, C) uint8 pictures of equal shape differ over a run of lines longer than an element."""
    lines = np.flatnonzero(_differing_lines(reference, candidate))
    if not len(lines):
        return False
    breaks = np.flatnonzero(np.diff(lines) > BLANK)
    first = lines[np.concatenate([[0], breaks + 1])]
    last = lines[np.concatenate([breaks, [len(lines) - 1]])]
    return bool((last - first >= LONGEST_ELEMENT).any())


def _differing_lines(reference: NDArray[np.uint8], candidate: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """(H,) bool; compares eight bytes at a time where the line's length allows it."""
    height = len(reference)
    one = np.ascontiguousarray(reference).reshape(height, -1)
    other = np.ascontiguousarray(candidate).reshape(height, -1)
    if one.shape[1] % 8 == 0:
        return np.asarray((one.view(np.uint64) != other.view(np.uint64)).any(axis=1))
    return np.asarray((one != other).any(axis=1))
