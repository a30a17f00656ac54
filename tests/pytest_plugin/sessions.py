"""Sessions of pytest that have the plugin, and what they leave."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from diffspot.outputs.report_json import read_report
from diffspot.pytest_plugin import report as check_report  # noqa: F401  heavy imports happen once, not in every session
from tests.pictures import plain, save

if TYPE_CHECKING:
    from collections.abc import Callable

    Run = Callable[..., pytest.RunResult]

ROOT = Path(__file__).parent.parent.parent
TEST = """
def test_home(diffspot):
    diffspot.check("home.png", "home.png")
"""
NAME = "test_pages.py/home.png"


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A pytest session with the plugin, whatever else is installed."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(pytester.path)
    return lambda *arguments: pytester.runpytest_inprocess("-p", "diffspot.pytest_plugin", *arguments)


@pytest.fixture
def run_apart(pytester: pytest.Pytester, run: Run) -> Run:  # noqa: ARG001  it sets the environment
    """The same in a process of its own."""
    return lambda *arguments: pytester.runpytest_subprocess("-p", "diffspot.pytest_plugin", *arguments, timeout=120)


@pytest.fixture
def root(pytester: pytest.Pytester) -> Path:
    """A test of home.png, and a baseline that it is equal to."""
    pytester.makepyfile(test_pages=TEST)
    save(pytester.path / "home.png", plain())
    save(baseline(pytester.path, "home.png"), plain())
    return pytester.path


def baseline(root: Path, name: str) -> Path:
    return root / "baselines" / "test_pages" / name


def out_of(root: Path) -> Path:
    return root / "diffspot-report"


def found(root: Path) -> dict[str, str]:
    return {pair.name: pair.status for pair in read_report(out_of(root)).pairs}
