"""Memory: how much a comparison takes, how much pairs may take at a time, and which pairs are refused."""

from __future__ import annotations

import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from diffspot.backends.limit import ByteLimit
from diffspot.backends.machine import memory_left
from diffspot.errors import ImageReadError
from diffspot.options.options import measured
from diffspot.options.types import in_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from diffspot.image_io.interface import Size
    from diffspot.options.options import Options

COMPARED_BYTES = {(1, 1): 22, (2, 1): 24, (3, 1): 27, (4, 1): 38, (1, 2): 34, (2, 2): 40, (3, 2): 50, (4, 2): 67}
"""A pixel of both pictures, by channels and bytes a sample: what comparing them takes at its peak, decoding and
drawing included.

The most of what `python -m benchmarks.memory` measured at 12 megapixels, which is two unlike pictures; of a photograph
that moved it is two thirds, of a page with edits a quarter.
"""
WHOLE_BYTES = 200
"""A pixel of the reference: what metrics, filters and measures that work on the whole picture take beside, in float64.
The most is that of `--score gradient` and of `--tile-match pearson`, measured on photos of 3 megapixels."""
WHOLE_METRICS = frozenset({"ms-ssim", "tiles", "lpips"})
OWN_BYTES = 150 << 20
"""What diffspot takes beside the pixels."""
SHARE_OF_MEMORY = 0.9
"""Share of the memory that is left, for all pairs; other processes may need some."""
LEAST_IN_FLIGHT = 2 << 30
"""Bytes that the pairs worked on at a time may take, if they are left; a pair that takes more runs alone."""
SHARE_IN_FLIGHT = 0.25
"""Share of the memory that is left, for the pairs worked on at a time: with as many cores as machines with much memory
have, large photos keep all of them busy."""
SHARE_SET_ASIDE = 0.25
"""Share of what pairs may take at a time, for shared pictures: a golden of 100 megapixels on a machine with 32 GB."""
ROOMY = 4 << 30
"""Bytes left from which on freed memory may be kept."""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""glibc's names for mallopt(3)."""
KEPT_BYTES = 1 << 30
"""Bytes of the largest block that is kept, and of what may lie unused at the heap's end: the arrays of a photo."""


def compared_bytes(reference: Size, candidate: Size) -> int:
    """Bytes that comparing pictures of these sizes takes at its peak."""
    channels = min(4, max(1, reference.channels, candidate.channels))  # a damaged header may say none
    sample_bytes = max(reference.sample_bytes, candidate.sample_bytes)
    compared = (reference.pixels + candidate.pixels) * COMPARED_BYTES[channels, sample_bytes]
    return max(compared, reference.decoding_bytes + candidate.decoding_bytes)  # a TIFF may have a thousand channels


def whole_bytes(reference: Size, options: Options) -> int:
    """Bytes that options take beside which have a picture of that size worked on as a whole."""
    whole = options.metric in WHOLE_METRICS or options.score == "gradient" or options.normalize == "stretch"
    return reference.pixels * WHOLE_BYTES if whole or options.filter != "none" or measured(options) else 0


class Memory:
    """The memory that pairs may take, all of them together.

    Args:
        most: the value of the option `max_memory`.
        left: tells how many bytes there are left, None where nothing does; `auto` asks.
    """

    def __init__(self, most: int | str, left: Callable[[], int | None] = memory_left) -> None:
        self._given = most != "auto"
        at_hand = None if self._given else left()
        if self._given:
            self.most = in_flight = in_bytes(most)
        elif at_hand is None:  # where nothing tells, no pair is refused
            self.most, in_flight = sys.maxsize, LEAST_IN_FLIGHT
        else:
            self.most = max(0, int(SHARE_OF_MEMORY * at_hand) - OWN_BYTES)
            in_flight = min(self.most, max(LEAST_IN_FLIGHT, int(SHARE_IN_FLIGHT * self.most)))
        self._limit = ByteLimit(in_flight)

    def set_aside(self) -> int:
        """The bytes that pictures may hold which several pairs share; pairs have so much less."""
        aside = int(SHARE_SET_ASIDE * self._limit.most)
        self._limit.most -= aside
        return aside

    @contextmanager
    def reserve(self, amount: int, what: str) -> Iterator[None]:
        """Waits until `amount` bytes fit, holds them for the block.

        Args:
            amount: bytes.
            what: the pair or the picture that needs them, for the message.

        Raises:
            ImageReadError: it is more than there ever is.
        """
        if amount > self.most:
            where = "that --max-memory allows" if self._given else "of memory at hand"
            raise ImageReadError(
                f"{what} may need {_readable(amount)}, more than the {_readable(self.most)} {where}; "
                "cut the pictures into parts or raise --max-memory."
            )
        with self._limit.reserve(amount):
            yield


def _readable(amount: int) -> str:
    """Bytes as people write them."""
    if amount >= 10**9:
        return f"{amount / 1e9:.1f} GB"
    return f"{amount / 1e6:.0f} MB" if amount >= 10**6 else f"{amount / 1e3:.0f} kB"


def keep_freed(left: int | None) -> None:
    """Lets the C library keep what arrays leave behind for the next ones, where it is glibc and memory is not short.

    By default it hands large blocks back to the system at once, and every new array is paid for in page faults: a
    seventh of the time that a directory of pages takes. A thread's own arena hands back all of its heaps, whatever the
    threshold, so there is one arena for all. It is for processes of our own, not for a caller's.

    Args:
        left: bytes that the process may still take; None where nothing tells.
    """
    if (left or 0) < ROOMY:
        return
    import ctypes  # noqa: PLC0415  NumPy needs it, too, and later

    with suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(None)
        for parameter, value in ((M_MMAP_THRESHOLD, KEPT_BYTES), (M_TRIM_THRESHOLD, KEPT_BYTES), (M_ARENA_MAX, 1)):
            library.mallopt(parameter, value)
