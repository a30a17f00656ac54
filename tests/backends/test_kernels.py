"""The CUDA kernels: they compile, round as the reference body does, and give what it gives."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pytest

from diffspot.backends.cupy import DIRECT_RADIUS, KERNEL_OPTIONS, KERNELS
from diffspot.backends.interface import Backend
from tests.backends.nvrtc import compile_cuda, library
from tests.backends.opened import STAND_IN, opened

if TYPE_CHECKING:
    import ctypes

ARCHITECTURES = ["compute_75", "compute_90", "compute_120"]
"""The oldest that CUDA 13 still compiles for, that of data centres, and the newest that CUDA 12 knows."""
SOURCE = KERNELS.read_text(encoding="ascii")
NAMES = set(re.findall(r'extern "C" __global__ void (\w+)', SOURCE))


@pytest.fixture(scope="module")
def nvrtc() -> ctypes.CDLL:
    found = library()
    if not found:
        pytest.skip("NVRTC does not load; pip install nvidia-cuda-nvrtc-cu12 where NVIDIA offers it")
    return found


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_they_compile(nvrtc: ctypes.CDLL, architecture: str) -> None:
    verdict, log, ptx = compile_cuda(nvrtc, SOURCE, (*KERNEL_OPTIONS, f"-arch={architecture}"))
    assert (verdict, log) == (0, "")
    assert set(re.findall(rb"\.entry (\w+)", ptx)) == {name.encode() for name in NAMES}


def test_what_does_not_compile_is_told(nvrtc: ctypes.CDLL) -> None:
    verdict, log, _ = compile_cuda(nvrtc, SOURCE + "\nfault", KERNEL_OPTIONS)
    assert verdict
    assert "kernels.cu" in log


def test_nothing_is_contracted(nvrtc: ctypes.CDLL) -> None:
    contracted = re.compile(rb"\bfma\.rn\.f32\b")
    assert not contracted.search(compile_cuda(nvrtc, SOURCE, KERNEL_OPTIONS)[2])
    assert contracted.search(compile_cuda(nvrtc, SOURCE, ("--std=c++17",))[2])


@pytest.mark.parametrize("name", ["local_minimum", "local_maximum"])
@pytest.mark.parametrize("kind", [np.uint8, np.bool_, np.float32])
@pytest.mark.parametrize("radius", [0, 1, DIRECT_RADIUS, DIRECT_RADIUS + 1])
def test_local_extremes(
    name: str, kind: type, radius: int, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = opened(STAND_IN, monkeypatch)
    for shape in ((1, 1), (5, 9), (9, 5, 1), (23, 40, 3), (40, 23, 4), (2, 70, 2), (0, 8, 3)):
        image = rng.integers(0, 2 if kind is np.bool_ else 256, shape).astype(kind)
        for given in (image, image[::-1]):
            found = backend.to_host(getattr(backend, name)(backend.from_host(given), radius))
            assert found.dtype == kind
            np.testing.assert_array_equal(found, getattr(Backend(), name)(given, radius))
