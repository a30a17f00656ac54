"""Cores and memory that a container allows."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from diffspot.runner.machine import usable_cores, usable_memory

if TYPE_CHECKING:
    from pathlib import Path


def test_usable_cores_respects_a_quota(tmp_path: Path) -> None:
    quota = tmp_path / "cpu.max"
    without = usable_cores(quota)
    quota.write_text("100000 100000\n")
    assert usable_cores(quota) == 1
    quota.write_text("max 100000\n")
    assert usable_cores(quota) == without >= 1


def test_usable_memory_respects_a_limit(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    without = usable_memory(limit)
    assert without > 1 << 28
    limit.write_text(f"{1 << 20}\n")
    assert usable_memory(limit) == 1 << 20
    limit.write_text("max\n")
    assert usable_memory(limit) == without


@pytest.mark.parametrize("fault", [ValueError, OSError, AttributeError])
def test_where_the_system_does_not_tell(
    fault: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> int:
        raise fault

    monkeypatch.setattr(os, "sysconf", refuse)
    assert usable_memory(tmp_path / "none") == 0
