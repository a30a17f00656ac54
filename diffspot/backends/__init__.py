"""Array backends: the same pipeline on NumPy with OpenCV, or on a GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffspot.errors import OptionError
from diffspot.model import BackendUsed

if TYPE_CHECKING:
    from diffspot.backends.interface import Backend

BACKENDS = {"numpy": "NumpyBackend", "cupy": "CupyBackend"}
"""Backend name -> class in the module of that name; imported when asked for."""
AUTO = "auto"
CPU = "numpy"
"""What `auto` stands for, until measurements say where a GPU pays."""
PAIRS_PER_CORE = 2
"""Pairs for each core beside a GPU: one is read, decoded and registered while another is on the device."""


def get_backend(name: str) -> Backend:
    """The backend of that name, a key of `BACKENDS`.

    Raises:
        BackendError: it does not work here.
    """
    from importlib import import_module  # noqa: PLC0415

    kind: type[Backend] = getattr(import_module(f"diffspot.backends.{name}"), BACKENDS[name])
    return kind()


def read_backend(given: str | None) -> str:
    """The name of the backend to use, a key of `BACKENDS`; None is auto.

    Raises:
        OptionError: there is none of that name.
    """
    if given in (None, AUTO):
        return CPU
    if given not in BACKENDS:
        raise OptionError(f"--backend cannot be {given!r}: expected {'|'.join((AUTO, *BACKENDS))}.")
    return given


def describe_backend(name: str) -> BackendUsed:
    """The name and device of the backend, as reports hold them.

    Raises:
        BackendError: it does not work here.
    """
    return BackendUsed() if name == CPU else BackendUsed(name=name, device=get_backend(name).device)


def pairs_at_a_time(name: str, cores: int) -> int:
    """How many pairs to work on at a time with so many cores."""
    return cores if name == CPU else PAIRS_PER_CORE * cores
