"""Backends for tests: those that work here, CuPy's on its stand-in, and CuPy's own where there is a GPU."""

from __future__ import annotations

import warnings

import pytest

from diffspot.backends import BACKENDS, get_backend
from diffspot.backends.interface import Backend
from diffspot.errors import BackendError
from tests.backends import host, strict


def _fault(name: str) -> str:
    """Why the backend of that name does not work here, or nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of a library that CuPy does not find and may not need
            get_backend(name)
    except BackendError as error:
        return str(error)
    return ""


GPU_FAULT = _fault("cupy")
STAND_IN = "stand-in"
WORKING = [
    pytest.param(name, marks=pytest.mark.gpu) if name == "cupy" else pytest.param(name)
    for name in BACKENDS
    if name != "cupy" or not GPU_FAULT
]
"""Every backend that works here."""
FAST = [STAND_IN, *WORKING]
"""Every backend but the reference body, for `opened`."""
WHOLE = [pytest.param(STAND_IN, marks=pytest.mark.slow), *(one for one in WORKING if "numpy" not in one.values)]
"""Those whose whole comparisons are held to NumPy's; the stand-in runs its threads one after the other."""


def opened(name: str, monkeypatch: pytest.MonkeyPatch) -> Backend:
    """The backend of that name; on the stand-in it needs a C++ compiler."""
    if name == "reference":
        return Backend()
    if name == STAND_IN:
        if not host.COMPILER:
            pytest.skip("no C++ compiler to run CUDA kernels on the processor with")
        strict.install(monkeypatch)
    return get_backend("cupy" if name == STAND_IN else name)
