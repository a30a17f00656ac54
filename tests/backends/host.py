"""Runs CUDA kernels on the processor, where there is a C++ compiler; host.h says how."""

from __future__ import annotations

import ctypes
import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

COMPILER = (shutil.which("c++") or shutil.which("g++")) if sys.platform == "linux" else None
"""host.h switches between threads as GNU's library offers it."""
FLAGS = ["-O2", "-std=c++17", "-ffp-contract=off", "-shared", "-fPIC"]
HEADER = Path(__file__).with_name("host.h")
BUILT = HEADER.parent.parent.parent / "out" / "kernels"
"""Compiled kernels, by a digest of all that they are made of."""


class Value(NamedTuple):
    """What a kernel takes by value: a number of NumPy's, or a structured array of one."""

    held: Any


def kernel_names(code: str) -> list[str]:
    """The kernels of a source, those that macros make included."""
    expanded = subprocess.run(
        [str(COMPILER), "-E", "-P", "-x", "c++", "-D__global__=__global__", "-"],
        input=code,
        check=True,
        capture_output=True,
        text=True,
    )
    return re.findall(r'extern "C" __global__ void (\w+)', expanded.stdout)


def launch(code: str, name: str, grid: tuple[int, int], given: Sequence[NDArray[Any] | Value]) -> None:
    """Runs a kernel with arrays, of which it gets the address, and values."""
    held = [_by_address(one) if isinstance(one, np.ndarray) else np.array(one.held) for one in given]
    library = compiled(code)
    sizes = getattr(library, f"sizes_{name}")
    sizes.restype = ctypes.POINTER(ctypes.c_size_t)
    assert [one.nbytes for one in held] == sizes()[: len(held)], name
    assert not sizes()[len(held)], name
    addresses = (ctypes.c_void_p * len(held))(*(one.ctypes.data for one in held))
    getattr(library, f"launch_{name}")(*grid, addresses)


def _by_address(array: NDArray[Any]) -> NDArray[np.uint64]:
    assert array.flags.c_contiguous
    return np.array(array.ctypes.data, np.uint64)


@cache
def compiled(code: str) -> ctypes.CDLL:
    """The kernels of a source as functions of this process; compiled by the first one that needs them."""
    assert COMPILER
    made_of = "\n".join([COMPILER, *FLAGS, HEADER.read_text(), code])
    library = BUILT / f"{hashlib.sha256(made_of.encode()).hexdigest()}.so"
    if not library.exists():
        _compile(COMPILER, code, library)
    return ctypes.CDLL(str(library))


def _compile(compiler: str, code: str, library: Path) -> None:
    """Writes the library whole or not at all: other processes may look for it, or write it, too."""
    launches = "".join(f"LAUNCH({name})\n" for name in kernel_names(code))
    BUILT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILT) as folder:
        source, whole = Path(folder) / "kernels.cpp", Path(folder) / "kernels.so"
        source.write_text(f'#include "{HEADER}"\n{code}\n{launches}')
        subprocess.run([compiler, *FLAGS, str(source), "-o", str(whole)], check=True)
        whole.replace(library)
