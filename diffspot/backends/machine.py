"""The machine: the cores and the memory that this process may use, which a control group may limit.

A container's limit stands in its own control group or in one above it, of version 1 or 2.
"""

from __future__ import annotations

import math
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

CORES, MEMORY = "cpu", "memory"
"""Controllers."""
MEMORY_FILES = (
    ("memory.max", "memory.current", "inactive_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)
"""Files of a control group, version 2 and 1: its limit, what it uses, and the part of that in `memory.stat` that the
system takes back where memory is short."""


def usable_cores(root: Path = Path("/")) -> int:
    """Cores this process may use: its affinity, limited by the CPU quota of a control group.

    Args:
        root: where `proc` and `sys` lie.
    """
    cores = (len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()) or 1
    return max(1, int(min([cores, *map(_quota, _control_groups(CORES, root))])))


def memory_left(root: Path = Path("/")) -> int | None:
    """Bytes of memory that this process may still take; None where nothing tells.

    That is the least of what the machine has available, what the limits of its control groups leave, and what a limit
    on its address space leaves.

    Args:
        root: where `proc` and `sys` lie.
    """
    groups = [_left(group, *names) for group in _control_groups(MEMORY, root) for names in MEMORY_FILES]
    known = [amount for amount in (_available(root), _address_space(root), *groups) if amount is not None]
    return max(0, min(known)) if known else None


def _quota(group: Path) -> float:
    """Cores that a control group allows."""
    with suppress(OSError, ValueError):  # no such file, or "max"
        quota, period = (group / "cpu.max").read_text().split()
        return math.ceil(int(quota) / int(period))
    with suppress(OSError, ValueError):
        allowed = int((group / "cpu.cfs_quota_us").read_text())
        return math.ceil(allowed / int((group / "cpu.cfs_period_us").read_text())) if allowed > 0 else math.inf
    return math.inf


def _available(root: Path) -> int | None:
    """Bytes that the machine has available; where it does not say, all that it has."""
    with suppress(OSError, ValueError, IndexError):
        _, _, rest = (root / "proc/meminfo").read_text().partition("MemAvailable:")
        return int(rest.split()[0]) * 1024
    with suppress(AttributeError, OSError, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return None


def _address_space(root: Path) -> int | None:
    """Bytes that `ulimit -v` leaves."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415  not on every system

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        pages = int((root / "proc/self/statm").read_text().split()[0])
        return None if limit == resource.RLIM_INFINITY else limit - pages * resource.getpagesize()
    return None


def _left(group: Path, limit: str, usage: str, reclaimable: str) -> int | None:
    """Bytes that the limit of a control group leaves; None without one."""
    with suppress(OSError, ValueError):  # no such file, or "max"
        most, used = int((group / limit).read_text()), int((group / usage).read_text())
        statistics = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        return most - used + int(statistics.get(reclaimable, 0))
    return None


def _control_groups(controller: str, root: Path) -> Iterator[Path]:
    """Yield the folders of this process's control groups of a controller, and of those above them."""
    with suppress(OSError, ValueError):
        mounts = dict(_mounts(controller, root))
        for line in (root / "proc/self/cgroup").read_text().splitlines():
            _, controllers, path = line.split(":", 2)
            for name in {*controllers.split(",")} & {*mounts}:
                source, place = mounts[name]
                top = root / place.strip("/")
                # In a container the file system may show but a part of the tree, from `source` on.
                folder = top / path.removeprefix(source.rstrip("/")).strip("/")
                yield from (group for group in (folder, *folder.parents) if group.is_relative_to(top))


def _mounts(controller: str, root: Path) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield what of the tree of control groups is mounted, and where: by controller, by "" of version 2."""
    for line in (root / "proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        kind, _, options = after.split(" ", 2)
        source, place = before.split()[3:5]
        if kind == "cgroup2":
            yield "", (source, place)
        elif kind == "cgroup" and controller in options.split(","):
            yield controller, (source, place)
