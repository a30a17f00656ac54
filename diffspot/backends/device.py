"""Where a backend's arrays live, and who works on them."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from numpy.typing import NDArray


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
        """Within the block primitives use so many threads at most; pairs that run side by side share what there are."""
        del count
        yield

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Within the block the calling thread alone works on the device, where threads share one."""
        yield

    def strips(self, shape: tuple[int, ...]) -> list[slice]:
        """Rows of a picture of that shape, (H, W, ...), to work on at a time where neighbours do not count."""
        return [slice(0, shape[0])]

    def from_host(self, array: NDArray[Any]) -> NDArray[Any]:
        """A NumPy array as an array of this backend."""
        return self.xp.asarray(array)  # type: ignore[no-any-return]

    def to_host(self, array: NDArray[Any]) -> NDArray[Any]:
        """An array of this backend as a NumPy array."""
        return np.asarray(array)
