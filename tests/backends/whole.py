"""The default backend without its windows: it works out all of every picture, in one piece."""

from __future__ import annotations

from diffspot.backends.numpy import NumpyBackend


class WholeBackend(NumpyBackend):
    """The same kernels, on whole pictures."""

    windowed = False
