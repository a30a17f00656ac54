"""The GPU's benchmark runs; what it measures without a GPU says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import gpu
from benchmarks.row import Row
from benchmarks.stages import STAGES
from tests.backends.opened import GPU_FAULT, STAND_IN, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("rows", [gpu.stack_rows, gpu.map_rows])
def test_it_runs(
    rows: Callable[[gpu.Bench], Iterator[Row]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened(STAND_IN, monkeypatch)
    bench = gpu.make_bench(gpu.QUICK)
    assert bench.bandwidth > 0
    table = list(rows(bench))
    assert table
    assert all(row.ratio > 0 for row in table)
    printed = capsys.readouterr().out
    if rows is gpu.stack_rows:
        assert all(printed.count(name) == 2 for name in STAGES.values())


def test_it_prints_what_it_measures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    opened(STAND_IN, monkeypatch)
    monkeypatch.setattr("sys.argv", ["gpu", "--quick"])
    monkeypatch.setattr(gpu, "ROWS", (lambda _: iter([Row("one / other", 2.5, "at most 3")]),))
    assert gpu.main() == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("Stand-in GPU")
    assert second.split() == ["one", "/", "other", "2.50", "at", "most", "3"]


@pytest.mark.skipif(not GPU_FAULT, reason="there is a GPU")
def test_without_a_gpu_it_says_why(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["gpu"])
    assert gpu.main() == 1
    assert capsys.readouterr().err == f"{GPU_FAULT}\n"
