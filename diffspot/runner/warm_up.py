"""Gets a backend ready before the first pair, and tells whether it works: by comparing a tiny pair on it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from diffspot.backends import get_backend
from diffspot.errors import BackendError, DiffspotError
from diffspot.model import Image
from diffspot.options.options import make_options
from diffspot.pipeline.compare import compare_images

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffspot.backends.interface import Backend
    from diffspot.model import Box

MOMENT = 1.0
"""Seconds after which silence looks like a fault."""
COMPILING = "compiling GPU kernels, once; later runs find them in CuPy's cache"
COMPILED = ("absdiff", "ssim")
"""Metrics that between them use every kernel."""
PLANTED = (20, 14, 24, 16)
"""The box, [x, y, w, h], in which the tiny pair differs."""


def warm_up(name: str, say: Callable[[str], None], moment: float = MOMENT) -> None:
    """Has the backend of that name compile what it needs.

    Args:
        name: a key of `BACKENDS`.
        say: called with a message where compiling kernels takes longer than `moment`.
        moment: seconds.

    Raises:
        BackendError: the backend does not work here.
    """
    timer = threading.Timer(moment, say, [COMPILING])
    timer.daemon = True
    timer.start()
    try:
        check_backend(name)
    finally:
        timer.cancel()


def check_backend(name: str) -> Backend:
    """The backend of that name, once it has compared the tiny pair.

    Raises:
        BackendError: it does not work here.
    """
    backend = get_backend(name)
    try:
        found = [_found(metric, backend) for metric in COMPILED]
    except DiffspotError:
        raise
    except Exception as error:  # whatever an installation raises that is broken in its own way
        raise BackendError(
            f"--backend {name} fails at a test pair ({type(error).__name__}: {error}); use another."
        ) from error
    wrong = [boxes for boxes in found if boxes != [PLANTED]]
    if wrong:
        raise BackendError(f"--backend {name} finds {wrong[0]} in a test pair instead of {[PLANTED]}; use another.")
    return backend


def _found(metric: str, backend: Backend) -> list[Box]:
    """The boxes in which the tiny pair differs, by a metric."""
    options = make_options({"metric": metric})
    return [region.bbox for region in compare_images(*_tiny_pair(), options, backend).regions]


def _tiny_pair() -> tuple[Image, Image]:
    """A gradient, and the same with the planted box inverted, (48, 64, 3) uint8."""
    x, y, w, h = PLANTED
    gradient = np.add.outer(np.arange(48), np.arange(64)).astype(np.uint8)[..., None] + np.array([0, 9, 30], np.uint8)
    changed = gradient.copy()
    changed[y : y + h, x : x + w] ^= 255
    return Image(gradient), Image(changed)
