"""Array backends: the same pipeline on NumPy with OpenCV, or on a GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffspot.backends.interface import Backend

BACKENDS = {"numpy": "NumpyBackend"}
"""Backend name -> class in the module of that name; imported when asked for."""


def get_backend(name: str) -> Backend:
    """The backend of that name, a key of `BACKENDS`."""
    from importlib import import_module  # noqa: PLC0415

    backend: Backend = getattr(import_module(f"diffspot.backends.{name}"), BACKENDS[name])()
    return backend
