"""The joined areas of a mask that lies on the host, each with its own pixels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.backends import get_backend
from diffspot.pipeline.noise import to_scores
from diffspot.pipeline.windows import find_parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from diffspot.backends.components import Component
    from diffspot.model import Box


def covering(boxes: Iterable[Box], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """(H, W) bool: what lies in any of the boxes, which begin within a plane of that shape."""
    covered = np.zeros(shape, bool)
    for x, y, w, h in boxes:
        covered[y : y + h, x : x + w] = True
    return covered


def large_areas(mask: NDArray[np.bool_], least: float) -> Iterator[tuple[Box, NDArray[np.bool_]]]:
    """The areas of `least` px and more of a mask, in the order of their first px: box, and own px, (H, W) bool.

    OpenCV's own table holds the centre of each as well, for which it takes three times as long.
    """
    labels = np.asarray(cv2.connectedComponents(mask.view(np.uint8), connectivity=4)[1])
    for number in np.flatnonzero(np.bincount(labels[mask]) >= least).tolist():
        own = labels == number
        x, y, w, h = cv2.boundingRect(own.view(np.uint8))
        yield (x, y, w, h), own


def joined_areas(
    mask: NDArray[np.bool_], levels: NDArray[Any], join: float
) -> Iterator[tuple[Component, NDArray[np.bool_]]]:
    """The areas of a mask, parts closer than `join` px as one.

    Args:
        mask: (H, W) bool.
        levels: (H, W) levels of difference, for the peak and the mean of each.
        join: px.

    Returns:
        Each area's component, and its own pixels, (h, w) bool of its box.
    """
    host = get_backend("numpy")
    for part in find_parts(mask, host, join / 2):  # what lies between them has no labels, and takes the longest
        left, top = part.origin
        labels, count = host.label(part.owned(mask[part.place]), join / 2)
        table = host.components(labels, count, to_scores(levels[part.place]))
        for number, ((x, y, w, h), area, peak, mean) in enumerate(table.of(0), start=1):
            yield ((left + x, top + y, w, h), area, peak, mean), labels[y : y + h, x : x + w] == number
