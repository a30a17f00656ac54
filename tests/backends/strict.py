"""A stand-in for CuPy that computes with NumPy and refuses what CuPy refuses.

Its arrays turn into NumPy's by `asnumpy` alone: NumPy's functions, and arithmetic with a NumPy array, raise as they do
with CuPy's arrays. What it offers is what CuPy has under that name, with CuPy's keywords; all else is missing. Kernels
of `RawModule` run on the processor, see `host`.
"""

from __future__ import annotations

import gc
import operator
import sys
import threading
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from tests.backends import host

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

DEVICE = "Stand-in GPU"
# fmt: off
FUNCTIONS = [
    "abs", "arange", "argmax", "ascontiguousarray", "bincount", "cbrt", "ceil", "clip", "concatenate", "count_nonzero",
    "cumsum", "empty",
    "empty_like", "floor", "logical_and", "maximum", "meshgrid", "minimum", "nonzero", "ones", "rint", "sqrt",
    "stack", "subtract", "where", "zeros", "zeros_like",
]
METHODS = ["all", "any", "astype", "clip", "copy", "max", "mean", "min", "repeat", "reshape", "sum", "view"]
OPERATORS = ["add", "sub", "mul", "truediv", "pow", "rshift", "and", "or", "lt", "le", "gt", "ge", "eq", "ne"]
# fmt: on
KEYWORDS = {
    "correlate1d": {"axis", "mode"},
    "distance_transform_edt": set[str](),
    "gaussian_filter": {"mode", "truncate"},
    "label": {"structure"},
    "maximum_filter": {"mode"},
    "minimum_filter": {"mode"},
    "uniform_filter": {"mode"},
}
"""Functions of `cupyx.scipy.ndimage`, and the keywords of theirs that mean the same as SciPy's."""


class Strict:
    """An array that behaves like CuPy's."""

    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, array: Any) -> None:  # noqa: ANN401
        self.held = np.asarray(array)

    def __array__(self, *_: object, **__: object) -> None:
        raise TypeError("Implicit conversion to a NumPy array is not allowed.")

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        if name in ("shape", "dtype", "ndim", "size", "itemsize", "nbytes"):
            return getattr(self.held, name)
        if name in METHODS:
            return lambda *given, **named: _called(getattr(self.held, name), given, named)
        raise AttributeError(f"CuPy's arrays are not asked for {name!r} here.")

    @property
    def T(self) -> Strict:  # noqa: N802
        return Strict(self.held.T)

    def item(self) -> Any:  # noqa: ANN401
        return self.held.item()

    def __getitem__(self, key: Any) -> Strict:  # noqa: ANN401
        return Strict(self.held[_index(key)])

    def __setitem__(self, key: Any, value: Any) -> None:  # noqa: ANN401
        self.held[_index(key)] = _plain(value)

    def __len__(self) -> int:
        return len(self.held)

    def __bool__(self) -> bool:
        return bool(self.held)

    def __int__(self) -> int:
        return int(self.held)

    def __float__(self) -> float:
        return float(self.held)

    def __invert__(self) -> Strict:
        return Strict(~self.held)

    def __neg__(self) -> Strict:
        return Strict(-self.held)

    def __abs__(self) -> Strict:
        return Strict(abs(self.held))


def _define(name: str) -> None:
    function = getattr(operator, name + "_" if name in ("and", "or") else name)
    in_place = getattr(operator, f"i{name}", None)

    def plain(self: Strict, other: Any) -> Strict:  # noqa: ANN401
        return Strict(function(self.held, _plain(other)))

    def swapped(self: Strict, other: Any) -> Strict:  # noqa: ANN401
        return Strict(function(_plain(other), self.held))

    def assigned(self: Strict, other: Any) -> Strict:  # noqa: ANN401
        self.held = in_place(self.held, _plain(other))  # type: ignore[misc]
        return self

    setattr(Strict, f"__{name}__", plain)
    if in_place:
        setattr(Strict, f"__r{name}__", swapped)
        setattr(Strict, f"__i{name}__", assigned)


for _name in OPERATORS:
    _define(_name)


def _plain(value: Any) -> Any:  # noqa: ANN401
    """What the device computes with; a NumPy array is none of its own."""
    if isinstance(value, Strict):
        return value.held
    if isinstance(value, np.ndarray):
        raise TypeError("Unsupported type <class 'numpy.ndarray'>")
    return type(value)(map(_plain, value)) if isinstance(value, list | tuple) else value


def _index(key: Any) -> Any:  # noqa: ANN401
    """CuPy takes NumPy's arrays as indices."""
    parts = key if isinstance(key, tuple) else (key,)
    plain = tuple(part.held if isinstance(part, Strict) else part for part in parts)
    return plain if isinstance(key, tuple) else plain[0]


def _called(function: Callable[..., Any], given: Any, named: dict[str, Any]) -> Any:  # noqa: ANN401
    """The arrays of a result as the device's; results of one number stay there too, as arrays without axes."""
    result = function(*_plain(given), **{name: _plain(value) for name, value in named.items()})
    if isinstance(result, tuple | list):
        return type(result)(map(Strict, result))
    return Strict(result)


def _of_numpy(name: str) -> Callable[..., Any]:
    return lambda *given, **named: _called(getattr(np, name), given, named)


def _of_fft(name: str) -> Callable[..., Any]:
    return lambda array, **named: _called(getattr(np.fft, name), (array,), named)


def _of_ndimage(name: str) -> Callable[..., Any]:
    def call(image: Strict, *given: Any, **named: Any) -> Any:  # noqa: ANN401
        import scipy.ndimage  # noqa: PLC0415  the GPU's own tests do without it

        assert isinstance(image, Strict)
        assert set(named) <= KEYWORDS[name]
        if name == "label":
            labels, count = scipy.ndimage.label(image.held, structure=named["structure"])
            return Strict(labels.astype(np.int32)), count
        return Strict(getattr(scipy.ndimage, name)(image.held, *_plain(given), **named))

    return call


def _kernels(*, code: str, options: tuple[str, ...]) -> SimpleNamespace:
    """`cupy.RawModule`."""
    assert "--fmad=false" in options
    return SimpleNamespace(get_function=lambda name: lambda *given: _launched(code, name, *given))


def _launched(code: str, name: str, grid: tuple[int, int], block: tuple[int], given: tuple[Any, ...]) -> None:
    assert all(0 < side < 1 << 31 for side in (*grid, *block))
    assert grid[1] < 1 << 16
    assert not [one for one in given if isinstance(one, np.ndarray) and one.size != 1], "only structs go by value"
    host.launch(code, name, grid, [_plain(one) if isinstance(one, Strict) else host.Value(one) for one in given])


class Stream:
    """`cupy.cuda.Stream`: what is done at once is never behind."""

    def __init__(self, *, non_blocking: bool = False) -> None:
        assert non_blocking

    def __enter__(self) -> Self:
        self._outer, CURRENT.stream = CURRENT.stream, self
        return self

    def __exit__(self, *_: object) -> None:
        CURRENT.stream = self._outer

    def synchronize(self) -> None:
        assert CURRENT.stream is self


class Current(threading.local):
    """Each thread's stream; before it has set one, the one that all share."""

    stream = Stream(non_blocking=True)


CURRENT = Current()


def install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets `import cupy` find the stand-in, on a machine with a device."""
    cupy, ndimage = ModuleType("cupy"), ModuleType("cupyx.scipy.ndimage")
    for name in FUNCTIONS:
        setattr(cupy, name, _of_numpy(name))
    for name in KEYWORDS:
        setattr(ndimage, name, _of_ndimage(name))

    class CUDARuntimeError(RuntimeError):
        pass

    class OutOfMemoryError(MemoryError):
        pass

    runtime = SimpleNamespace(
        CUDARuntimeError=CUDARuntimeError,
        getDevice=lambda: 0,
        getDeviceProperties=lambda _: {"name": DEVICE.encode(), "totalGlobalMem": 8 << 30},
        driverGetVersion=lambda: 12090,
        runtimeGetVersion=lambda: 12090,
    )
    held: dict[str, Any] = {
        "__version__": "0.0",
        "asarray": lambda array, dtype=None: Strict(np.array(array, dtype)),
        "asnumpy": lambda array: array.held if isinstance(array, Strict) else np.asarray(array),
        "cuda": SimpleNamespace(
            Device=lambda: SimpleNamespace(mem_info=(6 << 30, 8 << 30)),
            Stream=Stream,
            get_current_stream=lambda: CURRENT.stream,
            memory=SimpleNamespace(OutOfMemoryError=OutOfMemoryError),
            runtime=runtime,
        ),
        "get_default_memory_pool": lambda: SimpleNamespace(free_all_blocks=gc.collect),
        "float32": np.float32,
        "int32": np.int32,
        "int64": np.int64,
        "RawModule": _kernels,
    }
    vars(cupy).update(held)
    cupy.fft = SimpleNamespace(rfft2=_of_fft("rfft2"), irfft2=_of_fft("irfft2"))  # type: ignore[attr-defined]
    parents = {"cupyx": ModuleType("cupyx"), "cupyx.scipy": ModuleType("cupyx.scipy")}
    parents["cupyx"].scipy, parents["cupyx.scipy"].ndimage = parents["cupyx.scipy"], ndimage  # type: ignore[attr-defined]
    for name, module in {"cupy": cupy, **parents, "cupyx.scipy.ndimage": ndimage}.items():
        monkeypatch.setitem(sys.modules, name, module)
