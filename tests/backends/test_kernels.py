"""The CUDA kernels: they compile, stay within what a multiprocessor has, and are contracted where it is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from diffspot.backends.cupy import cuda
from diffspot.backends.cupy.cuda import OPTIONS, source
from diffspot.backends.interface import blur_radius
from diffspot.options.types import MOST_BLUR
from diffspot.pipeline.metrics.ssim import WINDOW_SIGMA
from tests.backends.nvrtc import compile_cuda, library

if TYPE_CHECKING:
    import ctypes

ARCHITECTURES = ["compute_75", "compute_90", "compute_120"]
"""The oldest that CUDA 13 still compiles for, that of data centres, and the newest that CUDA 12 knows."""
MOST_SHARED = 48 << 10
"""Bytes that a block may have on every architecture."""


@pytest.fixture(scope="module")
def nvrtc() -> ctypes.CDLL:
    found = library()
    if not found:
        pytest.skip("NVRTC does not load; pip install nvidia-cuda-nvrtc-cu12 where NVIDIA offers it")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_they_compile(nvrtc: ctypes.CDLL, architecture: str) -> None:
    verdict, log, ptx = compile_cuda(nvrtc, source(), (*OPTIONS, f"-arch={architecture}"))
    assert (verdict, log) == (0, "")
    assert {b"ssim_uint8", b"measure_parts", b"warp_float32"} < set(re.findall(rb"\.entry (\w+)", ptx))


def test_what_does_not_compile_is_told(nvrtc: ctypes.CDLL) -> None:
    verdict, log, _ = compile_cuda(nvrtc, source() + "\nfault", OPTIONS)
    assert verdict
    assert "kernels.cu" in log


@pytest.mark.slow
def test_they_stay_in_registers_and_in_shared_memory(nvrtc: ctypes.CDLL) -> None:
    _, log, _ = compile_cuda(nvrtc, source(), (*OPTIONS, "-arch=sm_90", "--ptxas-options=-v"))
    kernels = log.split("Compiling entry function ")[1:]
    assert len(kernels) > 20
    for kernel in kernels:
        assert " 0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads" in kernel
        shared = re.search(r"(\d+) bytes smem", kernel)
        assert int(shared[1] if shared else 0) <= MOST_SHARED, kernel


@pytest.mark.slow
def test_nothing_is_contracted_but_what_says_so(nvrtc: ctypes.CDLL) -> None:
    fused = re.compile(rb"\bfma\.rn\.f(32|64)\b")
    plain = re.sub(r"fmaf\((.+?), (.+?), (.+?)\)", r"(\1 * \2 + \3)", source())
    assert not fused.search(compile_cuda(nvrtc, plain, OPTIONS)[2])
    assert fused.search(compile_cuda(nvrtc, source(), OPTIONS)[2])
    assert fused.search(compile_cuda(nvrtc, plain, OPTIONS[:1])[2])


def test_the_constants_of_both_languages_agree() -> None:
    written = dict(re.findall(r"constexpr int (\w+) = (\d+);", source()))
    assert int(written["REACH"]) == cuda.SSIM_REACH == blur_radius(WINDOW_SIGMA)
    assert int(written["SIDE"]) == cuda.SSIM_SIDE
    assert int(written["STRETCH"]) == cuda.STRETCH
    assert int(re.findall(r"struct BlurWeights {\s+int of\[(\d+)\];", source())[0]) == cuda.MOST_BLUR + 1
    assert blur_radius(MOST_BLUR) == cuda.MOST_BLUR
