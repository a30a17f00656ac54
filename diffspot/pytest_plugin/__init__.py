"""The pytest plugin: options, the fixture `diffspot`, and one report of what all its checks found.

Every pytest run imports this file, so it imports nothing heavy: `checks.py` compares, `check_report.py` writes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from diffspot.pytest_plugin.checks import Checker, Checks

DEFAULT_OUT = "diffspot-report"
"""Below rootdir, and not hidden: CI servers leave hidden folders out of what they keep."""

_CHECKS = pytest.StashKey["Checks"]()
_LINES = pytest.StashKey[list[bytes]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the plugin's options."""
    group = parser.getgroup("diffspot")
    group.addoption(
        "--diffspot-update",
        action="store_true",
        help="Write the baselines that are missing or differ, and let their checks pass.",
    )
    group.addoption(
        "--diffspot-out",
        metavar="DIRECTORY",
        help=f"Where report.json, index.html and pictures go if a check fails [default: {DEFAULT_OUT} in rootdir].",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Collects what the checks found, in the one process that hears of every test."""
    if not hasattr(config, "workerinput"):  # set in pytest-xdist's workers
        config.pluginmanager.register(_Collector(config), "diffspot-collector")


@pytest.fixture
def diffspot(request: pytest.FixtureRequest) -> Checker:
    """Compares pictures with the baselines beside the test: `diffspot.check(picture, "name.png")`."""
    from diffspot.pytest_plugin.checks import Checker  # noqa: PLC0415  no test run pays for what it does not use

    item = request.node
    return Checker(_checks(request.config), item.path, item.nodeid, item.stash.setdefault(_LINES, []).append)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Sends what a test's checks found along with its report, which pytest-xdist brings to the controller."""
    report = yield
    lines = item.stash.get(_LINES, [])
    if lines:
        report.diffspot = [line.decode() for line in lines]  # type: ignore[attr-defined]
        lines.clear()
    return report


class _Collector:
    """Takes in what the checks of all processes found and writes one report in the end."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._started = datetime.now(UTC)
        self._lines: list[str] = []
        self._said: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._lines += getattr(report, "diffspot", [])

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if not self._lines:
            return
        from diffspot.pytest_plugin.report import finish_checks  # noqa: PLC0415

        checks = _checks(self._config)
        interrupted = exitstatus == pytest.ExitCode.INTERRUPTED
        self._said, well = finish_checks(self._lines, checks, started=self._started, interrupted=interrupted)
        if not well and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._said:
            from diffspot.model import one_line  # noqa: PLC0415

            terminalreporter.section("diffspot")
            for line in self._said:
                terminalreporter.line(one_line(line))


def _checks(config: pytest.Config) -> Checks:
    """What all checks of this process share, made when the first of them asks."""
    from diffspot.pytest_plugin.checks import Checks  # noqa: PLC0415

    if _CHECKS not in config.stash:
        start, given = config.invocation_params.dir, config.getoption("diffspot_out")
        out = start / given if given else config.rootpath / DEFAULT_OUT
        config.stash[_CHECKS] = Checks(config.rootpath, start, out, update=config.getoption("diffspot_update"))
    return config.stash[_CHECKS]
