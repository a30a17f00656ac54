"""Order, isolation of faults, bounds and interruption of a run."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest

from diffspot.errors import ExitCode
from diffspot.model import ImagePair
from diffspot.settings import Settings
from diffspot.outputs.interface import Output
from diffspot.runner import ByteBudget, run, usable_cores

if TYPE_CHECKING:
    from pathlib import Path

    from diffspot.model import PairResult, RunReport
    from diffspot.outputs.interface import Pictures


def save(path: Path, pixels: np.ndarray) -> Path:
    cv2.imwrite(str(path), pixels)
    return path


@pytest.fixture
def pairs(tmp_path: Path, rng: np.random.Generator) -> list[ImagePair]:
    """Forty pairs whose sizes, and so their times, differ; each has one patch changed."""
    made = []
    for number in range(40):
        side = int(rng.integers(30, 200))
        picture = np.full((side, side, 3), 200, np.uint8)
        reference = save(tmp_path / f"{number:02}_r.png", picture)
        picture[5:15, 8:20] = 0
        candidate = save(tmp_path / f"{number:02}_c.png", picture)
        made.append(ImagePair(f"{number:02}.png", reference, candidate))
    return made


@pytest.mark.parametrize("jobs", [1, 3, 16])
def test_results_come_in_input_order(pairs: list[ImagePair], jobs: int) -> None:
    seen: list[str] = []
    shuffled = pairs[20:] + pairs[:20]
    report = run(shuffled, Settings(), jobs=jobs, on_result=lambda r: seen.append(r.name))
    assert seen == [pair.name for pair in shuffled] == [result.name for result in report.pairs]
    assert {result.regions[0].bbox for result in report.pairs} == {(8, 5, 12, 10)}
    assert report.summary.different == 40


def test_every_status_is_counted_and_trouble_wins(tmp_path: Path, pairs: list[ImagePair]) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    first = pairs[0]
    mixed = [
        ImagePair("same", first.reference, first.reference),
        ImagePair("different", first.reference, first.candidate),
        ImagePair("added", None, first.candidate),
        ImagePair("removed", first.reference, None),
    ]
    report = run(mixed, Settings())
    assert [result.status for result in report.pairs] == [pair.name for pair in mixed]
    assert report.exit_code == ExitCode.DIFFERENT
    report = run([*mixed, ImagePair("error", first.reference, broken)], Settings())
    assert report.summary.error == 1
    assert "broken.png" in (report.pairs[-1].error or "")
    assert report.exit_code == ExitCode.TROUBLE
    assert run(mixed[:1], Settings()).exit_code == ExitCode.SAME


class Faulty(Output):
    """Meets a fault on every pair it draws."""

    def draw(self, result: PairResult, pictures: Pictures) -> PairResult:
        raise RuntimeError(result.name)


def test_a_fault_is_an_error_result_unless_debugging(pairs: list[ImagePair]) -> None:
    report = run(pairs[:2], Settings(), outputs=[Faulty()])
    assert [result.status for result in report.pairs] == ["error", "error"]
    assert "RuntimeError: 00.png" in (report.pairs[0].error or "")
    with pytest.raises(RuntimeError, match=r"00\.png"):
        run(pairs[:2], Settings(), outputs=[Faulty()], debug=True)


class OutOfMemory(Output):
    """Runs out of memory on every pair it draws."""

    def draw(self, result: PairResult, pictures: Pictures) -> PairResult:
        raise MemoryError


def test_out_of_memory_is_an_error_that_names_the_way_out(pairs: list[ImagePair]) -> None:
    report = run(pairs[:1], Settings(), outputs=[OutOfMemory()])
    assert "--jobs 1" in (report.pairs[0].error or "")
    assert report.exit_code == ExitCode.TROUBLE


def test_a_stop_reports_what_is_done_in_order(pairs: list[ImagePair]) -> None:
    stop = threading.Event()
    seen: list[str] = []

    def stop_after_three(result: PairResult) -> None:
        seen.append(result.name)
        if len(seen) == 3:
            stop.set()

    report: RunReport = run(pairs, Settings(), jobs=2, on_result=stop_after_three, stop=stop)
    assert report.interrupted
    assert report.exit_code == ExitCode.TROUBLE
    names = [result.name for result in report.pairs]
    assert 3 <= len(names) < len(pairs)
    assert names == [pair.name for pair in pairs[: len(names)]] == seen


def test_the_report_does_not_depend_on_the_number_of_jobs(pairs: list[ImagePair]) -> None:
    assert run(pairs, Settings(), jobs=1).pairs == run(pairs, Settings(), jobs=7).pairs


def test_budget_bounds_what_is_held_and_lets_giants_in_alone() -> None:
    budget, lock = ByteBudget(10), threading.Lock()
    held, peaks = [0], []

    def work(amount: int) -> None:
        with budget.reserve(amount):
            with lock:
                held[0] += amount
                peaks.append((held[0], amount))
            time.sleep(0.002)
            with lock:
                held[0] -= amount

    threads = [threading.Thread(target=work, args=(size,)) for size in [3, 4, 5, 25, 6, 2, 30] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(peaks) == 28
    assert all(total <= 10 or total == amount for total, amount in peaks)


def test_usable_cores_respects_a_quota(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quota = tmp_path / "cpu.max"
    monkeypatch.setattr("diffspot.runner.CGROUP_QUOTA", quota)
    without = usable_cores()
    quota.write_text("100000 100000\n")
    assert usable_cores() == 1
    quota.write_text("max 100000\n")
    assert usable_cores() == without >= 1
