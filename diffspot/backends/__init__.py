"""Array backends: the same pipeline on NumPy with OpenCV, or on a GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffspot.backends.interface import Backend

BACKENDS = {"numpy": "NumpyBackend", "cupy": "CupyBackend"}
"""Backend name -> class in the module of that name; imported when asked for."""
AUTO = "numpy"
"""The backend that `auto` stands for. Pair by pair the way to a GPU and back costs more than the GPU saves."""


def backend_class(name: str) -> type[Backend]:
    """The class of the backend of that name, a key of `BACKENDS`; it may not work here."""
    from importlib import import_module  # noqa: PLC0415

    kind: type[Backend] = getattr(import_module(f"diffspot.backends.{name}"), BACKENDS[name])
    return kind


def get_backend(name: str) -> Backend:
    """The backend of that name, a key of `BACKENDS`.

    Raises:
        BackendError: it does not work here.
    """
    return backend_class(name)()
