"""The array primitives of the pipeline, each with a complete body on `xp` and `ndimage`.

The bodies here are the definition: plain, slow and right on NumPy with SciPy or on CuPy. A
backend overrides the hot ones with the same signature; tests hold it to these results.

Arrays are rows first: pictures (..., H, W, C), masks, labels and score maps (..., H, W). "..." is nothing, or the axis
of a batch of pictures, each of which comes out as it would alone; what says (H, W) takes no batches. A picture holds
grey levels 0..255, as uint8 or, where finer steps count, as float32. At its edge a blur mirrors it with the edge
pixel repeated (SciPy's "reflect"), and a minimum, maximum or morphological operation takes what lies outside as absent.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.backends.components import measure
from diffspot.backends.device import Device
from diffspot.backends.fixed_point import LUMA_BITS, LUMA_WEIGHTS, WEIGHT_BITS, blur_weights, shifted
from diffspot.backends.resampling import resample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from diffspot.backends.components import Components
    from diffspot.model import Matrix


BLUR_REACH = 3.0
"""Sigmas after which a Gaussian is cut off: what lies beyond rounds to nothing in 8 bits, and for SSIM's sigma the
window is the 11 x 11 px of the paper."""

SSIM_C1, SSIM_C2 = 0.01**2, 0.03**2
"""The paper's stabilising constants for a data range of 1."""

LUMA = (0.299, 0.587, 0.114)
"""Shares of red, green and blue in brightness (ITU-R BT.601)."""

QUANTILE_BINS = 1 << 16
"""Bins of the histogram over [0, 1] from which a quantile is read."""


def blur_radius(sigma: float) -> int:
    """Half the width of the Gaussian window in px."""
    return int(BLUR_REACH * sigma + 0.5)


class Backend(Device):
    """Reference body of every primitive."""

    def warp(self, image: NDArray[Any], matrix: Matrix, size: tuple[int, int]) -> tuple[NDArray[Any], NDArray[Any]]:
        """Resamples a picture with the cubic kernel of Keys, a = -0.75.

        Args:
            image: (h, w, C) levels.
            matrix: 3x3, takes pixels (x, y, 1) of `image` to pixels of the result; centres lie at integers.
            size: (width, height) of the result in px.

        Returns:
            (H, W, C) levels, and (H, W) bool: where the result lies inside `image`. Outside, edge pixels are repeated.

        References:
            Keys: Cubic convolution interpolation for digital image processing. IEEE TASSP 29(6), 1981.
            doi:10.1109/TASSP.1981.1163711
        """
        moved, inside = resample(image, matrix, size, self.xp)
        return self._as(moved, image.dtype), inside

    def gaussian_blur(self, image: NDArray[Any], sigma: float) -> NDArray[Any]:
        """Blurs pictures (..., H, W, C) in the plane, keeping their dtype; sigma in px, 0 is no blur."""
        if sigma == 0:
            return image
        if image.dtype == np.uint8:
            weights = self.from_host(np.array(blur_weights(sigma, blur_radius(sigma))))
            lines = self.ndimage.correlate1d(image.astype(np.int32), weights, axis=-2, mode="reflect")
            total = self.ndimage.correlate1d(lines, weights, axis=-3, mode="reflect")
            return shifted(total, 2 * WEIGHT_BITS)
        sigmas = (0, sigma, sigma, 0)[-image.ndim :]
        return self.ndimage.gaussian_filter(image, sigmas, mode="reflect", truncate=BLUR_REACH)  # type: ignore[no-any-return]

    def difference(self, reference: NDArray[Any], candidate: NDArray[Any]) -> NDArray[Any]:
        """Reference less candidate, (H, W, C): int16 of uint8 levels, float32 of float32."""
        return self.xp.subtract(_signed(reference), _signed(candidate))  # type: ignore[no-any-return]

    def box_sum(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        """Sum of each channel over the square of side 2 * radius + 1 px around a pixel; (..., H, W, C) of its dtype."""
        side = 2 * radius + 1
        mean = self.ndimage.uniform_filter(image.astype(np.float64), (1, side, side, 1)[-image.ndim :], mode="reflect")
        total = mean * side**2
        return (self.xp.rint(total) if image.dtype == np.int16 else total).astype(image.dtype)  # type: ignore[no-any-return]

    def correlate(self, image: NDArray[Any], down: NDArray[Any], across: NDArray[Any]) -> NDArray[Any]:
        """Weighted sums around each pixel of pictures (..., H, W, C), float32; at the edge the edge pixel is repeated.

        Args:
            image: float32.
            down: weights along a column, an odd number of them, on the host.
            across: weights along a row.
        """
        lines = self.ndimage.correlate1d(image, self.from_host(across), axis=-2, mode="nearest")
        return self.ndimage.correlate1d(lines, self.from_host(down), axis=-3, mode="nearest")  # type: ignore[no-any-return]

    def luminance(self, image: NDArray[Any]) -> NDArray[Any]:
        """(H, W) brightness of (H, W, C) levels: what an eye sees of RGB, the first channel without colour."""
        if image.shape[2] < len(LUMA):
            return image[..., 0]
        if image.dtype == np.uint8:
            parts = [image[..., index].astype(np.int32) * weight for index, weight in enumerate(LUMA_WEIGHTS)]
            return shifted(parts[0] + parts[1] + parts[2], LUMA_BITS)
        red, green, blue = (image[..., index] * share for index, share in enumerate(LUMA))
        return red + green + blue

    def select(self, mask: NDArray[Any], image: NDArray[Any], other: NDArray[Any]) -> NDArray[Any]:
        """(..., H, W, C) levels: those of `image` where the (..., H, W) mask is set, those of `other` elsewhere."""
        return self.xp.where(mask[..., None], image, other)  # type: ignore[no-any-return]

    def look_up(self, image: NDArray[Any], table: NDArray[Any]) -> NDArray[Any]:
        """(H, W, C) uint8 levels through a table (256, C) uint8, a column for each channel."""
        return table[image, self.xp.arange(image.shape[2])]  # type: ignore[no-any-return]

    def whole_cells(self, mask: NDArray[Any], size: int) -> NDArray[Any]:
        """Which whole cells of size x size px of a mask (H, W) are set all over: (H // size, W // size) bool."""
        height, width = (side // size * size for side in mask.shape)
        lines = reduce(self.xp.logical_and, (mask[row:height:size, :width] for row in range(size)))
        return reduce(self.xp.logical_and, (lines[:, column::size] for column in range(size)))

    def cell_mean(self, image: NDArray[Any], size: int, rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[Any]:
        """Means over N cells of size x size px, which lie at (row, column) of their grid.

        Args:
            image: (H, W, C) levels.
            size: px.
            rows: (N,) integers.
            columns: (N,) integers.

        Returns:
            (N, C) float32, of whole levels exact.
        """
        return self._cells(image, size, rows, columns).mean(axis=(1, 2), dtype=np.float32)  # type: ignore[no-any-return]

    def grid_mean(self, image: NDArray[Any], size: int, every: int = 1) -> NDArray[Any]:
        """Means over every whole cell of size x size px; several times as fast as `cell_mean` of all of them.

        A cell is whole if all is there of it that is looked at.

        Args:
            image: (H, W, C) levels.
            size: px, a multiple of `every` and at most 16 times as large.
            every: only every so many rows and columns are looked at.

        Returns:
            (rows, columns, C) float32, of whole levels exact.
        """
        image, size = image[::every, ::every], size // every
        height, width = (side // size * size for side in image.shape[:2])
        whole = np.uint16 if image.dtype.itemsize == 1 else np.float32  # 256 bytes add up to less than 65536
        lines = reduce(operator.add, (image[row:height:size, :width].astype(whole) for row in range(size)))
        sums = reduce(operator.add, (lines[:, column::size] for column in range(size)))
        return sums.astype(np.float32) / np.float32(size**2)

    def local_minimum(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        """(..., H, W, C): lowest of each channel in the square of side 2 * radius + 1 px around a pixel."""
        size = (1, 2 * radius + 1, 2 * radius + 1, 1)[-image.ndim :]
        return self.ndimage.minimum_filter(image, size, mode="nearest")  # type: ignore[no-any-return]

    def local_maximum(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        """(..., H, W, C): highest of each channel in the square of side 2 * radius + 1 px around a pixel."""
        size = (1, 2 * radius + 1, 2 * radius + 1, 1)[-image.ndim :]
        return self.ndimage.maximum_filter(image, size, mode="nearest")  # type: ignore[no-any-return]

    def local_range(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        """(..., H, W) levels: highest minus lowest over the square, the largest of the channels."""
        return (self.local_maximum(image, radius) - self.local_minimum(image, radius)).max(axis=-1)  # type: ignore[no-any-return]

    def blend(self, near: NDArray[Any], far: NDArray[Any], share: float) -> NDArray[Any]:
        """(..., H, W, C) levels on the way from `near` to `far`, of their dtype."""
        precise = near.astype(self.xp.float32) * (1 - share) + far.astype(self.xp.float32) * share
        return self._as(precise, near.dtype)

    def absdiff(self, reference: NDArray[Any], candidate: NDArray[Any]) -> NDArray[Any]:
        """(..., H, W) levels by which two pictures (..., H, W, C) differ, the largest of the channels."""
        difference = self.xp.abs(_signed(reference) - _signed(candidate)).max(axis=-1)
        return difference.astype(reference.dtype)  # type: ignore[no-any-return]

    def excess(self, image: NDArray[Any], low: NDArray[Any], high: NDArray[Any]) -> NDArray[Any]:
        """(..., H, W) levels by which `image` lies outside [low, high], the largest of the channels."""
        above, below = _signed(image) - _signed(high), _signed(low) - _signed(image)
        return self.xp.maximum(self.xp.maximum(above, below).max(axis=-1), 0).astype(image.dtype)  # type: ignore[no-any-return]

    def ssim(self, reference: NDArray[Any], candidate: NDArray[Any], sigma: float) -> NDArray[Any]:
        """(..., H, W) float32 in [-1, 1]: structural similarity, least of the channels; equal windows give exactly 1.

        Args:
            reference: (..., H, W, C) levels.
            candidate: (..., H, W, C) levels.
            sigma: of the Gaussian window, px; the paper has 1.5.

        References:
            Wang, Bovik, Sheikh, Simoncelli: Image quality assessment: from error visibility to structural similarity.
            IEEE TIP 13(4), 2004. doi:10.1109/TIP.2003.819861
        """
        # What is taken off halves the rounding error of the variances.
        x, y = (levels.astype(np.float32) / np.float32(255) - 0.5 for levels in (reference, candidate))
        ux, uy = self.gaussian_blur(x, sigma), self.gaussian_blur(y, sigma)
        product, power = ux * uy, ux * ux + uy * uy
        vxy = self.gaussian_blur(x * y, sigma) - product
        v = self.gaussian_blur(x * x + y * y, sigma) - power
        shift = 0.5 * (ux + uy) + 0.25
        a = (2 * (product + shift) + SSIM_C1) * (2 * vxy + SSIM_C2)
        b = (power + 2 * shift + SSIM_C1) * (v + SSIM_C2)
        similarity = a / b
        return reduce(self.xp.minimum, (similarity[..., channel] for channel in range(similarity.shape[-1])))

    def quantile(self, values: NDArray[Any], q: float) -> float:
        """The q-quantile as a score; 0 of nothing.

        Args:
            values: (N,) uint8 levels, of which the quantile is exact, or float32 scores in [0, 1], of which it is
                rounded up to the histogram's next bin edge.
            q: in [0, 1].
        """
        if not values.size:
            return 0.0
        if values.dtype == np.uint8:
            bins, last = values, 255
        else:
            bins, last = self.xp.ceil(values * QUANTILE_BINS).astype(self.xp.int32), QUANTILE_BINS
        counts = self.xp.bincount(bins, minlength=last + 1)
        rank = q * (values.size - 1)
        return float(self.xp.argmax(self.xp.cumsum(counts) > rank)) / last

    def block_maximum(self, image: NDArray[Any], size: int) -> NDArray[Any]:
        """Highest value of each whole block of size x size px: (H // size, W // size)."""
        rows, columns = image.shape[0] // size, image.shape[1] // size
        blocks = image[: rows * size, : columns * size].reshape(rows, size, columns, size)
        return blocks.max(axis=(1, 3))  # type: ignore[no-any-return]

    def dilate(self, mask: NDArray[Any], size: int) -> NDArray[Any]:
        """(..., H, W) bool: sets every pixel with a set one in the square of odd side `size` px around it."""
        return self.local_maximum(mask[..., None], size // 2)[..., 0] if size > 1 else mask

    def erode(self, mask: NDArray[Any], size: int) -> NDArray[Any]:
        """(..., H, W) bool: keeps the pixels whose whole square of odd side `size` px is set."""
        return self.local_minimum(mask[..., None], size // 2)[..., 0] if size > 1 else mask

    def within(self, mask: NDArray[Any], reach: float) -> NDArray[Any]:
        """(..., H, W) bool: the pixels with a set one at most `reach` px away."""
        planes = mask.reshape(-1, *mask.shape[-2:])
        near = self.xp.zeros(planes.shape, bool)
        for index, plane in enumerate(planes):
            if plane.any():  # else distances to nothing mean nothing
                near[index] = self.ndimage.distance_transform_edt(~plane) <= reach
        return near.reshape(mask.shape)  # type: ignore[no-any-return]

    def label(self, mask: NDArray[Any], reach: float) -> tuple[NDArray[Any], int]:
        """Numbers the parts of a mask from 1; those of different pictures are never one.

        Args:
            mask: (..., H, W) bool.
            reach: px; pixels are of one part where discs of that radius around them touch, 8-connected with 0.

        Returns:
            (..., H, W) int32, 0 outside the mask, and how many parts there are.
        """
        joined = self.within(mask, reach).reshape(-1, *mask.shape[-2:])
        neighbours = np.zeros((3, 3, 3), bool)
        neighbours[1] = True
        labels, count = self.ndimage.label(joined, structure=neighbours)
        return labels.reshape(mask.shape).astype(self.xp.int32, copy=False) * mask, int(count)

    def components(self, labels: NDArray[Any], count: int, scores: NDArray[Any]) -> Components:
        """Measures labelled parts.

        Args:
            labels: (..., H, W) int32, 0 outside, each of 1..count somewhere.
            count: how many labels there are.
            scores: (..., H, W) float32 in [0, 1].

        Returns:
            Their table on the host.
        """
        where = self.xp.nonzero(labels)
        owners, values = labels[where] - 1, scores[where]
        places = tuple(self.to_host(place) for place in where)
        return measure(self.to_host(owners).astype(np.int64), places, self.to_host(values), count=count)

    def _cells(self, image: NDArray[Any], size: int, rows: NDArray[Any], columns: NDArray[Any]) -> NDArray[Any]:
        """N cells of a picture (H, W, C), (N, size, size, C); the arguments are those of `cell_mean`."""
        height, width = (side // size for side in image.shape[:2])
        grid = image[: height * size, : width * size].reshape(height, size, width, size, image.shape[2])
        return grid[rows, :, columns]

    def _as(self, precise: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
        """Float results as the dtype of the input: rounded and held in range where that is uint8."""
        if dtype == np.uint8:
            precise = self.xp.clip(self.xp.rint(precise), 0, 255)
        return precise.astype(dtype)


def _signed(levels: NDArray[Any]) -> NDArray[Any]:
    """Levels in a type whose differences do not wrap."""
    return levels.astype(np.int16) if levels.dtype == np.uint8 else levels
