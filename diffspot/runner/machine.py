"""What of the machine this process may use."""

from __future__ import annotations

import math
import os
from contextlib import suppress
from pathlib import Path

CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")
CGROUP_MEMORY = Path("/sys/fs/cgroup/memory.max")


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
