"""Memory: how much a comparison takes, and how much of the machine's pairs may take at a time."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from diffspot.runner.machine import usable_memory

if TYPE_CHECKING:
    from collections.abc import Sequence

    from diffspot.image_io.interface import Size

LEAST_IN_FLIGHT = 2 << 30
"""Bytes that the pairs worked on at a time may take on any machine; a pair that takes more runs alone."""
SHARE_IN_FLIGHT = 0.25
"""Of the memory there is: with as many cores as such machines have, large photos keep all of them busy."""

BYTES_PER_PIXEL = 20
"""Of both pictures, decoded ones included, at the peak of a comparison.

Measured on two RGB pictures of 12 megapixels and 8 bits: 20 bytes where a photo is registered, 17 where only noise
differs, 11 of a page with a few edits, whatever the metric; RGBA with 16 bits takes five times as much.
"""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""glibc's names for mallopt(3)."""
LARGE_BLOCK = 64 << 20
"""Bytes from which on a block is handed back when it is freed: few of them are needed, and their sum is the peak."""
KEPT_BYTES = 256 << 20
"""Bytes that may lie unused at an arena's end."""


def bytes_in_flight() -> int:
    """Bytes that the pairs worked on at a time may take here."""
    return max(LEAST_IN_FLIGHT, int(SHARE_IN_FLIGHT * usable_memory()))


def work_bytes(sizes: Sequence[Size]) -> int:
    """Bytes that the comparison of pictures of these sizes takes at its peak."""
    return sum(size.pixels for size in sizes) * BYTES_PER_PIXEL


def keep_freed() -> None:
    """Lets the C library keep what arrays leave behind for the next ones, where it is glibc.

    By default it hands large blocks back to the system at once, and every new array is paid for in page faults: a
    seventh of the time that a directory of pages takes. It is for processes of our own, not for a caller's.
    """
    import ctypes  # noqa: PLC0415  NumPy has imported it by then

    with suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(None)
        for parameter, value in ((M_MMAP_THRESHOLD, LARGE_BLOCK), (M_TRIM_THRESHOLD, KEPT_BYTES)):
            library.mallopt(parameter, value)
