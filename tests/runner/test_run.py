"""Order, isolation of faults, bounds and interruption of a run."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import cv2
import numpy as np
import pytest

from diffspot.errors import ExitCode, OutputError
from diffspot.model import ImagePair
from diffspot.options.settings import Layer, Settings
from diffspot.outputs.interface import Output, Outputs
from diffspot.runner.run import run
from tests.backends.opened import STAND_IN, opened
from tests.sweep import sweep

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffspot.model import PairResult, RunReport
    from diffspot.outputs.interface import Pictures


def save(path: Path, pixels: np.ndarray) -> Path:
    cv2.imwrite(str(path), pixels)
    return path


@pytest.fixture
def pairs(tmp_path: Path, rng: np.random.Generator) -> list[ImagePair]:
    """Forty pairs whose sizes, and so their times, differ; each has one patch changed."""
    made = []
    for number in range(20):
        side = int(rng.integers(30, 200))
        picture = np.full((side, side, 3), 200, np.uint8)
        reference = save(tmp_path / f"{number:02}_r.png", picture)
        picture[5:15, 8:20] = 0
        candidate = save(tmp_path / f"{number:02}_c.png", picture)
        made.append(ImagePair(f"{number:02}.png", reference, candidate))
    return made


@pytest.mark.parametrize("jobs", sweep([1, 3, 16]))
def test_results_come_in_input_order(pairs: list[ImagePair], jobs: int) -> None:
    seen: list[str] = []
    shuffled = pairs[10:] + pairs[:10]
    report = run(shuffled, Settings(), jobs=jobs, on_result=lambda r: seen.append(r.name))
    assert seen == [pair.name for pair in shuffled] == [result.name for result in report.pairs]
    assert {result.regions[0].bbox for result in report.pairs} == {(8, 5, 12, 10)}
    assert report.summary.different == 20


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


@pytest.mark.parametrize(
    ("fail_on", "codes"),
    [
        ("added,removed,renamed,different,error", [0, 1, 1, 1, 1, 2]),
        ("different,error", [0, 1, 0, 0, 0, 2]),
        ("renamed", [0, 0, 0, 0, 1, 0]),
        ("added,removed", [0, 0, 1, 1, 0, 0]),
        ("none", [0, 0, 0, 0, 0, 0]),
    ],
)
def test_fail_on_decides_what_each_status_is_worth(
    tmp_path: Path, pairs: list[ImagePair], fail_on: str, codes: list[int]
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    reference, candidate = pairs[0].reference, pairs[0].candidate
    each = {
        "same": ImagePair("same", reference, reference),
        "different": ImagePair("different", reference, candidate),
        "added": ImagePair("added", None, candidate),
        "removed": ImagePair("removed", reference, None),
        "renamed": ImagePair("renamed", reference, reference, renamed=True),
        "error": ImagePair("error", reference, broken),
    }
    settings = Settings([Layer("flag", {"fail_on": fail_on})])
    reports = [run([pair], settings) for pair in each.values()]
    assert [report.pairs[0].status for report in reports] == list(each)
    assert [report.exit_code for report in reports] == codes
    assert [getattr(report.summary, status) for report, status in zip(reports, each, strict=True)] == [1] * 6


def test_an_interrupted_run_is_trouble_whatever_counts(pairs: list[ImagePair]) -> None:
    stop = threading.Event()
    stop.set()
    assert run(pairs, Settings([Layer("flag", {"fail_on": "none"})]), stop=stop).exit_code == ExitCode.TROUBLE


def test_a_rule_may_forgive_a_pair(pairs: list[ImagePair]) -> None:
    rule = Layer("rule 1", {"fail_on": []}, ("00.png",))
    assert run(pairs[:1], Settings([rule])).exit_code == ExitCode.SAME
    assert run(pairs[:2], Settings([rule])).exit_code == ExitCode.DIFFERENT


def test_the_report_tells_what_rules_changed(tmp_path: Path, pairs: list[ImagePair]) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    rule = Layer("rule 1", {"max_regions": 1, "min_area": 2}, ("00.png", "new", "bad"))
    listed = [*pairs[:2], ImagePair("new", None, pairs[0].candidate), ImagePair("bad", pairs[0].reference, broken)]
    report = run(listed, Settings([rule]))
    assert [pair.options for pair in report.pairs] == [{"max_regions": 1}, None, {"max_regions": 1}, {"max_regions": 1}]
    assert report.options["max_regions"] == "none"
    assert [report.option(pair, "max_regions") for pair in report.pairs] == [1, "none", 1, 1]


def test_a_pair_within_budget_is_the_same_and_says_so(pairs: list[ImagePair]) -> None:
    report = run(pairs[:1], Settings([Layer("flag", {"max_diff_area": 120})]))
    (pair,) = report.pairs
    assert (pair.status, len(pair.regions), pair.notes) == ("same", 1, ("within budget: 1 region, 120 px",))
    assert report.exit_code == ExitCode.SAME


def fail(error: type[Exception]) -> Callable[..., NoReturn]:
    """A library that fails on whatever it is given."""

    def failing(*_: object, **__: object) -> NoReturn:
        raise error("of OpenCV")

    return failing


def test_a_fault_is_an_error_result_unless_debugging(pairs: list[ImagePair], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "absdiff", fail(RuntimeError))
    report = run(pairs[:2], Settings())
    assert [result.status for result in report.pairs] == ["error", "error"]
    assert "RuntimeError: of OpenCV" in (report.pairs[0].error or "")
    with pytest.raises(RuntimeError, match="of OpenCV"):
        run(pairs[:2], Settings(), debug=True)


def test_out_of_memory_is_an_error_that_names_the_way_out(
    pairs: list[ImagePair], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cv2, "absdiff", fail(MemoryError))
    report = run(pairs[:1], Settings())
    assert "--jobs 1" in (report.pairs[0].error or "")
    assert report.exit_code == ExitCode.TROUBLE


class Faulty(Output):
    """Meets a fault on every pair it draws and in the end."""

    def draw(self, result: PairResult, pictures: Pictures) -> PairResult:
        raise RuntimeError(result.name)

    def finish(self, report: RunReport) -> None:
        raise OutputError("No room.")


class Last(Output):
    """Notes that it was reached."""

    finished = False

    def finish(self, report: RunReport) -> None:
        self.finished = True


def test_what_cannot_be_written_loses_no_result_and_no_other_output(pairs: list[ImagePair]) -> None:
    outputs = Outputs([Faulty(), last := Last()])
    report = run(pairs[:2], Settings(), outputs=outputs)
    assert [result.status for result in report.pairs] == ["different", "different"]
    assert last.finished
    assert len(outputs.failures) == 3
    assert outputs.failures[0] == "No room."  # whose loss weighs more than that of the two pictures
    with pytest.raises(RuntimeError, match=r"0\d\.png"):
        run(pairs[:2], Settings(), outputs=Outputs([Faulty()]), debug=True)


def test_a_thousand_failures_are_told_in_a_few_lines() -> None:
    outputs = Outputs()
    outputs.failures = [f"{number} cannot be written." for number in range(1000)]
    assert len(outputs.told_failures) == 11
    assert outputs.told_failures[-1] == "990 more could not be written."


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


FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
CRISP = (
    "prices-a-cent-higher",
    "column-moved-1px",
    "heading-redrawn",
    "button-moved-across",
    "card-tint",
    "line-bolder",
)
"""Cases that the verdict on rendered pages decides."""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["numpy", pytest.param(STAND_IN, marks=pytest.mark.slow)])
def test_verdicts_do_not_depend_on_the_number_of_jobs(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(backend, monkeypatch)
    there = [
        ImagePair(f"{name} {again}", FIXTURES / name / "reference.png", FIXTURES / name / "candidate.png")
        for again in range(3)
        for name in CRISP
    ]
    back = [ImagePair(f"{pair.name} back", pair.candidate, pair.reference) for pair in there]
    name = "cupy" if backend == STAND_IN else backend
    # Pairs of one size are stacked where jobs meet, in other stacks each time.
    alone, *others = (run(there + back, Settings(), jobs=jobs, backend=name).pairs for jobs in (1, 2, 7))
    assert {result.status for result in alone} == {"same", "different"}
    assert any(result.forgiven for result in alone)
    assert all(other == alone for other in others)
    assert alone == run(there + back, Settings(), jobs=1).pairs
