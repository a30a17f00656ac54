"""The machine: cores and memory that this process may use, and how much of it pairs may take at a time."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")
CGROUP_MEMORY = Path("/sys/fs/cgroup/memory.max")

LEAST_IN_FLIGHT = 2 << 30
"""Bytes that the pairs worked on at a time may take on any machine; a pair that takes more runs alone."""
SHARE_IN_FLIGHT = 0.25
"""Of the memory there is: with as many cores as such machines have, large photos keep all of them busy."""

HOST_BYTES = 20
"""Of both pictures, decoded ones included, at the peak of a comparison.

Measured on two RGB pictures of 12 megapixels and 8 bits: 20 bytes where a photo is registered, 17 where only noise
differs, 11 of a page with a few edits, whatever the metric; RGBA with 16 bits takes five times as much.
"""

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""glibc's names for mallopt(3)."""
KEPT_BYTES = 1 << 30
"""Bytes of the largest block that is kept, and of what may lie unused at the heap's end: the arrays of a photo."""


def usable_cores(quota_file: Path = CGROUP_QUOTA) -> int:
    """Cores this process may use: its affinity, held down by a container's CPU quota."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        quota, period = quota_file.read_text().split()
        limit = math.ceil(int(quota) / int(period))
    except (OSError, ValueError):  # no such file, or "max"
        limit = cores or 1
    return max(1, min(cores or 1, limit))


def usable_memory(limit_file: Path = CGROUP_MEMORY) -> int:
    """Bytes of memory that this process may use: the machine's, held down by a container's limit; 0 if not known."""
    memory = 0
    with suppress(AttributeError, OSError, ValueError):  # where the system does not tell
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):  # no such file, or "max"
        memory = min(memory, int(limit_file.read_text()))
    return max(0, memory)


def bytes_in_flight(memory: int) -> int:
    """Bytes that the pairs worked on at a time may take of so many; see `usable_memory`."""
    return max(LEAST_IN_FLIGHT, int(SHARE_IN_FLIGHT * memory))


def work_bytes(sizes: Sequence[tuple[int, int]]) -> int:
    """Bytes that the comparison of pictures of these sizes, (width, height) in px, takes at its peak."""
    return sum(width * height for width, height in sizes) * HOST_BYTES


def keep_freed() -> None:
    """Lets the C library keep what arrays leave behind for the next ones, where it is glibc.

    By default it hands large blocks back to the system at once, and every new array is paid for in page faults: a
    seventh of the time that a directory of pages takes. A thread's own arena hands back all of its heaps, whatever the
    threshold, so there is one arena for all. It is for processes of our own, not for a caller's.
    """
    import ctypes  # noqa: PLC0415  NumPy needs it, too, and later

    with suppress(OSError, AttributeError, TypeError):
        library = ctypes.CDLL(None)
        for parameter, value in ((M_MMAP_THRESHOLD, KEPT_BYTES), (M_TRIM_THRESHOLD, KEPT_BYTES), (M_ARENA_MAX, 1)):
            library.mallopt(parameter, value)
