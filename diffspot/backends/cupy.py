"""The GPU backend: CuPy's arrays, and the device that they live on."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from diffspot.backends.cuda import CudaBackend
from diffspot.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from numpy.typing import NDArray

INSTALL = "pip install 'diffspot[gpu]' (CUDA 12) or 'diffspot[gpu13]' (CUDA 13)"

_TURN = threading.RLock()
"""Held by the thread whose pair is on the device: one pair fills it, and two would need the memory of both."""


class CupyBackend(CudaBackend):
    """See `Backend`.

    Raises:
        BackendError: CuPy is not installed, or finds no GPU that works.
    """

    name = "cupy"

    def __init__(self) -> None:
        self.xp = _import_cupy()
        self.device = _find_device(self.xp)

    @cached_property
    def ndimage(self) -> ModuleType:
        """See `Backend.ndimage`."""
        import cupyx.scipy.ndimage  # noqa: PLC0415

        return cupyx.scipy.ndimage  # type: ignore[no-any-return]

    def describe(self) -> str:
        """See `Backend.describe`."""
        runtime = self.xp.cuda.runtime
        memory = runtime.getDeviceProperties(runtime.getDevice())["totalGlobalMem"] / 2**30
        return f"{self.device}, {memory:.1f} GiB, driver for {_cuda(runtime.driverGetVersion())}"

    @contextmanager
    def turn(self) -> Iterator[None]:
        """See `Backend.turn`.

        Raises:
            BackendError: the device has not enough memory for the pair.
        """
        with _TURN:
            try:
                yield
            except self.xp.cuda.memory.OutOfMemoryError as error:
                raise BackendError(
                    f"The pair needs more memory than {self.device} has free; use --backend numpy."
                ) from error

    def to_host(self, array: NDArray[Any]) -> NDArray[Any]:
        """See `Backend.to_host`."""
        return self.xp.asnumpy(array)  # type: ignore[no-any-return]


def _import_cupy() -> ModuleType:
    try:
        import cupy  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise BackendError(f"--backend cupy needs CuPy, which is not installed; {INSTALL}.") from error
    except ImportError as error:
        raise BackendError(f"CuPy is installed but does not load ({_sentence(error)}); {INSTALL}.") from error
    return cupy  # type: ignore[no-any-return]


def _find_device(cupy: ModuleType) -> str:
    """The name of the device that CuPy works on, once a kernel has run there."""
    runtime = cupy.cuda.runtime
    try:
        name = runtime.getDeviceProperties(runtime.getDevice())["name"].decode()
    except runtime.CUDARuntimeError as error:
        driver, wanted = (_cuda(version()) for version in (runtime.driverGetVersion, runtime.runtimeGetVersion))
        raise BackendError(
            f"--backend cupy finds no GPU ({_sentence(error)}; driver: {driver}, CuPy: {wanted}); install or update "
            "the NVIDIA driver, or use --backend numpy."
        ) from error
    try:
        cupy.arange(1).sum().item()
    except Exception as error:  # whatever a broken installation raises
        raise BackendError(
            f"CuPy does not work on {name} ({type(error).__name__}: {_sentence(error)}); {INSTALL}, or use "
            "--backend numpy."
        ) from error
    return name  # type: ignore[no-any-return]


def _cuda(version: int) -> str:
    """A version as CUDA's functions give it; a driver that is not there has version 0."""
    return "none" if not version else f"CUDA {version // 1000}.{version % 1000 // 10}"


def _sentence(error: Exception) -> str:
    """The first line of what CuPy says, without its full stop."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
