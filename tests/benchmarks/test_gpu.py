"""The GPU's benchmark runs; what it measures without a GPU says nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from benchmarks import gpu
from benchmarks.stages import STAGES
from tests.backends.opened import GPU_FAULT, STAND_IN, opened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.row import Row

pytestmark = pytest.mark.slow


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> gpu.Bench:
    opened(STAND_IN, monkeypatch)
    return gpu.make_bench(gpu.QUICK)


@pytest.mark.parametrize("part", [gpu.stack_rows, gpu.map_row])
def test_ratios(part: Callable[[gpu.Bench, str, str], Iterator[Row]], bench: gpu.Bench) -> None:
    assert bench.bandwidth > 0
    rows = list(part(bench, "small", "at most 3"))
    assert all(row.ratio > 0 for row in rows)
    assert rows[0].target == "at most 3"


def test_every_stage_is_in_the_table(bench: gpu.Bench) -> None:
    heading, *lines = gpu.stage_table(bench, "small", "ssim")
    assert "small, ssim" in heading
    assert [line[2:28].strip() for line in lines] == list(STAGES.values())


def test_what_matters_comes_first_and_nothing_begins_after_the_limit(
    bench: gpu.Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = [getattr(part, "func", part) for part in gpu.measured(gpu.FULL)]
    assert parts[:3] == [gpu.stack_rows, gpu.map_row, gpu.directory_rows]
    assert set(parts[5:]) == {gpu.stage_table}
    gpu.print_all(bench, limit=0)
    assert capsys.readouterr().out == "9 of 9 parts left out: this machine took 0 s for the others\n"


@pytest.mark.skipif(not GPU_FAULT, reason="there is a GPU")
def test_without_a_gpu_it_says_why(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("sys.argv", ["gpu"])
    assert gpu.main() == 1
    assert capsys.readouterr().err == f"{GPU_FAULT}\n"
