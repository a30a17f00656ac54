"""Contiguous areas of like colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import cv2
import numpy as np
from msgspec import Meta, Struct

from diffspot.model import Box  # noqa: TC001  msgspec reads the annotations
from diffspot.pipeline.preparation import BYTE_TO_WORD, common_form

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from diffspot.model import Image

Colour = tuple[int, ...]


class Shape(Struct, frozen=True, kw_only=True):
    """One contiguous area of like colour."""

    id: Annotated[int, Meta(ge=1, description="Its value in the label picture.")]
    bbox: Annotated[Box, Meta(description="Where it lies.")]
    area: Annotated[int, Meta(ge=1, description="Its pixels.")]
    color: Annotated[Colour, Meta(description="Mean of its pixels, 0..255: grey, or red, green, blue; alpha last.")]


class Shapes(NamedTuple):
    """The areas by y, then x, numbered from 1; and (H, W) int32 with the number of each pixel's area, 0 is none."""

    shapes: list[Shape]
    labels: NDArray[np.int32]


def find_shapes(
    image: Image, *, levels: int | None = 8, tolerance: float = 0, min_area: int = 1, connectivity: int = 4
) -> Shapes:
    """Finds the contiguous areas of like colour.

    Neighbours are alike where all channels fall on the same of so many levels, or, without levels, where no channel
    differs by more than the tolerance; then a slow gradient is one area. Labelled without recursion, by OpenCV, in
    linear time. Where there is alpha it is a channel, and what it hides has no colour.

    Args:
        image: what to look at.
        levels: steps that each channel is divided into, 2..256; None goes by the tolerance.
        tolerance: grey levels of 255 by which neighbours of one area may differ.
        min_area: px that an area has at least.
        connectivity: neighbours of a pixel: 4 across its edges, or 8 with those that share only a corner.
    """
    pixels = common_form(image, image).reference
    scale = 1 if pixels.dtype == np.uint8 else BYTE_TO_WORD
    if levels is None:
        labels, boxes = _label(pixels, lambda one, other: _largest_step(one, other) <= tolerance * scale, connectivity)
    else:
        steps = np.iinfo(pixels.dtype).max + 1
        quantised = (pixels.astype(np.uint32) * levels // steps).astype(np.uint8)
        labels, boxes = _label(quantised, lambda one, other: (one == other).all(axis=-1), connectivity)
    areas = np.bincount(labels.ravel(), minlength=len(boxes) + 1)[1:]
    means = _means(labels, pixels, areas) / scale
    order = [int(index) for index in np.lexsort((boxes[:, 0], boxes[:, 1])) if areas[index] >= min_area]
    numbers = np.zeros(len(boxes) + 1, np.int32)
    numbers[np.array(order, np.intp) + 1] = np.arange(1, len(order) + 1)
    found = [
        Shape(id=number, bbox=_box(boxes[index]), area=int(areas[index]), color=_colour(means[index]))
        for number, index in enumerate(order, 1)
    ]
    return Shapes(found, numbers[labels])


def _label(
    pixels: NDArray[Any],
    alike: Callable[[NDArray[Any], NDArray[Any]], NDArray[np.bool_]],
    connectivity: int,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """(H, W) labels from 1 on, and [x, y, w, h] of each: neighbours that are alike have one label.

    Pixels stand apart on a grid of twice the size, with links between those that are alike, so that one pass labels
    areas of all colours at once.
    """
    height, width = pixels.shape[:2]
    grid = np.zeros((2 * height - 1, 2 * width - 1), np.uint8)
    grid[::2, ::2] = 1
    grid[::2, 1::2] = alike(pixels[:, 1:], pixels[:, :-1])
    grid[1::2, ::2] = alike(pixels[1:], pixels[:-1])
    _, found, table, _ = cv2.connectedComponentsWithStats(grid, connectivity=4)
    labels = found[::2, ::2]
    # The sides of an area lie on pixels, never on links, so its box is halved without a rest.
    low = table[:, [cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP]] // 2
    high = low + (table[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]] + 1) // 2
    if connectivity == 8:  # noqa: PLR2004  all around
        groups = _across_corners(labels, pixels, alike, len(table))
        labels, first, group = groups[labels], np.unique(groups, return_index=True)[1], groups
        np.minimum.at(low, first[group], low)
        np.maximum.at(high, first[group], high)
        low, high = low[first], high[first]
    return np.ascontiguousarray(labels, np.int32), np.hstack([low, high - low]).astype(np.int32)[1:]


def _across_corners(
    labels: NDArray[Any],
    pixels: NDArray[Any],
    alike: Callable[[NDArray[Any], NDArray[Any]], NDArray[np.bool_]],
    count: int,
) -> NDArray[np.intp]:
    """(count,) the group of each label, from 0 without a gap, once those that meet at a corner and are alike are one.

    Every label points at the lowest that it is known to meet, and at what that one points at, until nothing changes.
    """
    ways = ((np.s_[1:, 1:], np.s_[:-1, :-1]), (np.s_[1:, :-1], np.s_[:-1, 1:]))
    meets = np.hstack(
        [np.stack([labels[one], labels[other]])[:, alike(pixels[one], pixels[other])] for one, other in ways]
    )
    meets = np.unique(meets[:, meets[0] != meets[1]], axis=1)
    lowest = np.arange(count)
    while True:
        roots = lowest[meets]
        new = lowest.copy()
        for root in roots:
            np.minimum.at(new, root, roots.min(axis=0))
        new = new[new]
        if np.array_equal(new, lowest):
            return np.unique(lowest, return_inverse=True)[1]
        lowest = new


def _largest_step(one: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
    return np.asarray((np.maximum(one, other) - np.minimum(one, other)).max(axis=-1))


def _means(labels: NDArray[np.int32], pixels: NDArray[Any], areas: NDArray[Any]) -> NDArray[np.float64]:
    """(N, C) float64: the mean of each label's pixels."""
    places = labels.ravel()
    sums = [np.bincount(places, pixels[..., channel].ravel())[1:] for channel in range(pixels.shape[2])]
    return np.asarray(np.stack(sums, axis=1) / areas[:, None])


def _box(box: NDArray[np.int32]) -> Box:
    x, y, w, h = box.tolist()
    return x, y, w, h


def _colour(mean: NDArray[np.float64]) -> Colour:
    return tuple(int(level) for level in np.rint(mean))
