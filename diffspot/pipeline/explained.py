"""What bringing both into one compression, light and sharpness explains of how they differed, place by place."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import cv2
import numpy as np

from diffspot.model import Forgiven

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from diffspot.backends.interface import Backend
    from diffspot.model import Box, Cause

LABELLED = 1 << 21
"""Px in which places are counted. Larger pictures are made smaller for it: labelling 12 megapixels takes half as
long as comparing them."""
SPARSE = 1 / 8
"""Share of squares that are set, below which their labels are picked before they are counted."""


class Evened(NamedTuple):
    """What made two pictures alike as a whole.

    Attributes:
        cause: why they differed.
        before: (H, W) levels, the plain difference as it was.
        after: (H, W) levels, the plain difference that is left.
    """

    cause: Cause
    before: NDArray[Any]
    after: NDArray[Any]


def with_evened(
    explained: Sequence[Forgiven], evened: Evened, valid: NDArray[np.bool_], threshold: float, backend: Backend
) -> tuple[Forgiven, ...]:
    """What was explained, and place by place the px that differ no more once both were made alike.

    Args:
        explained: once they were.
        evened: how they were.
        valid: (H, W) bool, where both are compared.
        threshold: a score.
        backend: what the arrays live on.

    Returns:
        One entry a cause, see `one_each`.
    """
    cause, before, after = evened
    limit = 255 * threshold
    gone = backend.to_host(backend.exceeding(before, limit) & ~backend.exceeding(after, limit) & valid)
    if not (pixels := int(np.count_nonzero(gone))):
        return tuple(explained)
    count, largest = places(gone)
    return one_each((*explained, Forgiven(cause=cause, pixels=pixels, places=count, largest=largest)))


def places(gone: NDArray[np.bool_]) -> tuple[int, Box]:
    """How many places a mask has, and the box of the largest; in large pictures px of a small square are one."""
    height, width = gone.shape
    side = math.ceil(math.sqrt(gone.size / LABELLED))
    # The highest of each square from its first corner on: reducing axes as short takes twenty times as long.
    squares = cv2.dilate(gone.view(np.uint8), np.ones((side, side), np.uint8), anchor=(0, 0))[::side, ::side]
    # OpenCV's own table has the centre of each as well, for which it takes three times as long; 8 neighbours chain all
    count, labels = cv2.connectedComponents(np.ascontiguousarray(squares), connectivity=4)
    areas = np.bincount(_of_places(np.asarray(labels), squares), minlength=count)
    largest = (labels == 1 + int(areas[1:].argmax())).view(np.uint8)
    x, y, w, h = (side * edge for edge in cv2.boundingRect(largest))
    return count - 1, (x, y, min(w, width - x), min(h, height - y))


def _of_places(labels: NDArray[Any], squares: NDArray[Any]) -> NDArray[Any]:
    """(N,) the labels of the squares that are set, or of all where most are: picking them takes longer then."""
    return labels[squares > 0] if np.count_nonzero(squares) < SPARSE * squares.size else labels.ravel()


def one_each(explained: Iterable[Forgiven]) -> tuple[Forgiven, ...]:
    """One entry a cause of what several stages explained, in the order in which the causes come."""
    causes: dict[Cause, list[Forgiven]] = {}
    for one in explained:
        causes.setdefault(one.cause, []).append(one)
    return tuple(map(_as_one, causes.values()))


def _as_one(entries: Sequence[Forgiven]) -> Forgiven:
    """Entries of one cause as one; of their largest places the one of the largest box."""
    pixels, places = sum(one.pixels for one in entries), sum(one.places for one in entries)
    largest = max((one.largest for one in entries), key=lambda box: box[2] * box[3])
    return Forgiven(cause=entries[0].cause, pixels=pixels, places=places, largest=largest)
