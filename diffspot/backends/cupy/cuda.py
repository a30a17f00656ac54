"""The primitives as CUDA kernels of our own, where CuPy's functions would need many passes over a batch of pictures.

CuPy compiles them at the first launch and keeps them on the disk.
"""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from diffspot.backends.components import Components
from diffspot.backends.device import row_strips
from diffspot.backends.fixed_point import blur_weights
from diffspot.backends.interface import SSIM_C1, SSIM_C2, Backend, blur_radius
from diffspot.backends.resampling import EDGE

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

    from diffspot.model import Matrix

FOLDER = Path(__file__).with_name("kernels")
FILES = ("common", "levels", "words", "extremes", "blur", "ssim", "parts", "warp")
OPTIONS = ("--std=c++17", "--fmad=false")
"""Contracted to fused multiplications and additions, equal windows would not have an SSIM of exactly 1."""
BLOCK = 128
"""Threads of a block: full warps, and several blocks fit on a multiprocessor, those that share memory too."""
MOST_BLOCKS = 1 << 20
"""Blocks along a row, at most; each thread takes several elements of what is larger."""
MOST_ROWS = (1 << 16) - 1
"""What CUDA allows."""
MOST_BLUR = 150
"""Px, the largest radius of a blur of levels: `BlurWeights` of blur.cu has room for it and 0, and no option asks for
more."""
SSIM_REACH = 5
"""Px, the largest radius of an SSIM window, `REACH` of ssim.cu."""
SSIM_SIDE = 32
"""Px, the side of an SSIM tile, `SIDE` of ssim.cu."""
WORD = 4
"""Levels that a thread takes at a time."""
STRETCH = 64
"""Rows of a column that a thread goes along, of parts.cu."""
STRIP_PIXELS = 1 << 22
"""Px that are worked on at a time: enough to fill a device, and float temporaries of them are 100 MB at most."""
LEVELS = 255


class CudaBackend(Backend):
    """Primitives for batches of pictures; see `Backend`."""

    def strips(self, shape: tuple[int, ...]) -> list[slice]:
        """See `Backend.strips`; they bound the memory that temporaries take."""
        return row_strips(shape, STRIP_PIXELS)

    def warp(self, image: NDArray[Any], matrix: Matrix, size: tuple[int, int]) -> tuple[NDArray[Any], NDArray[Any]]:
        """See `Backend.warp`."""
        (columns, rows), (height, width, channels) = size, image.shape
        moved = self.xp.empty((rows, columns, channels), image.dtype)
        inside = self.xp.empty((rows, columns), np.bool_)
        inverse = struct(np.linalg.inv(np.array(matrix)).ravel(), 9)
        arrays = self._whole(image), moved, inside
        sides = height, width, channels, rows, columns
        self._launch(f"warp_{image.dtype}", (columns, rows), *arrays, inverse, np.float64(EDGE), *sides)
        return moved, inside

    def gaussian_blur(self, image: NDArray[Any], sigma: float) -> NDArray[Any]:
        """See `Backend.gaussian_blur`."""
        radius = blur_radius(sigma)
        if sigma == 0 or image.dtype != np.uint8 or radius > MOST_BLUR:
            return super().gaussian_blur(image, sigma)
        weights = struct(np.array(blur_weights(sigma, radius)[radius:], np.int32), MOST_BLUR + 1)
        pictures, height, width, channels = _sides(image)
        length, rows = width * channels, pictures * height
        sums, result = self.xp.empty(image.shape, np.uint16), self.xp.empty(image.shape, np.uint8)
        along, across = (rows, width, channels, radius), (rows, height, length, radius)
        size = -(-length // WORD), rows
        self._launch("blur_rows", size, self._whole(image), sums, weights, *along)
        self._launch("blur_columns", size, sums, result, weights, *across)
        return result  # type: ignore[no-any-return]

    def local_minimum(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        """See `Backend.local_minimum`."""
        return self._local_extreme(image, radius, highest=False)

    def local_maximum(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        """See `Backend.local_maximum`."""
        return self._local_extreme(image, radius, highest=True)

    def _local_extreme(self, image: NDArray[Any], radius: int, *, highest: bool) -> NDArray[Any]:
        """Lowest or highest of each channel in the square around a pixel; masks go as bytes."""
        if radius == 0:
            return image
        whole = self._whole(image)
        levels = whole.view(np.uint8) if image.dtype == np.bool_ else whole
        pictures, height, width, channels = _sides(levels)
        length, rows = width * channels, pictures * height
        lines, result = self.xp.empty(levels.shape, levels.dtype), self.xp.empty(levels.shape, levels.dtype)
        along, across = (rows, length, channels, radius), (rows, height, length, radius)
        size = -(-length // WORD), rows
        self._launch(f"extreme_rows_{levels.dtype}", size, levels, lines, *along, np.bool_(highest))
        self._launch(f"extreme_columns_{levels.dtype}", size, lines, result, *across, np.bool_(highest))
        return result.view(image.dtype)  # type: ignore[no-any-return]

    def local_range(self, image: NDArray[Any], radius: int) -> NDArray[Any]:
        """See `Backend.local_range`."""
        pictures, height, width, channels = _sides(image)
        rows, length = pictures * height, width * channels
        low, high = (self.xp.empty(image.shape, image.dtype) for _ in range(2))
        result = self.xp.empty(image.shape[:-1], image.dtype)
        along, across = (rows, length, channels, radius), (rows, height, width, channels, radius)
        size = -(-length // WORD), rows
        self._launch(f"range_rows_{image.dtype}", size, self._whole(image), low, high, *along)
        self._launch(f"range_columns_{image.dtype}", (-(-width // WORD), rows), low, high, result, *across)
        return result  # type: ignore[no-any-return]

    def blend(self, near: NDArray[Any], far: NDArray[Any], share: float) -> NDArray[Any]:
        """See `Backend.blend`."""
        result = self.xp.empty(near.shape, near.dtype)
        shares = np.float32(1 - share), np.float32(share)
        arrays = self._whole(near), self._whole(far)
        self._launch(f"blend_{near.dtype}", (near.size, 1), *arrays, *shares, result, np.uint64(near.size))
        return result  # type: ignore[no-any-return]

    def absdiff(self, reference: NDArray[Any], candidate: NDArray[Any]) -> NDArray[Any]:
        """See `Backend.absdiff`."""
        return self._of_pixels("absdiff", reference, candidate)

    def excess(self, image: NDArray[Any], low: NDArray[Any], high: NDArray[Any]) -> NDArray[Any]:
        """See `Backend.excess`."""
        return self._of_pixels("excess", image, low, high)

    def _of_pixels(self, name: str, *pictures: NDArray[Any]) -> NDArray[Any]:
        """(..., H, W) levels that a kernel works out of each pixel of pictures of one shape by itself."""
        shape, dtype = pictures[0].shape, pictures[0].dtype
        result = self.xp.empty(shape[:-1], dtype)
        arrays = (self._whole(one) for one in pictures)
        self._launch(f"{name}_{dtype}", (result.size, 1), *arrays, result, np.uint64(result.size), shape[-1])
        return result  # type: ignore[no-any-return]

    def ssim(self, reference: NDArray[Any], candidate: NDArray[Any], sigma: float) -> NDArray[Any]:
        """See `Backend.ssim`."""
        radius = blur_radius(sigma)
        if radius > SSIM_REACH:
            return super().ssim(reference, candidate, sigma)
        shares = np.exp(-0.5 / sigma**2 * np.arange(-radius, radius + 1) ** 2)
        weights = struct((shares / shares.sum())[radius:].astype(np.float32), SSIM_REACH + 1)
        constants = np.float32(SSIM_C1 * LEVELS**2), np.float32(SSIM_C2 * LEVELS**2)
        pictures, height, width, channels = sides = _sides(reference)
        result = self.xp.empty(reference.shape[:-1], np.float32)
        tiles = pictures * -(-height // SSIM_SIDE) * -(-width // SSIM_SIDE) if channels else 0
        arrays = self._whole(reference), self._whole(candidate), result
        self._launch(f"ssim_{reference.dtype}", (tiles * BLOCK, 1), *arrays, weights, *constants, *sides)
        return result  # type: ignore[no-any-return]

    def within(self, mask: NDArray[Any], reach: float) -> NDArray[Any]:
        """See `Backend.within`."""
        pictures, height, width, _ = _sides(mask[..., None])
        rows, far = pictures * height, math.floor(min(reach, max(height, width)))  # further is out of the picture
        limit = math.floor(min(reach * reach, height**2 + width**2))
        gaps, result = self.xp.empty(mask.shape, np.int32), self.xp.empty(mask.shape, np.bool_)
        size = width, pictures * -(-height // STRETCH)
        self._launch("near_columns", size, self._whole(mask), gaps, pictures, height, width, far)
        self._launch("near_rows", (width, rows), gaps, result, rows, width, far, np.int64(limit))
        return result  # type: ignore[no-any-return]

    def components(self, labels: NDArray[Any], count: int, scores: NDArray[Any]) -> Components:
        """See `Backend.components`; means are off by 2^-32 at most."""
        pictures, height, width, _ = _sides(labels[..., None])
        table = self.xp.zeros((8, count), np.uint64)
        size = width, pictures * -(-height // STRETCH)
        arrays = self._whole(labels), self._whole(scores), table
        self._launch("measure_parts", size, *arrays, count, pictures, height, width)
        left, top, right, bottom, areas, peaks, sums, places = self.to_host(table).astype(np.int64)
        x, y = width - left, height - top
        boxes = np.stack([x, y, right - x, bottom - y], axis=1)
        highest = peaks.astype(np.uint32).view(np.float32).astype(np.float64)
        return Components(boxes, areas, highest, sums / 2.0**32 / np.maximum(areas, 1), places)

    def _whole(self, array: NDArray[Any]) -> NDArray[Any]:
        """The array without gaps, as kernels need it."""
        return self.xp.ascontiguousarray(array)  # type: ignore[no-any-return]

    def _launch(self, name: str, size: tuple[int, int], *arguments: object) -> None:
        """Runs a kernel for so many (columns, rows).

        Args:
            name: of the kernel.
            size: elements that threads can take; where it is nothing, nothing is run.
            arguments: contiguous arrays of the device, or numbers: a Python int is a C int, all else has its dtype.
        """
        columns, rows = size
        if columns and rows:
            grid = (min(-(-columns // BLOCK), MOST_BLOCKS), min(rows, MOST_ROWS))
            given = tuple(np.int32(one) if type(one) is int else one for one in arguments)
            _module(self.xp).get_function(name)(grid, (BLOCK,), given)


def _sides(pictures: NDArray[Any]) -> tuple[int, int, int, int]:
    """How many pictures there are, and height, width and channels of each."""
    height, width, channels = pictures.shape[-3:]
    return math.prod(pictures.shape[:-3]), height, width, channels


def source() -> str:
    """All kernels, one file after the other."""
    return "\n".join((FOLDER / f"{name}.cu").read_text(encoding="ascii") for name in FILES)


def struct(values: NDArray[Any], length: int) -> NDArray[Any]:
    """Numbers as a kernel takes a struct of one array that has room for so many: by value, without a transfer."""
    packed = np.zeros((), [("of", values.dtype, (length,))])
    packed["of"][: len(values)] = values
    return packed


@cache
def _module(xp: ModuleType) -> Any:  # noqa: ANN401  of CuPy, which has no types
    return xp.RawModule(code=source(), options=OPTIONS)
