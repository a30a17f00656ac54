"""The GPU backend: CuPy's arrays, and the device that they live on."""

from __future__ import annotations

import threading
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from diffspot.backends.batching import Batcher
from diffspot.backends.cupy.cuda import CudaBackend
from diffspot.backends.limit import ByteLimit
from diffspot.errors import BackendError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence
    from contextlib import AbstractContextManager
    from types import ModuleType

    from numpy.typing import NDArray

    from diffspot.backends.device import Found, Request

INSTALL = "pip install 'diffspot[gpu]' (CUDA 12) or 'diffspot[gpu13]' (CUDA 13)"

DEVICE_BYTES = 100
"""Bytes a pixel of a pair, on the device at the peak of a comparison: 95 of an RGB pair with 8 bits and 0.5 megapixels,
fewer of larger ones, whose noise is measured on a sample; 150 with 16 bits, which is then tried again where it does not
fit."""
ROOM = 0.8
"""Share of the device's free memory that pairs may take; CuPy's allocator rounds up, and others may come."""
ALL_ROOM = 1 << 62
"""Bytes; who asks for that much is alone on the device."""


class CupyBackend(CudaBackend):
    """See `Backend`.

    Raises:
        BackendError: CuPy is not installed, or finds no GPU that works.
    """

    name = "cupy"

    def __init__(self) -> None:
        self.xp = _import_cupy()
        self.device = _find_device(self.xp)
        self.shared = _shared(self.xp)

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

    def with_memory(self, work: Callable[[], Found], pixels: int) -> Found:
        """See `Device.with_memory`; what does not fit beside other pairs is tried again alone."""
        try:
            with self.shared.room.reserve(pixels * DEVICE_BYTES), _own_stream(self):
                return work()
        except self.xp.cuda.memory.OutOfMemoryError as error:
            error.__traceback__ = None  # its frames hold arrays
        with self.shared.room.reserve(ALL_ROOM), _own_stream(self):
            self.xp.get_default_memory_pool().free_all_blocks()
            try:
                return work()
            except self.xp.cuda.memory.OutOfMemoryError:
                raise BackendError(
                    f"The pair needs more memory than {self.device} has free; use --backend numpy."
                ) from None

    def batched(
        self, work: Callable[[Sequence[Request]], Sequence[Found]], request: Request, batch_key: Hashable
    ) -> Found:
        """See `Device.batched`; a batch is what has gathered while the device was busy with the one before."""

        def work_on_one_stream(batch: Sequence[Request]) -> Sequence[Found]:
            with self.shared.stream:  # or each thread's part of the memory pool would keep what a batch takes
                return work(batch)

        self.xp.cuda.get_current_stream().synchronize()
        return self.shared.batcher.call(work_on_one_stream, request, batch_key)  # type: ignore[no-any-return]

    def to_host(self, array: NDArray[Any]) -> NDArray[Any]:
        """See `Backend.to_host`."""
        return self.xp.asnumpy(array)  # type: ignore[no-any-return]


def _own_stream(backend: CupyBackend) -> AbstractContextManager[Any]:
    """The calling thread's stream, so that its transfers overlap with the work and the decoding of others."""
    mine = backend.shared.mine
    if not hasattr(mine, "stream"):
        mine.stream = _stream(backend.xp)
    return mine.stream  # type: ignore[no-any-return]


def _stream(xp: ModuleType) -> AbstractContextManager[Any]:
    """A stream that waits for no other."""
    return xp.cuda.Stream(non_blocking=True)  # type: ignore[no-any-return]


class _Shared(NamedTuple):
    """What all who work on the device share.

    Attributes:
        room: its memory.
        batcher: what is worked on together.
        stream: on which batches are worked on.
        mine: each thread's own stream.
    """

    room: ByteLimit
    batcher: Batcher
    stream: AbstractContextManager[Any]
    mine: threading.local


@cache
def _shared(xp: ModuleType) -> _Shared:
    free, _ = xp.cuda.Device().mem_info
    return _Shared(ByteLimit(int(ROOM * free)), Batcher(), _stream(xp), threading.local())


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
