"""Launches of our CUDA kernels through CuPy, which compiles them at the first launch and keeps them on the disk."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from types import ModuleType

    from numpy.typing import NDArray

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


def source() -> str:
    """All kernels, one file after the other."""
    return "\n".join((FOLDER / f"{name}.cu").read_text(encoding="ascii") for name in FILES)


def launch(xp: ModuleType, name: str, size: tuple[int, int], *arguments: object) -> None:
    """Runs a kernel for so many (columns, rows).

    Args:
        xp: CuPy.
        name: of the kernel.
        size: elements that threads can take; where it is nothing, nothing is run.
        arguments: contiguous arrays of the device, or numbers: a Python int is a C int, all else has its dtype.
    """
    columns, rows = size
    if columns and rows:
        grid = (min(-(-columns // BLOCK), MOST_BLOCKS), min(rows, MOST_ROWS))
        given = tuple(np.int32(one) if type(one) is int else one for one in arguments)
        _module(xp).get_function(name)(grid, (BLOCK,), given)


def struct(values: NDArray[Any], length: int) -> NDArray[Any]:
    """Numbers as a kernel takes a struct of one array that has room for so many: by value, without a transfer."""
    packed = np.zeros((), [("of", values.dtype, (length,))])
    packed["of"][: len(values)] = values
    return packed


@cache
def _module(xp: ModuleType) -> Any:  # noqa: ANN401  of CuPy, which has no types
    return xp.RawModule(code=source(), options=OPTIONS)
