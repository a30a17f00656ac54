"""Fixtures that many tests share."""

from __future__ import annotations

import gc
import os
import re
import signal
from typing import TYPE_CHECKING

# As in a process of the command; NumPy reads it when it is imported. Threads that wait for each other on matrices as
# small as ours took a third of the suite's time.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import pytest

from tests.backends.opened import FAST, opened
from tests.pictures import changed, plain, save

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path

    from diffspot.backends.interface import Backend


if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # As where a script put the suite into the background. Processes inherit it, and diffspot would go on to ignore it.
    signal.signal(signal.SIGINT, signal.default_int_handler)

gc.set_threshold(100_000)  # what is imported stays; searching it again and again took an eighth of the time

# A machine with a GPU need not have the libraries of the other tests.
MISSING = re.compile(r"No module named '(?!diffspot|tests|benchmarks).*")


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Skips a file that imports a missing library under `-m gpu`: only GPU tests decide the exit code."""
    report = yield
    missing = MISSING.search(str(report.longrepr))
    if report.failed and missing and collector.config.getoption("markexpr") == "gpu":
        report.outcome, report.longrepr = "skipped", (str(collector.path), 1, f"Skipped: {missing[0]}")
    return report


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Skips a GPU test that needs a missing library: SciPy for the reference, scikit-image for a photo."""
    try:
        return (yield)
    except ModuleNotFoundError as error:
        if item.get_closest_marker("gpu") and MISSING.match(str(error)):
            pytest.skip(str(error))
        raise


@pytest.fixture(params=["reference", *FAST])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Backend:
    """Every backend, the reference body first."""
    return opened(request.param, monkeypatch)


@pytest.fixture(autouse=True)
def _not_in_github_actions(monkeypatch: pytest.MonkeyPatch) -> None:
    """The suite runs the same wherever it runs."""
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """Two directories: one same, one different, one removed, one added picture."""
    reference, candidate = tmp_path / "reference", tmp_path / "candidate"
    for folder in (reference, candidate):
        save(folder / "same.png", plain())
    save(reference / "deep" / "differs.png", plain())
    save(candidate / "deep" / "differs.png", changed())
    save(reference / "old.png", plain())
    save(candidate / "new.png", changed())
    return reference, candidate


@pytest.fixture
def pairs_a_part(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets how many pairs a part of the page lists: 10,000 are too many for a test."""
    return lambda most: monkeypatch.setattr("diffspot.outputs.html.parts.MOST_LISTED", most)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20260101)
