"""Cores and memory that a machine, its control groups and `ulimit` leave."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from diffspot.backends.machine import memory_left, usable_cores

if TYPE_CHECKING:
    from pathlib import Path

GIB = 1 << 30
V1 = {"memory": "4", "cpu": "5"}


def machine(root: Path, *, groups: dict[str, dict[str, str]], cgroup: str, mounts: str, available: int = 64) -> Path:
    """A file system with what Linux tells: `available` GiB, and the files of control groups by folder."""
    files = {
        "proc/meminfo": f"MemTotal: 99 kB\nMemAvailable:   {available << 20} kB\n",
        "proc/self/cgroup": cgroup,
        "proc/self/mountinfo": mounts,
    }
    files |= {f"{folder}/{name}": text for folder, texts in groups.items() for name, text in texts.items()}
    for place, text in files.items():
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_text(text)
    return root


def second(most: str, used: int = 0, inactive: int = 0) -> dict[str, str]:
    return {
        "memory.max": f"{most}\n",
        "memory.current": f"{used}\n",
        "memory.stat": f"anon 5\ninactive_file {inactive}\n",
    }


def first(most: int, used: int = 0, inactive: int = 0) -> dict[str, str]:
    return {
        "memory.limit_in_bytes": f"{most}\n",
        "memory.usage_in_bytes": f"{used}\n",
        "memory.stat": f"cache 1\ninactive_file 7\ntotal_inactive_file {inactive}\n",
    }


UNIFIED = "24 1 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n"
LEGACY = (
    "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n"
    "35 31 0:32 {source} /sys/fs/cgroup/memory rw shared:1 - cgroup cgroup rw,memory\n"
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
)
TOP = "sys/fs/cgroup"
NESTED = "0::/user.slice/job-7\n"
CASES = {
    "no control group": ({}, "", "", 64 * GIB),
    "version 2, its own": ({f"{TOP}/user.slice/job-7": second(str(2 * GIB))}, NESTED, UNIFIED, 2 * GIB),
    "version 2, above it": (
        {f"{TOP}/user.slice": second(str(3 * GIB), GIB), f"{TOP}/user.slice/job-7": second("max")},
        NESTED,
        UNIFIED,
        2 * GIB,
    ),
    "version 2, in a container": ({TOP: second(str(2 * GIB), GIB, GIB // 2)}, "0::/\n", UNIFIED, 3 * GIB // 2),
    "version 1, nested": (
        {f"{TOP}/memory/a/b": first(1 << 63), f"{TOP}/memory/a": first(GIB, GIB // 2)},
        "9:name=systemd:/\n4:memory:/a/b\n0::/\n",
        LEGACY.format(source="/"),
        GIB // 2,
    ),
    "version 1, in a container that shows a part": (
        {f"{TOP}/memory": first(GIB, GIB // 4, GIB // 4)},
        "4:memory:/docker/0123\n",
        LEGACY.format(source="/docker/0123"),
        GIB,
    ),
    "version 1, of another tree": (
        {f"{TOP}/memory": first(2 * GIB)},
        "4:memory:/docker/0123\n",
        LEGACY.format(source="/"),
        2 * GIB,
    ),
    "more used than allowed": ({TOP: second(str(GIB), 2 * GIB)}, "0::/\n", UNIFIED, 0),
    "nonsense": ({TOP: {"memory.max": "much"}}, "0\n", "x", 64 * GIB),
}


@pytest.mark.parametrize(("groups", "cgroup", "mounts", "left"), CASES.values(), ids=CASES)
def test_memory_left(tmp_path: Path, groups: dict[str, dict[str, str]], cgroup: str, mounts: str, left: int) -> None:
    assert memory_left(machine(tmp_path, groups=groups, cgroup=cgroup, mounts=mounts)) == left


def test_the_machine_itself_may_have_least(tmp_path: Path) -> None:
    root = machine(tmp_path, groups={TOP: second(str(9 * GIB))}, cgroup="0::/\n", mounts=UNIFIED, available=5)
    assert memory_left(root) == 5 * GIB


def test_a_limit_on_the_address_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    root = machine(tmp_path, groups={}, cgroup="", mounts="")
    (root / "proc/self/statm").write_text("1000 1 1 1 0 1 0\n")
    monkeypatch.setattr(resource, "getrlimit", lambda _: (GIB, GIB))
    assert memory_left(root) == GIB - 1000 * resource.getpagesize()


def test_where_the_system_tells_only_how_much_there_is(tmp_path: Path) -> None:
    assert memory_left(tmp_path) == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def test_where_the_system_does_not_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sysconf")
    assert memory_left(tmp_path) is None


def test_here_something_is_left() -> None:
    assert (memory_left() or 0) > 1 << 27


QUOTAS = {
    "version 2": ({f"{TOP}/user.slice": {"cpu.max": "100000 100000\n"}}, NESTED, UNIFIED, 1),
    "version 1": (
        {f"{TOP}/cpu,cpuacct/a": {"cpu.cfs_quota_us": "50000\n", "cpu.cfs_period_us": "100000\n"}},
        "3:cpu,cpuacct:/a\n",
        LEGACY.format(source="/"),
        1,
    ),
    "version 1, none": (
        {f"{TOP}/cpu,cpuacct/a": {"cpu.cfs_quota_us": "-1\n", "cpu.cfs_period_us": "100000\n"}},
        "3:cpu,cpuacct:/a\n",
        LEGACY.format(source="/"),
        None,
    ),
    "version 2, none": ({TOP: {"cpu.max": "max 100000\n"}}, "0::/\n", UNIFIED, None),
    "no control group": ({}, "", "", None),
}


@pytest.mark.parametrize(("groups", "cgroup", "mounts", "cores"), QUOTAS.values(), ids=QUOTAS)
def test_usable_cores(
    tmp_path: Path, groups: dict[str, dict[str, str]], cgroup: str, mounts: str, cores: int | None
) -> None:
    root = machine(tmp_path, groups=groups, cgroup=cgroup, mounts=mounts)
    assert usable_cores(root) == (cores or len(os.sched_getaffinity(0)))
