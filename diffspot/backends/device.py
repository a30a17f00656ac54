"""Devices: where a backend's arrays live, and how work is scheduled there."""

from __future__ import annotations

import math
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator, Sequence
    from types import ModuleType

    from numpy.typing import NDArray

    Numbers = float | NDArray[np.float64]
    """A number, or one for each picture of a batch: (N, 1, 1), on the host."""

Request = TypeVar("Request")
Found = TypeVar("Found")


def row_strips(shape: tuple[int, ...], pixels: int) -> list[slice]:
    """Rows of a picture of that shape, (H, W, ...), so many px at a time and at least one row."""
    rows = max(1, pixels // max(1, shape[1]))
    return [slice(row, row + rows) for row in range(0, shape[0], rows)]


class Device:
    """The processor, with NumPy's arrays and SciPy's functions on them."""

    name = "reference"
    device = "CPU"
    """What it runs on, for people."""
    xp: ModuleType = np
    windowed: bool = False
    """Whether it pays to work in windows around what differs rather than on whole pictures."""

    @cached_property
    def ndimage(self) -> ModuleType:
        """`scipy.ndimage` or its like for `xp`; imported late because it is slow to import."""
        import scipy.ndimage  # noqa: PLC0415

        return scipy.ndimage  # type: ignore[no-any-return]

    def describe(self) -> str:
        """The device, with what there is to say of it."""
        return self.device

    @contextmanager
    def threads(self, count: int) -> Iterator[None]:
        """Within the block OpenCV uses so many threads at most; pairs that run side by side share what there are."""
        import cv2  # noqa: PLC0415  slow to import

        before = cv2.getNumThreads()
        cv2.setNumThreads(count)
        try:
            yield
        finally:
            cv2.setNumThreads(before)

    def with_memory(self, work: Callable[[], Found], pixels: int) -> Found:
        """What `work` returns, which may put a pair of so many pixels each on the device; waits for room there.

        Raises:
            BackendError: the device has too little memory for the pair alone.
        """
        del pixels
        return work()

    def batched(
        self, work: Callable[[Sequence[Request]], Sequence[Found]], request: Request, batch_key: Hashable
    ) -> Found:
        """What `work` finds for a request, called with a batch of one.

        A backend may call it with the requests of several threads, where `batch_key` is equal.
        """
        del batch_key
        return work([request])[0]

    def strips(self, shape: tuple[int, ...]) -> list[slice]:
        """Rows of a picture of that shape, (H, W, ...), to work on at a time where neighbours do not count."""
        return [slice(0, shape[0])]

    def from_host(self, array: NDArray[Any]) -> NDArray[Any]:
        """A NumPy array as an array of this backend."""
        return self.xp.asarray(array)  # type: ignore[no-any-return]

    def as_scalars(self, numbers: Numbers, plane: NDArray[Any]) -> Any:  # noqa: ANN401  a scalar or an array of `xp`
        """Numbers in the type in which they meet (..., H, W) planes: float32, or float64 where levels are whole."""
        kind = np.float32 if plane.dtype == np.float32 else np.float64
        return self.from_host(numbers.astype(kind)) if isinstance(numbers, np.ndarray) else kind(numbers)

    def reaching(self, levels: NDArray[Any], least: Numbers) -> NDArray[Any]:
        """(..., H, W) bool: where levels reach a number; whole ones meet a whole one, in a tenth of the time."""
        if levels.dtype == np.uint8 and not isinstance(least, np.ndarray):
            return levels >= math.ceil(least) if least <= np.iinfo(np.uint8).max else levels < 0
        return levels >= self.as_scalars(least, levels)  # type: ignore[no-any-return]

    def exceeding(self, levels: NDArray[Any], limit: float) -> NDArray[Any]:
        """(...) bool: where levels exceed a number from 0 on; whole ones meet a whole one, in a sixth of the time."""
        whole = levels.dtype.kind in "iu"  # which has to be of their type: the highest level exceeds none
        return levels > (math.floor(min(limit, np.iinfo(levels.dtype).max)) if whole else limit)

    def to_host(self, array: NDArray[Any]) -> NDArray[Any]:
        """An array of this backend as a NumPy array."""
        return np.asarray(array)
