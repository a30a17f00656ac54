"""The default backend: NumPy arrays and OpenCV's kernels, which release the GIL."""

from __future__ import annotations

import operator
from functools import lru_cache, reduce
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from diffspot.backends.channels import largest
from diffspot.backends.components import joined, measure
from diffspot.backends.device import row_strips
from diffspot.backends.groups import find_groups
from diffspot.backends.interface import LUMA, Backend, blur_radius
from diffspot.backends.resampling import covered

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.components import Components
    from diffspot.model import Matrix

EXACT_COUNT = 1 << 24
"""OpenCV's histograms are float32, which holds whole numbers up to that."""
STRIP_PIXELS = 1 << 17
"""Px that are worked on at a time."""
MEASURED_PIXELS = 1 << 19
"""Pixels of labels whose table is made at a time."""
LEAST_STEPS, LARGEST_DISC = 5, 48
"""Px of radius from which a disc is dilated by step by step, and up to which that takes less time than distances."""
GROUP_CELL = 16
"""Px: a mask has few hundred times fewer cells, and a group's rectangle is little larger than the group."""


class NumpyBackend(Backend):
    """See `Backend`; it works on single pairs, never on batches."""

    name = "numpy"
    windowed = True

    def strips(self, shape: tuple[int, ...]) -> list[slice]:
        """See `Backend.strips`; they stay in the processor's cache."""
        return row_strips(shape, STRIP_PIXELS)

    def warp(self, image: NDArray[Any], matrix: Matrix, size: tuple[int, int]) -> tuple[NDArray[Any], NDArray[Any]]:
        """See `Backend.warp`."""
        forward = np.array(matrix)
        moved = cv2.warpPerspective(image, forward, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        inside = covered(image.shape, matrix, size)
        if inside is None:
            ones = np.full(image.shape[:2], 255, np.uint8)
            inside = cv2.warpPerspective(ones, forward, size, flags=cv2.INTER_LINEAR) == ones[0, 0]
        return moved.reshape(size[1], size[0], -1), inside

    def gaussian_blur(self, image: NDArray[Any], sigma: float) -> NDArray[Any]:
        """See `Backend.gaussian_blur`."""
        if sigma == 0:
            return image
        side = 2 * blur_radius(sigma) + 1
        blurred = cv2.GaussianBlur(image, (side, side), sigma, borderType=cv2.BORDER_REFLECT)
        return blurred.reshape(image.shape)

    def box_sum(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        """See `Backend.box_sum`."""
        side = 2 * radius + 1
        total = cv2.boxFilter(image, -1, (side, side), normalize=False, borderType=cv2.BORDER_REFLECT)
        return total.reshape(image.shape)

    def correlate(self, image: NDArray[Any], down: NDArray[Any], across: NDArray[Any]) -> NDArray[Any]:
        """See `Backend.correlate`."""
        summed = cv2.sepFilter2D(image, -1, across, down, borderType=cv2.BORDER_REPLICATE)
        return summed.reshape(image.shape)

    def difference(self, reference: NDArray[Any], candidate: NDArray[Any]) -> NDArray[Any]:
        """See `Backend.difference`."""
        wide = np.int16 if reference.dtype == np.uint8 else reference.dtype
        return np.asarray(np.subtract(reference, candidate, dtype=wide))

    def luminance(self, image: NDArray[Any]) -> NDArray[Any]:
        """See `Backend.luminance`."""
        if image.shape[2] < len(LUMA):
            return np.ascontiguousarray(image[..., 0])
        return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY if image.shape[2] == len(LUMA) else cv2.COLOR_RGBA2GRAY)

    def select(self, mask: NDArray[Any], image: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
        """See `Backend.select`."""
        if mask.all():
            return image
        chosen = other.copy()
        cv2.copyTo(image, mask.view(np.uint8), chosen)
        return chosen

    def look_up(self, image: NDArray[Any], table: NDArray[Any]) -> NDArray[Any]:
        """See `Backend.look_up`."""
        return cv2.LUT(image, np.ascontiguousarray(table)[None]).reshape(image.shape)

    def cell_mean(self, image: NDArray[Any], size: int, rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[Any]:
        """See `Backend.cell_mean`; a product of matrices, as sums along such short axes take several times as long."""
        cells = self._cells(image, size, rows, columns).reshape(len(rows), size**2 * image.shape[2])
        share = np.tile(np.eye(image.shape[2], dtype=np.float32), (size**2, 1)) / np.float32(size**2)
        return np.asarray(cells.astype(np.float32) @ share)

    def _cells(self, image: NDArray[Any], size: int, rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[Any]:
        """See `Backend._cells`; a line of a cell is taken as one item, in half the time of its samples."""
        (height, width), samples = (side // size for side in image.shape[:2]), size * image.shape[2]
        lines = image[: height * size, : width * size].reshape(height, size, width, samples)
        items = lines.view(f"V{samples * image.itemsize}")[..., 0]
        return items[rows, :, columns].view(image.dtype).reshape(-1, size, size, image.shape[2])

    def whole_cells(self, mask: NDArray[Any], size: int) -> NDArray[Any]:
        """See `Backend.whole_cells`; most masks are set all over."""
        if mask.all():
            return np.ones((mask.shape[0] // size, mask.shape[1] // size), bool)
        return super().whole_cells(mask, size)

    def grid_mean(self, image: NDArray[Any], size: int, every: int = 1) -> NDArray[Any]:
        """See `Backend.grid_mean`; whole rows are added up first, as bytes that lie side by side take half the time."""
        # Of the last cell only what is looked at has to be there.
        (height, width), channels = ((side + every - 1) // size for side in image.shape[:2]), image.shape[2]
        offsets, whole = range(0, size, every), np.uint16 if image.dtype.itemsize == 1 else np.float32
        lines = np.zeros((height, *image.shape[1:]), whole)
        for row in offsets:
            lines += image[row::size][:height]
        means = np.empty((height, width, channels), np.float32)
        for channel in range(channels):
            sums = reduce(operator.add, (lines[:, column::size, channel][:, :width] for column in offsets))
            np.divide(sums, np.float32(len(offsets) ** 2), out=means[..., channel], dtype=np.float32)
        return means

    def local_minimum(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        """See `Backend.local_minimum`."""
        return _morphology(cv2.MORPH_ERODE, image, 2 * radius + 1)

    def local_maximum(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        """See `Backend.local_maximum`."""
        return _morphology(cv2.MORPH_DILATE, image, 2 * radius + 1)

    def local_range(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        """See `Backend.local_range`."""
        low, high = self.local_minimum(image, radius), self.local_maximum(image, radius)
        return largest(cv2.subtract(high, low).reshape(image.shape))

    def blend(self, near: NDArray[Any], far: NDArray[Any], share: float) -> NDArray[Any]:
        """See `Backend.blend`."""
        return cv2.addWeighted(near, 1 - share, far, share, 0).reshape(near.shape)

    def absdiff(self, reference: NDArray[Any], candidate: NDArray[Any]) -> NDArray[Any]:
        """See `Backend.absdiff`; worked out in strips."""
        differs = np.empty(reference.shape[:2], reference.dtype)
        for strip in self.strips(reference.shape):
            differs[strip] = largest(cv2.absdiff(reference[strip], candidate[strip]).reshape(reference[strip].shape))
        return differs

    def excess(self, image: NDArray[Any], low: NDArray[Any], high: NDArray[Any]) -> NDArray[Any]:
        """See `Backend.excess`."""
        outside = cv2.max(cv2.subtract(image, high), cv2.subtract(low, image)).reshape(image.shape)
        return largest(outside if image.dtype == np.uint8 else np.maximum(outside, 0))

    def quantile(self, values: NDArray[Any], q: float) -> float:
        """See `Backend.quantile`."""
        if values.dtype != np.uint8 or not 0 < values.size <= EXACT_COUNT:
            return super().quantile(values, q)
        counts = cv2.calcHist([values.reshape(1, -1)], [0], None, [256], [0, 256])
        return float(np.argmax(np.cumsum(counts, dtype=np.float64) > q * (values.size - 1))) / 255

    def block_maximum(self, image: NDArray[Any], size: int) -> NDArray[Any]:
        """See `Backend.block_maximum`."""
        rows, columns = image.shape[0] // size, image.shape[1] // size
        bands = image[: rows * size, : columns * size].reshape(rows, size, columns * size).max(axis=1)
        return np.asarray(bands.reshape(rows, columns, size).max(axis=2))

    def label(self, mask: NDArray[Any], reach: float) -> tuple[NDArray[Any], int]:
        """See `Backend.label`; it is worked out only around groups of parts that may join."""
        labels, total = np.zeros(mask.shape, np.int32), 0
        for place, near in find_groups(mask, reach, GROUP_CELL):
            own = mask[place] & near
            count, parts = cv2.connectedComponents(_within(own, reach), connectivity=8)
            np.copyto(labels[place], parts + total, where=own)
            total += count - 1
        return labels, total

    def components(self, labels: NDArray[Any], count: int, scores: NDArray[Any]) -> Components:
        """See `Backend.components`; rows are measured some at a time, as a pixel of the mask takes 60 bytes there."""
        strips = row_strips(labels.shape, MEASURED_PIXELS)
        return joined([_measured(labels[strip], scores[strip], strip.start, count) for strip in strips])


def _measured(labels: NDArray[Any], scores: NDArray[Any], top: int, count: int) -> Components:
    """The table of what lies in some rows, of which the first is `top` in the picture."""
    places = cv2.findNonZero((labels > 0).view(np.uint8))
    x, y = places.reshape(-1, 2).T if places is not None else np.zeros((2, 0), np.intp)
    return measure(labels[y, x].astype(np.int64) - 1, (y + top, x), scores[y, x], count=count)


def _within(mask: NDArray[np.bool_], reach: float) -> NDArray[np.uint8]:
    """(H, W) 1 where a pixel of a mask lies at most `reach` px away, else 0."""
    if reach > LARGEST_DISC:
        away = cv2.distanceTransform((~mask).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        return (away <= reach).view(np.uint8)
    plain = mask.view(np.uint8)
    return np.asarray(cv2.dilate(plain, _disc(reach)) if reach < LEAST_STEPS else _stepwise(plain, reach), np.uint8)


@lru_cache
def _disc(radius: float) -> NDArray[np.uint8]:
    y, x = np.ogrid[-int(radius) : int(radius) + 1, -int(radius) : int(radius) + 1]
    return np.asarray(x * x + y * y <= radius * radius, np.uint8)


def _stepwise(mask: NDArray[np.uint8], radius: float) -> NDArray[np.uint8]:
    """A mask dilated by a disc, as the union of the rectangles in it, of which each begins with what the last one did.

    From the widest and lowest to the narrowest and tallest: what two of them have in common is widened once.
    """
    halves = _disc(radius).sum(axis=1)[int(radius) :] // 2
    heights = {int(width): height for height, width in enumerate(halves)}  # of each width the tallest
    tall: NDArray[Any] = mask
    wide, done = tall, 0
    for (width, height), narrower in zip(heights.items(), [*list(heights)[1:], 0], strict=True):
        tall, done = cv2.dilate(tall, np.ones((2 * (height - done) + 1, 1), np.uint8)), height
        wide = cv2.dilate(cv2.max(wide, tall), np.ones((1, 2 * (width - narrower) + 1), np.uint8))
    return np.asarray(wide)


def _morphology(operation: int, image: NDArray[Any], side: int) -> NDArray[Any]:
    if side == 1:
        return image
    raw = image.view(np.uint8) if image.dtype == np.bool_ else image
    moved = cv2.morphologyEx(raw, operation, _square(side))
    return moved.reshape(image.shape).view(image.dtype)


@lru_cache
def _square(side: int) -> NDArray[np.uint8]:
    return np.ones((side, side), np.uint8)
