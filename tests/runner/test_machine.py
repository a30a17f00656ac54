"""Cores and memory that a container allows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diffspot.runner import machine
from diffspot.runner.machine import usable_cores, usable_memory

if TYPE_CHECKING:
    from pathlib import Path


def test_usable_cores_respects_a_quota(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quota = tmp_path / "cpu.max"
    monkeypatch.setattr(machine, "CGROUP_QUOTA", quota)
    without = usable_cores()
    quota.write_text("100000 100000\n")
    assert usable_cores() == 1
    quota.write_text("max 100000\n")
    assert usable_cores() == without >= 1


def test_usable_memory_respects_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(machine, "CGROUP_MEMORY", limit)
    without = usable_memory()
    assert without > 1 << 28
    limit.write_text(f"{1 << 20}\n")
    assert usable_memory() == 1 << 20
    limit.write_text("max\n")
    assert usable_memory() == without


@pytest.mark.parametrize("fault", [ValueError, OSError, AttributeError])
def test_where_the_system_does_not_tell(
    fault: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> int:
        raise fault

    monkeypatch.setattr(machine, "CGROUP_MEMORY", tmp_path / "none")
    monkeypatch.setattr(machine.os, "sysconf", refuse)
    assert usable_memory() == 0
