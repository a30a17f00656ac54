"""NVIDIA's run-time compiler, which needs no GPU, by way of ctypes."""

from __future__ import annotations

import ctypes
from importlib.util import find_spec
from pathlib import Path


def library() -> ctypes.CDLL | None:
    """The compiler of the PyPI package, or None where it cannot be loaded."""
    spec = find_spec("nvidia")
    folders = [Path(place) / "cuda_nvrtc" for place in (spec.submodule_search_locations or () if spec else ())]
    for file in (file for folder in folders for file in sorted(folder.glob("*/*nvrtc*"))):
        if "builtins" not in file.name and ".alt." not in file.name:
            try:
                return ctypes.CDLL(str(file))
            except OSError:
                continue
    return None


def compile_cuda(nvrtc: ctypes.CDLL, source: str, options: tuple[str, ...]) -> tuple[int, str, bytes]:
    """The compiler's verdict, 0 where all is well, its messages, and the PTX."""
    program = ctypes.c_void_p()
    assert nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernels.cu", 0, None, None) == 0
    given = (ctypes.c_char_p * len(options))(*(option.encode() for option in options))
    verdict = int(nvrtc.nvrtcCompileProgram(program, len(options), given))
    log = _text(nvrtc.nvrtcGetProgramLogSize, nvrtc.nvrtcGetProgramLog, program).decode()
    ptx = b"" if verdict else _text(nvrtc.nvrtcGetPTXSize, nvrtc.nvrtcGetPTX, program)
    nvrtc.nvrtcDestroyProgram(ctypes.byref(program))
    return verdict, log.rstrip("\0"), ptx.rstrip(b"\0")


def _text(measure: object, read: object, program: ctypes.c_void_p) -> bytes:
    size = ctypes.c_size_t()
    assert measure(program, ctypes.byref(size)) == 0  # type: ignore[operator]
    text = ctypes.create_string_buffer(size.value)
    assert read(program, text) == 0  # type: ignore[operator]
    return text.raw
